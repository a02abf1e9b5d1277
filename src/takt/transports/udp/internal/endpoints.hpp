#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/bus/internal/event_gate.hpp"
#include "takt/bus/internal/inbox.hpp"
#include "takt/bus/internal/sequence_gaps.hpp"
#include "takt/transports/udp/internal/datagram.hpp"
#include "takt/transports/udp/internal/socket.hpp"

namespace takt::udp::internal {

struct Message {
  std::shared_ptr<const std::vector<std::byte>> bytes;  // shared by all subscriptions that get it
  bus::MessageInfo info;
};

/// One subscription, shared by its user's object and the thread that receives.
struct Reader {
  Reader(bus::TopicEndpoint made_topic, bus::EndpointEvents events, const UdpOptions& options)
      : topic(std::move(made_topic)),
        gate(std::move(events)),
        inbox(topic.qos.depth, options.room, options.room_bytes) {}

  const bus::TopicEndpoint topic;
  bus::internal::EventGate gate;
  bus::internal::Inbox<Message> inbox;
  // The receive thread's own.
  bus::internal::SequenceGaps heard;
  std::set<std::string, std::less<>> refused;  // types that were said to be others; a few
};

/// The subscriptions of a transport, by topic. Thread safe.
class Readers {
 public:
  void add(const std::shared_ptr<Reader>& reader);
  void remove(const std::shared_ptr<Reader>& reader);

  /// Those who want a message of this topic and type now, in `found` instead of what it held. Tells the others of the
  /// topic, once per type, naming the sender's address.
  void find(const Datagram& datagram, const Address& from, std::vector<std::shared_ptr<Reader>>& found);
  /// Times that one of the others was met.
  [[nodiscard]] std::uint64_t mistyped() const noexcept { return mistyped_; }

 private:
  std::atomic<std::uint64_t> mistyped_{0};
  std::mutex mutex_;
  std::map<std::string, std::vector<std::shared_ptr<Reader>>, std::less<>> by_topic_;
};

}  // namespace takt::udp::internal
