#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/bus/transport.hpp"

#include "bus_session.hpp"

/// Endpoints that carry bytes of a type that no C++ type stands for. On every bus of the session; what a bus cannot
/// (reliability on udp) is left out there. Each for one task; a mismatch with others is said on standard error.
namespace takt::app {

struct RawMessage {
  std::vector<std::byte> bytes;
  bus::MessageInfo info;
};

class RawSubscription {
 public:
  RawSubscription(const BusSession& session, const bus::TopicEndpoint& topic);

  /// The next message. Cancellation: Cancelled, and none is lost.
  [[nodiscard]] async::Task<RawMessage> next();
  /// What is there already.
  [[nodiscard]] std::optional<RawMessage> try_next();
  /// Waits until somebody publishes; at once when a bus cannot tell. Cancellation: Cancelled.
  [[nodiscard]] async::Task<void> wait_for_publisher();

 private:
  async::Doorbell arrived_{"message"};
  async::Doorbell changed_{"publishers"};
  std::vector<std::unique_ptr<bus::TransportSubscription>> readers_;  // ring while they live
  bool all_tell_matched_{true};
};

class RawPublisher {
 public:
  RawPublisher(const BusSession& session, const bus::TopicEndpoint& topic);

  /// Returns when every bus has taken it. @throws DeviceError when one cannot. Cancellation: Cancelled.
  [[nodiscard]] async::Task<void> publish(std::vector<std::byte> bytes);
  /// Waits until at least so many subscribe; at once when a bus cannot tell.
  [[nodiscard]] async::Task<void> wait_for_subscriptions(std::size_t count);

 private:
  async::Doorbell changed_{"subscriptions"};
  std::vector<std::unique_ptr<bus::TransportPublisher>> writers_;
  bool all_tell_matched_{true};
};

/// A call in progress: one client on each bus that has services.
class RawCall {
 public:
  /// @throws ConfigError when none of the buses has services
  RawCall(const BusSession& session, const bus::ServiceEndpoint& service);

  /// Waits for a server and asks it; then it has been asked. @throws DeviceError when the request cannot be sent.
  /// Cancellation: Cancelled, and it was not asked.
  [[nodiscard]] async::Task<void> ask(std::vector<std::byte> request);
  /// Its reply, after ask(). @throws DeviceError when the server goes before it has replied. Cancellation: Cancelled.
  [[nodiscard]] async::Task<std::vector<std::byte>> reply();

 private:
  std::string name_;
  async::Doorbell changed_{"reply"};
  std::vector<std::unique_ptr<bus::TransportClient>> clients_;  // ring while they live
  bus::TransportClient* asked_{nullptr};
  bus::RequestId id_;
};

/// All of it at once. @throws as RawCall
[[nodiscard]] async::Task<std::vector<std::byte>> call_raw(const BusSession& session, bus::ServiceEndpoint service,
                                                           std::vector<std::byte> request);

}  // namespace takt::app
