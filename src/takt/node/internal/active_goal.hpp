#pragma once

#include <cstddef>
#include <memory>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/core/error.hpp"
#include "takt/node/action.hpp"

namespace takt::node {

namespace internal {

template <class A>
class ActionServerCore;

/// A goal with all that is known of it. Shared by the server, its coroutine, and those who wait for the result.
template <class A>
struct GoalRecord {
  action_msgs::GoalInfo info;
  typename A::Goal goal;
  GoalStatus status{GoalStatus::kAccepted};
  GoalStatus wanted_end{GoalStatus::kSucceeded};  // of one whose coroutine returns
  typename A::Result result;
  bool cancel_requested{false};
  std::size_t waiting{0};  // for the result
  async::CancelScope* scope{nullptr};
  async::Event canceling{"goal canceling"};
  async::Event ended{"goal ended"};
};

}  // namespace internal

/// A goal as the coroutine that works on it sees it, for as long as that runs.
template <messages::RosAction A>
class ActiveGoal {
 public:
  [[nodiscard]] const GoalId& id() const noexcept { return record_.info.goal_id.uuid; }
  [[nodiscard]] const typename A::Goal& goal() const noexcept { return record_.goal; }
  [[nodiscard]] GoalStatus status() const noexcept { return record_.status; }

  void publish_feedback(const typename A::Feedback& feedback) { core_.publish_feedback(record_, feedback); }

  /// Somebody asked, and CancelPolicy::kCooperative accepted.
  [[nodiscard]] bool cancel_requested() const noexcept { return record_.cancel_requested; }
  /// Waits for that. Cancellation: Cancelled.
  [[nodiscard]] async::Event::Waiter wait_cancel_requested() noexcept { return record_.canceling.wait(); }

  /// What is returned next is the result of an aborted goal.
  void abort() noexcept { record_.wanted_end = GoalStatus::kAborted; }
  /// … of a canceled one. @throws LogicError when nobody asked to cancel it
  void canceled() {
    if (!record_.cancel_requested) {
      throw LogicError("ActiveGoal::canceled: nobody asked to cancel this goal; abort() it instead");
    }
    record_.wanted_end = GoalStatus::kCanceled;
  }

 private:
  friend class internal::ActionServerCore<A>;
  ActiveGoal(internal::ActionServerCore<A>& core, internal::GoalRecord<A>& record) noexcept
      : core_(core), record_(record) {}

  internal::ActionServerCore<A>& core_;
  internal::GoalRecord<A>& record_;
};

}  // namespace takt::node
