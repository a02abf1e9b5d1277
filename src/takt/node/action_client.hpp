#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/node/internal/action_client_core.hpp"
#include "takt/node/internal/parameter_messages.hpp"
#include "takt/node/node.hpp"

namespace takt::node {

/// A goal that a server has accepted. A handle: copies mean the same goal; dropping all of them ends its feedback, and
/// leaves the goal alone. Loop thread.
template <messages::RosAction A>
class SentGoal {
 public:
  [[nodiscard]] const GoalId& id() const noexcept { return state_->id; }
  /// On the server's clock.
  [[nodiscard]] core::Nanoseconds accepted_ns() const noexcept { return state_->accepted_ns; }
  /// As the server told last; it may have gone on.
  [[nodiscard]] GoalStatus status() const noexcept { return state_->status; }

  /// Waits for what comes of it; may be asked again while the server keeps it. Errors and cancellation as of
  /// Client::call: cancelled is the waiting, not the goal.
  [[nodiscard]] async::Task<Expected<GoalResult<A>, CallError>> result(CallOptions options = {}) const {
    return internal::ActionClientCore<A>::result(state_, options);
  }
  /// Asks the server to cancel it. Errors and cancellation as of Client::call.
  [[nodiscard]] async::Task<Expected<CancelAnswer, CallError>> cancel(CallOptions options = {}) const {
    return internal::ActionClientCore<A>::cancel(state_, options);
  }

 private:
  template <messages::RosAction>
  friend class ActionClient;
  explicit SentGoal(std::shared_ptr<internal::SentGoalState<A>> state) noexcept : state_(std::move(state)) {}
  std::shared_ptr<internal::SentGoalState<A>> state_;
};

/// Sends goals to an action server. Made by Node::action_client:
///
///   auto client = node.action_client<Fibonacci>("/fibonacci");
///   auto goal = co_await client.send_goal({.order = 10}, {.on_feedback = [](const Fibonacci::Feedback& now) { … }});
///   if (goal) { auto result = co_await goal->result(); }
///
/// A handle: copies mean the same client. Loop thread; its node must be entered.
template <messages::RosAction A>
class ActionClient {
 public:
  /// Sends a goal and waits for the server's answer. kRejected: it does not want it. Errors otherwise as of
  /// Client::call. Cancellation: Cancelled; as after kTimedOut, the server may have the goal all the same.
  [[nodiscard]] async::Task<Expected<SentGoal<A>, CallError>> send_goal(typename A::Goal goal,
                                                                        SendGoalOptions<A> options = {}) const {
    return send(core_, std::move(goal), std::move(options));
  }

  /// Asks the server to cancel all its goals, of all clients. Gives those that are canceling now.
  [[nodiscard]] async::Task<Expected<std::vector<GoalId>, CallError>> cancel_all(CallOptions options = {}) const {
    return internal::ActionClientCore<A>::cancel_all(core_, {}, options);
  }
  /// … all that it accepted until then. @param accepted_ns  on the server's clock, as SentGoal has it; above 0
  [[nodiscard]] async::Task<Expected<std::vector<GoalId>, CallError>> cancel_until(core::Nanoseconds accepted_ns,
                                                                                   CallOptions options = {}) const {
    if (accepted_ns <= 0) {
      throw LogicError("cancel_until: want a time after 0, which would mean all goals");
    }
    return internal::ActionClientCore<A>::cancel_all(core_, internal::to_message(accepted_ns), options);
  }

  /// A server is there now.
  [[nodiscard]] bool server_available() const { return core_->server_available(); }
  /// As Client::wait_for_service.
  [[nodiscard]] async::Task<bool> wait_for_server(std::optional<async::Duration> limit = {}) const {
    return internal::ActionClientCore<A>::wait_for_server(core_, limit);
  }

  [[nodiscard]] const std::string& name() const noexcept { return core_->name(); }
  /// Calls that wait get kClientClosed. Idempotent.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  friend class Node;
  using Core = internal::ActionClientCore<A>;
  explicit ActionClient(std::shared_ptr<Core> core) noexcept : core_(std::move(core)) {}

  static async::Task<Expected<SentGoal<A>, CallError>> send(std::shared_ptr<Core> core, typename A::Goal goal,
                                                            SendGoalOptions<A> options) {
    const auto sent = co_await Core::send(std::move(core), std::move(goal), std::move(options));
    if (!sent) {
      co_return Unexpected(sent.error());
    }
    co_return SentGoal<A>(*sent);
  }

  std::shared_ptr<Core> core_;
};

template <messages::RosAction A>
ActionClient<A> Node::action_client(std::string_view name) {
  return ActionClient<A>(make_opened<internal::ActionClientCore<A>>(resolve(name)));
}

}  // namespace takt::node
