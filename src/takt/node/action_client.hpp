#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "takt/node/internal/action_client_core.hpp"
#include "takt/node/internal/names.hpp"
#include "takt/node/node.hpp"

namespace takt::node {

/// A goal that a server has accepted. A handle. Loop thread.
template <messages::RosAction A>
class SentGoal {
 public:
  [[nodiscard]] const GoalId& id() const noexcept { return id_; }

  /// Waits for what comes of it; may be asked again while the server keeps it. Errors and cancellation as of
  /// Client::call: cancelled is the waiting, not the goal.
  [[nodiscard]] async::Task<Expected<GoalResult<A>, CallError>> result(CallOptions options = {}) {
    return internal::ActionClientCore<A>::result(core_, id_, options);
  }
  /// Asks the server to cancel it. True: it will; false: it will not, or the goal has ended.
  [[nodiscard]] async::Task<Expected<bool, CallError>> cancel(CallOptions options = {}) {
    action_msgs::GoalInfo which;
    which.goal_id.uuid = id_;
    return internal::ActionClientCore<A>::cancel(core_, which, options);
  }

 private:
  template <messages::RosAction>
  friend class ActionClient;
  SentGoal(std::shared_ptr<internal::ActionClientCore<A>> core, const GoalId& id) noexcept
      : core_(std::move(core)), id_(id) {}

  std::shared_ptr<internal::ActionClientCore<A>> core_;
  GoalId id_;
};

/// Sends goals to an action server.
///
///   ActionClient<Fibonacci> client(node, "/fibonacci");
///   auto goal = co_await client.send_goal({.order = 10}, [](const Fibonacci::Feedback& feedback) { … });
///   if (goal) { auto result = co_await goal->result(); }
///
/// A handle: copies mean the same client. Loop thread; its node must be entered.
template <messages::RosAction A>
class ActionClient {
 public:
  using OnFeedback = typename internal::ActionClientCore<A>::OnFeedback;

  /// @throws as the makers of Node
  ActionClient(Node& node, std::string_view name)
      : core_(internal::make_entity<internal::ActionClientCore<A>>(node.core(),
                                                                   internal::resolve_name(node.name(), name))) {
    try {
      core_->open();
    } catch (...) {
      core_->destroy();
      throw;
    }
  }

  /// Sends a goal and waits for the server's answer. kRejected: it does not want it. Errors and cancellation otherwise
  /// as of Client::call. @param on_feedback  until the result has come, or the client is destroyed; may be empty
  [[nodiscard]] async::Task<Expected<SentGoal<A>, CallError>> send_goal(typename A::Goal goal,
                                                                        OnFeedback on_feedback = {},
                                                                        SendGoalOptions options = {}) {
    return send(core_, std::move(goal), std::move(on_feedback), options);
  }

  /// Asks the server to cancel all its goals, of all clients. True: some will be.
  [[nodiscard]] async::Task<Expected<bool, CallError>> cancel_all(CallOptions options = {}) {
    return internal::ActionClientCore<A>::cancel(core_, {}, options);
  }

  /// A server is there now.
  [[nodiscard]] bool server_available() const { return core_->server_available(); }
  /// As Client::wait_for_service.
  [[nodiscard]] async::Task<bool> wait_for_server(std::optional<async::Duration> limit = {}) {
    return internal::ActionClientCore<A>::wait_for_server(core_, limit);
  }

  [[nodiscard]] const std::string& name() const noexcept { return core_->name(); }
  /// Calls that wait get kClientClosed. Idempotent.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  static async::Task<Expected<SentGoal<A>, CallError>> send(std::shared_ptr<internal::ActionClientCore<A>> core,
                                                            typename A::Goal goal, OnFeedback on_feedback,
                                                            SendGoalOptions options) {
    const auto id =
        co_await internal::ActionClientCore<A>::send(core, std::move(goal), std::move(on_feedback), options);
    if (!id) {
      co_return Unexpected(id.error());
    }
    co_return SentGoal<A>(core, *id);
  }

  std::shared_ptr<internal::ActionClientCore<A>> core_;
};

}  // namespace takt::node
