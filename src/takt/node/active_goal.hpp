#pragma once

#include <utility>

#include "takt/core/error.hpp"
#include "takt/node/action.hpp"
#include "takt/node/internal/goals.hpp"
#include "takt/node/internal/publisher_core.hpp"

namespace takt::node {

namespace internal {

template <class A>
struct GoalRecord : GoalState {
  GoalRecord(const action_msgs::GoalInfo& about, CancelPolicy cancel, typename A::Goal wanted)
      : GoalState(about, cancel), goal(std::move(wanted)) {}

  const typename A::Goal goal;
  typename A::Result result;
};

}  // namespace internal

/// A goal as the coroutine that works on it sees it, for as long as that runs. Loop thread.
template <messages::RosAction A>
class ActiveGoal {
 public:
  /// Internal to node.
  ActiveGoal(internal::GoalRecord<A>& record, internal::PublisherCore<messages::FeedbackMessage<A>>& feedback) noexcept
      : record_(record), feedback_(feedback) {}
  ActiveGoal(const ActiveGoal&) = delete;
  ActiveGoal& operator=(const ActiveGoal&) = delete;

  [[nodiscard]] const GoalId& id() const noexcept { return record_.info.goal_id.uuid; }
  [[nodiscard]] const typename A::Goal& goal() const noexcept { return record_.goal; }
  [[nodiscard]] GoalStatus status() const noexcept { return record_.status; }

  /// To who sent the goal. Never waits; what a transport does not take is gone.
  void publish_feedback(const typename A::Feedback& feedback) {
    messages::FeedbackMessage<A> message;
    message.goal_id = record_.info.goal_id;
    message.feedback = feedback;
    if (!feedback_.destroyed()) {  // not while a coroutine unwinds after its server's end
      [[maybe_unused]] const auto sent = feedback_.publish(message);
    }
  }

  /// Somebody asked to cancel it, and the policy accepted.
  [[nodiscard]] bool cancel_requested() const noexcept { return record_.status == GoalStatus::kCanceling; }
  /// Waits for that. Cancellation: Cancelled.
  [[nodiscard]] async::Event::Waiter wait_for_cancel() noexcept { return record_.canceling.wait(); }
  /// What is done with requests from now on; what was accepted stays so.
  void on_cancel(CancelPolicy policy) noexcept { record_.on_cancel = policy; }

  /// What is returned next is the result of an aborted goal.
  void abort() noexcept { record_.wanted_end = GoalStatus::kAborted; }
  /// … of a canceled one. @throws LogicError when no request to cancel it was accepted
  void canceled() {
    if (!cancel_requested()) {
      throw LogicError("ActiveGoal::canceled: nobody has cancelled this goal; abort() it instead");
    }
    record_.wanted_end = GoalStatus::kCanceled;
  }

 private:
  internal::GoalRecord<A>& record_;
  internal::PublisherCore<messages::FeedbackMessage<A>>& feedback_;
};

}  // namespace takt::node
