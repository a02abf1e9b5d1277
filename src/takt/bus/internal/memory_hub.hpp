#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "takt/bus/event_gate.hpp"
#include "takt/bus/inbox.hpp"
#include "takt/bus/memory_transport.hpp"
#include "takt/bus/sequence_gaps.hpp"

namespace takt::bus::internal {

struct MemoryMessage {
  std::shared_ptr<const std::vector<std::byte>> bytes;  // shared by all who get it
  MessageInfo info;
  RequestId request;
};

/// One endpoint, shared by the object its user has, and by messages on the way to it.
struct MemoryEndpoint {
  MemoryEndpoint(EndpointInfo made_info, std::string made_host, EndpointEvents events, std::size_t room)
      : info(std::move(made_info)),
        host(std::move(made_host)),
        gate(std::move(events)),
        inbox(info.kind == EndpointInfo::Kind::kSubscription ? info.qos.depth : 0, room) {}

  const EndpointInfo info;
  const std::string host;
  TypeId request;  // of clients and servers
  TypeId reply;
  EventGate gate;
  Inbox<MemoryMessage> inbox;

  // The rest belongs to the hub, under its lock.
  std::vector<MemoryEndpoint*> peers;
  std::size_t total_matched{0};
  std::uint64_t sequence{0};
  std::uint64_t asked_from{1};  // a client's first request to its first peer, which is who is asked
  std::deque<MemoryMessage> retained;
  SequenceGaps heard;
  std::shared_ptr<int> on_the_way{std::make_shared<int>(0)};  // each message on the way holds it
  bool wants_room{false};
};

/// The one place where everything of a MemoryNetwork is. Thread safe.
class MemoryHub : public std::enable_shared_from_this<MemoryHub> {
 public:
  explicit MemoryHub(MemoryNetworkOptions options) : options_(std::move(options)) {}

  void join(const std::string& host);
  void leave(const std::string& host);
  void cut(const std::string& one, const std::string& other);
  void restore(const std::string& one, const std::string& other);

  [[nodiscard]] std::shared_ptr<MemoryEndpoint> add(EndpointInfo info, const ServiceEndpoint* service,
                                                    const std::string& host, EndpointEvents events);
  void remove(MemoryEndpoint& endpoint);

  [[nodiscard]] Expected<void, SendError> publish(MemoryEndpoint& from, Bytes bytes);
  [[nodiscard]] Expected<RequestId, SendError> request(MemoryEndpoint& from, Bytes bytes);
  [[nodiscard]] Expected<void, SendError> reply(MemoryEndpoint& from, const RequestId& id, Bytes bytes);
  /// True when it visited. Tells those who wait for room.
  [[nodiscard]] bool take(MemoryEndpoint& at, const OnRequest& visit);
  [[nodiscard]] Matched matched(const MemoryEndpoint& endpoint) const;
  [[nodiscard]] std::int64_t lost_before(const MemoryEndpoint& client) const;

  void add_node(const std::string& host, const NodeInfo& node);
  void remove_node(const std::string& host, const std::string& name);
  [[nodiscard]] Graph graph(const std::string& host) const;
  void watch(const std::string& host, std::function<void()> on_change);

 private:
  struct Host {
    std::vector<NodeInfo> nodes;
    std::shared_ptr<EventGate> watcher;
  };
  struct Delivery;
  /// What happened under the lock, to be said without it.
  struct Happened {
    std::vector<std::shared_ptr<EventGate>> gates;
    std::vector<std::function<void()>> to_carry;
  };

  // All of these with the lock held.
  [[nodiscard]] bool linked(const std::string& one, const std::string& other) const;
  [[nodiscard]] std::shared_ptr<MemoryEndpoint> shared(MemoryEndpoint& endpoint) const;
  void match(MemoryEndpoint& one, MemoryEndpoint& other, Happened& happened);
  void unmatch(MemoryEndpoint& one, MemoryEndpoint& other, Happened& happened);
  void post_matched(MemoryEndpoint& endpoint, Happened& happened);
  void post_graph(const std::string& host, Happened& happened);
  void send(MemoryEndpoint& to, const MemoryMessage& message, Happened& happened);
  void arrive(MemoryEndpoint& to, MemoryMessage message, Happened& happened);
  [[nodiscard]] static MemoryMessage make_message(MemoryEndpoint& from, Bytes bytes);
  [[nodiscard]] static bool has_room(const MemoryEndpoint& to);

  void deliver(Delivery& delivery);
  void say(Happened& happened) const;

  const MemoryNetworkOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, Host> hosts_;
  std::set<std::pair<std::string, std::string>> cuts_;
  std::vector<std::shared_ptr<MemoryEndpoint>> endpoints_;
  std::uint64_t last_id_{0};
};

}  // namespace takt::bus::internal
