#include "takt/node/errors.hpp"

namespace takt::node {

std::string to_string(CallError error) {
  switch (error) {
    case CallError::kNoServer:
      return "nobody offers the service";
    case CallError::kTimedOut:
      return "no response in time";
    case CallError::kServerVanished:
      return "the server vanished";
    case CallError::kHandlerFailed:
      return "the server's handler failed";
    case CallError::kClientClosed:
      return "the client was destroyed";
    case CallError::kTooLarge:
      return "the request is too large for the transport";
    case CallError::kRejected:
      return "the action server rejected the goal";
    case CallError::kMalformed:
      return "the response could not be read";
  }
  return "an unknown error";
}

}  // namespace takt::node
