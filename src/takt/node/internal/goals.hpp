#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/packages/action_msgs.hpp"
#include "takt/node/action.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What is known of a goal that a server took, but for what its action's types are. Shared by the server's list, the
/// coroutine that works on it, and those who wait for its result.
struct GoalState {
  explicit GoalState(const action_msgs::GoalInfo& about, CancelPolicy cancel) : info(about), on_cancel(cancel) {}

  const action_msgs::GoalInfo info;
  GoalStatus status{GoalStatus::kAccepted};
  GoalStatus wanted_end{GoalStatus::kSucceeded};  // when its coroutine returns
  CancelPolicy on_cancel;
  async::CancelScope* scope{nullptr};  // of its coroutine, while that runs
  core::Nanoseconds ended_ns{0};
  async::Event canceling{"cancel request"};
  async::Event ended{"goal ended"};
};

/// The goals of a server, in the order in which it took them, until their results are forgotten. All times are of the
/// node's clock. Loop thread.
class Goals {
 public:
  using List = std::vector<std::shared_ptr<GoalState>>;

  /// @param result_timeout  as of ActionServerOptions @param changed  called when a goal was added or its status
  /// changed
  Goals(async::Duration result_timeout, std::function<void()> changed)
      : result_timeout_(result_timeout), changed_(std::move(changed)) {}

  void add(std::shared_ptr<GoalState> goal);
  /// Null: it is not known.
  [[nodiscard]] std::shared_ptr<GoalState> find(const GoalId& id) const;
  [[nodiscard]] std::size_t unfinished() const;
  /// How many have ended so, ever.
  [[nodiscard]] std::uint64_t ended(GoalStatus status) const { return ended_.at(static_cast<std::size_t>(status)); }
  [[nodiscard]] action_msgs::GoalStatusArray statuses() const;

  void set_status(GoalState& goal, GoalStatus status);
  /// Sets a final status, once: of a goal that has ended nothing changes. Wakes who waits for it.
  void end(GoalState& goal, GoalStatus status, core::Nanoseconds now_ns);
  /// Every goal that has not ended is aborted.
  void abort_all(core::Nanoseconds now_ns);

  /// Cancels what the request names, as the goals' policies have it.
  [[nodiscard]] action_msgs::CancelGoal::Response cancel(const action_msgs::CancelGoal::Request& request,
                                                         core::Nanoseconds now_ns);

  /// Forgets the results that have been kept for long enough; who waits for one has it all the same.
  void forget_old(core::Nanoseconds now_ns);

 private:
  void begin_cancel(GoalState& goal, core::Nanoseconds now_ns);

  const async::Duration result_timeout_;
  const std::function<void()> changed_;
  List goals_;
  std::array<std::uint64_t, 7> ended_{};
};

}  // namespace takt::node::internal
