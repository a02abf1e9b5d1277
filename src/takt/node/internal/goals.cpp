#include "takt/node/internal/goals.hpp"

#include <algorithm>

namespace takt::node::internal {

using action_msgs::CancelGoal;

void Goals::add(std::shared_ptr<GoalState> goal) {
  goals_.push_back(std::move(goal));
  changed_();
}

std::shared_ptr<GoalState> Goals::find(const GoalId& id) const {
  const auto found = std::ranges::find_if(goals_, [&](const auto& goal) { return goal->info.goal_id.uuid == id; });
  return found == goals_.end() ? nullptr : *found;
}

std::size_t Goals::unfinished() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(goals_, [](const auto& goal) { return !has_ended(goal->status); }));
}

action_msgs::GoalStatusArray Goals::statuses() const {
  action_msgs::GoalStatusArray message;
  for (const auto& goal : goals_) {
    action_msgs::GoalStatus status;
    status.goal_info = goal->info;
    status.status = static_cast<std::int8_t>(goal->status);
    message.status_list.push_back(status);
  }
  return message;
}

void Goals::set_status(GoalState& goal, GoalStatus status) {
  goal.status = status;
  changed_();
}

void Goals::end(GoalState& goal, GoalStatus status, core::Nanoseconds now_ns) {
  if (!has_ended(goal.status)) {
    goal.ended_ns = now_ns;
    goal.status = status;
    ++ended_.at(static_cast<std::size_t>(status));
    goal.ended.set();
    changed_();
  }
}

void Goals::abort_all(core::Nanoseconds now_ns) {
  for (const auto& goal : List(goals_)) {
    end(*goal, GoalStatus::kAborted, now_ns);
  }
}

namespace {

core::Nanoseconds nanoseconds(const builtin_interfaces::Time& time) noexcept {
  return core::Nanoseconds{time.sec} * 1'000'000'000 + time.nanosec;
}

/// Which goals a request names. ROS 2's rule: neither id nor time mean all; a time, those that were accepted until
/// then; an id, that one too.
class Named {
 public:
  explicit Named(const action_msgs::GoalInfo& which)
      : id_(which.goal_id.uuid), has_id_(id_ != GoalId{}), until_ns_(nanoseconds(which.stamp)) {}

  [[nodiscard]] bool operator()(const GoalState& goal) const {
    const bool is_it = has_id_ && goal.info.goal_id.uuid == id_;
    const bool all = !has_id_ && until_ns_ == 0;
    return is_it || all || (until_ns_ != 0 && nanoseconds(goal.info.stamp) <= until_ns_);
  }
  /// By its id alone.
  [[nodiscard]] bool one() const noexcept { return has_id_ && until_ns_ == 0; }

 private:
  GoalId id_;
  bool has_id_;
  core::Nanoseconds until_ns_;
};

}  // namespace

CancelGoal::Response Goals::cancel(const CancelGoal::Request& request, core::Nanoseconds now_ns) {
  const Named named(request.goal_info);
  CancelGoal::Response response;
  bool rejected = false;
  for (const auto& goal : List(goals_)) {
    if (!named(*goal) || has_ended(goal->status)) {
      continue;
    }
    if (goal->status != GoalStatus::kCanceling && goal->on_cancel == CancelPolicy::kReject) {
      rejected = true;
      continue;
    }
    response.goals_canceling.push_back(goal->info);
    if (goal->status != GoalStatus::kCanceling) {
      begin_cancel(*goal, now_ns);
    }
  }
  if (!response.goals_canceling.empty()) {
    return response;
  }
  if (rejected) {
    response.return_code = CancelGoal::Response::ERROR_REJECTED;
  } else if (named.one()) {
    response.return_code = find(request.goal_info.goal_id.uuid) != nullptr
                               ? CancelGoal::Response::ERROR_GOAL_TERMINATED
                               : CancelGoal::Response::ERROR_UNKNOWN_GOAL_ID;
  }
  return response;
}

void Goals::begin_cancel(GoalState& goal, core::Nanoseconds now_ns) {
  set_status(goal, GoalStatus::kCanceling);
  goal.canceling.set();
  if (goal.scope == nullptr) {  // it is not worked on yet, and never will be
    end(goal, GoalStatus::kCanceled, now_ns);
  } else if (goal.on_cancel == CancelPolicy::kCancelTask) {
    goal.scope->cancel("its goal was cancelled");
  }
}

void Goals::forget_old(core::Nanoseconds now_ns) {
  if (result_timeout_ < async::Duration::zero()) {
    return;
  }
  for (const auto& goal : goals_) {
    goal->ended_ns = std::min(goal->ended_ns, now_ns);  // time was set back: its time begins again
  }
  std::erase_if(goals_, [&](const auto& goal) {
    return has_ended(goal->status) && now_ns - goal->ended_ns >= result_timeout_.count();
  });
}

}  // namespace takt::node::internal
