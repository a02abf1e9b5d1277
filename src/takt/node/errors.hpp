#pragma once

#include <cstdint>
#include <string>

#include "takt/core/error.hpp"

namespace takt::node {

/// Why a call has no response. A call that is cancelled by its own caller throws async::Cancelled instead.
enum class CallError : std::uint8_t {
  kNoServer,        ///< nobody offers the service now: wait_for_service() first
  kTimedOut,        ///< no response within CallOptions::timeout; one that comes later is dropped and counted
  kServerVanished,  ///< the server was there when the request went out, and went before it answered
  kHandlerFailed,   ///< the server's handler threw and the server goes on. Only a server of the same bus can tell
  kClientClosed,    ///< the client, or its node, was destroyed during the call
  kTooLarge,        ///< the request is more than the transport carries
  kRejected,        ///< an action server does not want the goal
  kMalformed,       ///< a response came that is none: another type, or broken bytes
};

/// "the server vanished", for people.
[[nodiscard]] std::string to_string(CallError error);

/// Thrown into the sleepers on a node's clock when the node is destroyed. Out of the body of with_node it is no
/// failure: the block ends as the node did.
class NodeDestroyed : public Error {
 public:
  /// @param node  fully qualified
  explicit NodeDestroyed(std::string node) : Error("node " + node + " was destroyed"), node_(std::move(node)) {}
  [[nodiscard]] const std::string& node() const noexcept { return node_; }

 private:
  std::string node_;
};

}  // namespace takt::node
