#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "takt/async/tasks/clock.hpp"
#include "takt/messages/ros_action.hpp"
#include "takt/node/failure_policy.hpp"

namespace takt::node {

/// Where a goal stands; the numbers of action_msgs/msg/GoalStatus.
///
///   accepted ──its turn──► executing ──► succeeded, aborted
///       └─────cancel─────► canceling ──► canceled, succeeded, aborted
///                          ▲ cancel, of one that is executing
enum class GoalStatus : std::int8_t {
  kUnknown,  ///< to the server: it never had the goal, or keeps it no longer
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
/// "succeeded", for people.
[[nodiscard]] std::string_view to_string(GoalStatus status) noexcept;

using GoalId = std::array<std::uint8_t, 16>;

/// A goal's name that nobody else has.
[[nodiscard]] GoalId new_goal_id();

/// What came of a goal.
template <messages::RosAction A>
struct GoalResult {
  GoalStatus status{GoalStatus::kUnknown};
  typename A::Result result;  ///< of a goal that is unknown, or whose coroutine did not return: the default
};

/// What a server does when it is asked to cancel a goal. One that was not begun yet ends as canceled at once, unless
/// the request is rejected.
enum class CancelPolicy : std::uint8_t {
  kReject,       ///< the goal goes on
  kCooperative,  ///< its coroutine sees cancel_requested() and ends as it likes
  kCancelTask,   ///< its coroutine is cancelled: its next await throws, and the goal ends as canceled
};

/// What a server answers who asks it to cancel a goal; the numbers of action_msgs/srv/CancelGoal.
enum class CancelAnswer : std::int8_t {
  kAccepted,     ///< it is canceling; how it ends, the result tells
  kRejected,     ///< it goes on
  kUnknownGoal,  ///< the server never had it, or keeps it no longer
  kEnded,        ///< too late
};

template <messages::RosAction A>
struct ActionServerOptions {
  // Behaviour
  /// Whether a goal is taken; empty: all are. One that throws rejects its goal, and counts as a failure.
  std::function<bool(const typename A::Goal&)> accept{};
  CancelPolicy cancel{CancelPolicy::kReject};  ///< as long as a goal's coroutine does not say otherwise
  std::size_t max_goals{16};                   ///< that have not ended; one more is rejected
  std::size_t max_concurrent{1};               ///< that are worked on at once; the others wait, in order
  /// How long a result is kept for those who ask late, on the node's clock. 0: until those who wait already have it;
  /// less: for ever.
  async::Duration result_timeout{std::chrono::seconds(10)};
  /// When a coroutine throws. Its goal is aborted in any case.
  FailurePolicy on_failure{FailurePolicy::log()};
};

template <messages::RosAction A>
struct SendGoalOptions {
  /// Called on the loop for each feedback, from the moment the server has the goal, for as long as a SentGoal of it
  /// lives. What it throws fails the node.
  std::function<void(const typename A::Feedback&)> on_feedback{};
  std::optional<async::Duration> timeout{};  ///< for the server's answer, on the loop's clock; nothing: no limit
};

namespace internal {

/// The names below an action's.
[[nodiscard]] std::string action_name(const std::string& action, const char* part);

}  // namespace internal
}  // namespace takt::node
