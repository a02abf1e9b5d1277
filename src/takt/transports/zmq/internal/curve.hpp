#pragma once

#include <set>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "takt/transports/zmq/zmq_transport.hpp"

namespace takt::zmq::internal {

/// The options, with a connector's own keys made where it encrypts and has none.
/// @throws LogicError for keys that are none, or of which there are too few or too many to tell whether to encrypt: a
/// key that is given is never left unused. SystemError when libzmq cannot encrypt.
[[nodiscard]] ZmqOptions with_keys(ZmqOptions options);

/// Speaks CURVE on that socket, or nothing where the options have no key. @pre they come from with_keys
void set_keys(::zmq::socket_t& socket, const ZmqOptions& options);

/// Lets in the clients whose public keys are listed: the binder's answers to ZeroMQ's authentication protocol (RFC 27).
/// One thread at a time. Before the socket that it guards is bound.
class Doorman {
 public:
  /// @param clients  Z85
  Doorman(::zmq::context_t& context, const std::vector<std::string>& clients);

  /// Readable when somebody may wait at the door: an edge, as that of every ZeroMQ socket.
  [[nodiscard]] int descriptor() const { return door_.get(::zmq::sockopt::fd); }
  /// All who wait.
  void answer();

 private:
  ::zmq::socket_t door_;
  std::set<std::string> clients_;  // the 32 bytes of each key
};

}  // namespace takt::zmq::internal
