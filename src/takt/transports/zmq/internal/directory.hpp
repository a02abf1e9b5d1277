#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "takt/bus/internal/event_gate.hpp"
#include "takt/bus/internal/inbox.hpp"
#include "takt/transports/zmq/internal/announcement.hpp"

namespace takt::zmq::internal {

struct Message {
  std::shared_ptr<const ::zmq::message_t> payload;  // shared by all of this process that get it
  bus::MessageInfo info;
  bus::RequestId request;
};

/// What a transient local publisher keeps for those who come late.
struct Kept {
  std::uint64_t sequence;
  std::uint64_t source_wall_ns;
  ::zmq::message_t payload;
};

/// One endpoint of this process, shared by its user's object and the thread that receives.
struct Local {
  Local(Announcement made, bus::EndpointEvents events, std::size_t room)
      : is(std::move(made)), gate(std::move(events)), inbox(is.kind == Kind::kSubscription ? is.qos.depth : 0, room) {}

  const Announcement is;
  bus::internal::EventGate gate;
  bus::internal::Inbox<Message> inbox;

  // The rest is under the lock of the link.
  std::vector<EndpointId> matched;
  std::size_t total_matched{0};
  std::unordered_set<EndpointId, bus::internal::EndpointIdHash> refused;  // said to be incompatible
  bus::internal::SequenceGaps heard;
  std::uint64_t sequence{0};
  std::deque<Kept> kept;
  bool wants_room{false};
};

/// What a change led to, beyond the directory itself.
struct Changes {
  std::vector<std::shared_ptr<Local>> to_tell;  // events were posted at their gates
  std::vector<std::pair<std::shared_ptr<Local>, Announcement>> matched;
  bool graph{false};
};

/// Who is there, here and elsewhere, and who belongs together. Knows nothing of sockets. One thread at a time.
class Directory {
 public:
  explicit Directory(std::uint64_t process) noexcept : process_(process) {}

  void add(const std::shared_ptr<Local>& local, Changes& changes);
  void remove(const std::shared_ptr<Local>& local, Changes& changes);
  void add_node(const Announcement& node, Changes& changes);
  /// The node's announcement; empty when there is none of that name.
  [[nodiscard]] std::optional<Announcement> remove_node(const std::string& name, Changes& changes);

  /// Another process has it, and has it no more. @return false when there are too many
  [[nodiscard]] bool learn(const Announcement& remote, Changes& changes);
  void forget(const EndpointId& id, Changes& changes);

  /// Requests reach that process, and its replies come back. Without effect for one that is not there.
  void set_reachable(std::uint64_t process, Changes& changes);
  [[nodiscard]] bool knows(std::uint64_t process) const { return processes_.contains(process); }
  [[nodiscard]] std::vector<std::uint64_t> unreachable() const;
  [[nodiscard]] std::size_t reachable_count() const;

  [[nodiscard]] const Announcement* remote(const EndpointId& id) const;
  [[nodiscard]] std::shared_ptr<Local> local(const EndpointId& id) const;
  [[nodiscard]] const std::unordered_map<EndpointId, std::shared_ptr<Local>, bus::internal::EndpointIdHash>& locals()
      const noexcept {
    return locals_;
  }
  [[nodiscard]] bus::Graph graph() const;

  static constexpr std::size_t kMaxRemote = 65536;

 private:
  struct Process {
    std::size_t announcements{0};
    bool reachable{false};
  };

  void match(const std::shared_ptr<Local>& local, const Announcement& remote, Changes& changes);
  static void unmatch(const std::shared_ptr<Local>& local, const EndpointId& remote, Changes& changes);
  static void post_matched(const std::shared_ptr<Local>& local, Changes& changes);
  [[nodiscard]] bool is_within_reach(const Announcement& remote) const;

  const std::uint64_t process_;
  std::unordered_map<EndpointId, std::shared_ptr<Local>, bus::internal::EndpointIdHash> locals_;
  std::unordered_map<EndpointId, Announcement, bus::internal::EndpointIdHash> remotes_;
  std::map<std::uint64_t, Process> processes_;
  std::vector<Announcement> nodes_;
};

}  // namespace takt::zmq::internal
