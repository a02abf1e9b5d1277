#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "takt/bus/event_gate.hpp"
#include "takt/bus/inbox.hpp"
#include "takt/transports/zmq/internal/announcement.hpp"
#include "takt/transports/zmq/internal/charge.hpp"
#include "takt/transports/zmq/internal/lane.hpp"
#include "takt/transports/zmq/internal/pace.hpp"

namespace takt::zmq::internal {

/// What follows a header: the rest of its frame, or the next. A value.
struct Payload {
  ::zmq::message_t frame;
  std::size_t at{0};

  [[nodiscard]] bus::Bytes bytes() const {
    return bus::Bytes(static_cast<const std::byte*>(frame.data()), frame.size()).subspan(at);
  }
};

/// What came as one, and counts as lying there for as long as any message of it does.
struct Arrival {
  Payload payload;
  Charge charge;
};

struct Message {
  std::shared_ptr<const Arrival> arrival;
  bus::Bytes bytes;  // of it
  bus::MessageInfo info;
};

/// One endpoint of this process, shared by its user's object and the thread that receives.
struct Local {
  Local(Announcement made, bus::EndpointEvents events, std::size_t room_for_all)
      : keeps_all(made.kind != Kind::kSubscription || made.qos.depth == 0),
        window(window_of(keeps_all ? bus::Qos{.depth = 0} : made.qos, room_for_all)),
        is(announced(std::move(made), keeps_all ? 0 : window)),
        gate(std::move(events)),
        inbox(keeps_all ? 0 : is.qos.depth, SIZE_MAX),  // of those that keep all, grants are the bound
        room(room_for_all) {}

  const bool keeps_all;
  const std::uint32_t window;  // of one sender at most; of who keeps all by grants alone
  const Announcement is;
  bus::EventGate gate;
  std::atomic<std::size_t> inbox_bytes{0};  // of what lies in the inbox, or was taken from there and is being read
  bus::Inbox<Message> inbox;
  const std::size_t room;
  std::atomic<bool> owes_grants{false};  // somebody waits for what is taken here

  // The rest is under the lock of the link.
  template <class T>
  using ByRemote = std::unordered_map<EndpointId, T, bus::EndpointIdHash>;
  std::vector<EndpointId> matched;
  std::size_t total_matched{0};
  std::unordered_set<EndpointId, bus::EndpointIdHash> refused;  // said to be incompatible
  ByRemote<Lane> lanes;                                         // of whom it is matched with, where it sends
  ByRemote<Reception> receptions;                               // where it receives
  bus::SequenceGaps heard;
  std::uint64_t sequence{0};
  Pace pace;                    // of what it says
  std::uint64_t asked_from{1};  // a client's first request to the first it is matched with, which is who is asked
  std::deque<Outgoing> kept;    // of a transient local publisher, for who comes late
  bool wants_room{false};
  bool looks_at_grants{false};  // soon

 private:
  static Announcement announced(Announcement made, std::uint32_t window) {
    made.window = made.kind == Kind::kPublisher ? 0 : window;
    return made;
  }
};

/// What a change led to, beyond the directory itself.
struct Changes {
  std::vector<std::shared_ptr<Local>> to_tell;  // events were posted at their gates
  std::vector<std::pair<std::shared_ptr<Local>, Announcement>> matched;
  std::vector<std::pair<std::shared_ptr<Local>, EndpointId>> unmatched;
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

  /// Another process has it, and has it no more. @return false when there are too many, of it or of all
  [[nodiscard]] bool learn(const Announcement& remote, Changes& changes);
  void forget(const EndpointId& id, Changes& changes);

  /// All that the process has.
  void forget_process(std::uint64_t process, Changes& changes);

  [[nodiscard]] std::shared_ptr<Local> local(const EndpointId& id) const;
  [[nodiscard]] const std::unordered_map<EndpointId, std::shared_ptr<Local>, bus::EndpointIdHash>& locals()
      const noexcept {
    return locals_;
  }
  [[nodiscard]] const std::vector<Announcement>& nodes() const noexcept { return nodes_; }
  [[nodiscard]] bus::Graph graph() const;
  /// What is remembered of that process.
  [[nodiscard]] std::size_t count_of(std::uint64_t process) const;

  static constexpr std::size_t kMaxOfProcess = 4096;
  static constexpr std::size_t kMaxRemote = 65536;

 private:
  void match(const std::shared_ptr<Local>& local, const Announcement& remote, Changes& changes);
  static void unmatch(const std::shared_ptr<Local>& local, const EndpointId& remote, Changes& changes);
  static void post_matched(const std::shared_ptr<Local>& local, Changes& changes);

  const std::uint64_t process_;
  std::unordered_map<EndpointId, std::shared_ptr<Local>, bus::EndpointIdHash> locals_;
  std::unordered_map<EndpointId, Announcement, bus::EndpointIdHash> remotes_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;  // of remotes_, by process
  std::vector<Announcement> nodes_;
};

}  // namespace takt::zmq::internal
