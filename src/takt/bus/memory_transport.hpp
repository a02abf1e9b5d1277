#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "takt/bus/transport.hpp"

namespace takt::bus {

namespace internal {
class MemoryHub;
}

/// What goes wrong on a MemoryNetwork, and its bounds.
struct MemoryNetworkOptions {
  /// True loses a message between two hosts, where publisher or subscription are best effort; what is reliable arrives.
  /// Called with the network locked: it must not use it. Empty: nothing is lost.
  std::function<bool(const std::string& from, const std::string& to, const std::string& topic)> lose;

  /// Gets what delivers one message to one endpoint, and calls it now or later, once, on any thread; a message that
  /// another of its sender overtakes is lost. Dropping it loses the message. Empty: delivered at once.
  std::function<void(std::function<void()> deliver)> carry;

  /// Messages that a reader which keeps all (Qos::depth 0) has room for, and requests and replies of an endpoint. A
  /// reliable publisher gets kWouldBlock beyond.
  std::size_t room{1024};

  /// Above this: kTooLarge.
  std::size_t max_message_bytes{std::size_t{64} << 20U};
};

/// Buses of one process as if each were on a host of its own, for tests of user code: everything arrives as bytes, in
/// order, links can be cut, messages can be delayed and lost. Deterministic: it has no thread; an event runs on the
/// thread that causes it (publishes, takes, destroys, cuts …), inside that call, which otherwise waits for nobody.
/// Thread safe.
///
///     MemoryNetwork network;
///     robot_bus.add(network.join("robot"));
///     desk_bus.add(network.join("desk"));
///     network.cut("robot", "desk");
class MemoryNetwork {
 public:
  explicit MemoryNetwork(MemoryNetworkOptions options = {});
  ~MemoryNetwork();
  MemoryNetwork(const MemoryNetwork&) = delete;
  MemoryNetwork& operator=(const MemoryNetwork&) = delete;

  /// Another host. Its transport does all but multicast, encryption, deadlines and lifespans. It may outlive the
  /// network object. @throws LogicError when there is a host of that name
  [[nodiscard]] std::unique_ptr<Transport> join(const std::string& host);

  /// The two hosts have gone for each other, and what is on the way is lost: matched events say so. Cut again: nothing.
  /// Either name may be of a host that joins later.
  void cut(const std::string& one, const std::string& other);

  /// They find each other again; what transient local publishers keep, and was not heard yet, arrives.
  void restore(const std::string& one, const std::string& other);

 private:
  std::shared_ptr<internal::MemoryHub> hub_;  // shared with the transports, which may stay longer
};

}  // namespace takt::bus
