#include "takt/node/action.hpp"

#include <algorithm>
#include <random>

namespace takt::node {

std::string_view to_string(GoalStatus status) noexcept {
  switch (status) {
    case GoalStatus::kAccepted:
      return "accepted";
    case GoalStatus::kExecuting:
      return "executing";
    case GoalStatus::kCanceling:
      return "canceling";
    case GoalStatus::kSucceeded:
      return "succeeded";
    case GoalStatus::kCanceled:
      return "canceled";
    case GoalStatus::kAborted:
      return "aborted";
    case GoalStatus::kUnknown:
      break;
  }
  return "unknown";
}

// Version 4 of RFC 9562: random, but for six bits that say so.
GoalId new_goal_id() {
  thread_local std::random_device random;
  std::uniform_int_distribution<unsigned> byte(0, 255);
  GoalId id;
  std::ranges::generate(id, [&] { return static_cast<std::uint8_t>(byte(random)); });
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0FU) | 0x40U);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3FU) | 0x80U);
  return id;
}

namespace internal {

std::string action_name(const std::string& action, const char* part) {
  return action + "/_action/" + part;
}

}  // namespace internal
}  // namespace takt::node
