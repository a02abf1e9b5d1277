#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "takt/async/tasks/clock.hpp"
#include "takt/messages/packages/action_msgs.hpp"
#include "takt/messages/ros_action.hpp"

namespace takt::node {

/// Where a goal stands; the numbers of action_msgs/msg/GoalStatus.
///
///   accepted ──execute──► executing ──► succeeded, aborted
///       └────cancel────► canceling ──► canceled, succeeded, aborted
///                          ▲ cancel, of one that is executing
enum class GoalStatus : std::int8_t {
  kUnknown,
  kAccepted,
  kExecuting,
  kCanceling,
  kSucceeded,
  kCanceled,
  kAborted,
};
[[nodiscard]] constexpr bool has_ended(GoalStatus status) noexcept {
  return status >= GoalStatus::kSucceeded;
}

using GoalId = std::array<std::uint8_t, 16>;

/// A goal's name that nobody else has.
[[nodiscard]] GoalId new_goal_id();

/// What came of a goal.
template <messages::RosAction A>
struct GoalResult {
  GoalStatus status{GoalStatus::kUnknown};  ///< kUnknown: the server does not know the goal (any more)
  typename A::Result result;
};

/// What to do when a goal is asked to be cancelled.
enum class CancelPolicy : std::uint8_t {
  kReject,       ///< it goes on
  kCancelTask,   ///< its coroutine is cancelled: its next await throws, and the goal ends as canceled
  kCooperative,  ///< its coroutine sees cancel_requested() and ends as it likes
};

struct ActionServerOptions {
  CancelPolicy cancel{CancelPolicy::kReject};
  /// Goals that have not ended; one more is rejected.
  std::size_t max_goals{16};
  /// How long a result is kept for those who ask late. 0: until those who wait have it; less: for ever.
  async::Duration result_timeout{std::chrono::seconds(10)};
};

struct SendGoalOptions {
  std::optional<async::Duration> timeout{};  ///< for the server's answer; nothing: no limit
};

namespace internal {

/// The names below an action's.
[[nodiscard]] std::string action_name(const std::string& action, const char* part);

}  // namespace internal
}  // namespace takt::node
