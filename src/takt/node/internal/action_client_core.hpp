#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/messages/packages/action_msgs.hpp"
#include "takt/node/action.hpp"
#include "takt/node/internal/client_core.hpp"
#include "takt/node/internal/make_entity.hpp"
#include "takt/node/internal/subscription_core.hpp"

/// Internal to node.
namespace takt::node::internal {

template <class A>
class ActionClientCore;

/// A goal that was sent, shared by its handles and by who waits for its result. The client hears of it as long as it
/// lives.
template <class A>
class SentGoalState {
 public:
  using OnFeedback = decltype(SendGoalOptions<A>::on_feedback);

  /// Not known to the client yet.
  SentGoalState(std::shared_ptr<ActionClientCore<A>> owner, const GoalId& goal, OnFeedback feedback)
      : client(std::move(owner)), id(goal), on_feedback(std::move(feedback)) {}
  SentGoalState(const SentGoalState&) = delete;
  SentGoalState& operator=(const SentGoalState&) = delete;
  ~SentGoalState() { client->forget(id); }

  const std::shared_ptr<ActionClientCore<A>> client;
  const GoalId id;
  const OnFeedback on_feedback;
  core::Nanoseconds accepted_ns{0};
  GoalStatus status{GoalStatus::kUnknown};
};

/// What an ActionClient is made of: three clients, and two subscriptions to what all goals' servers tell.
template <class A>
class ActionClientCore final : public Entity {
 public:
  using Sent = SentGoalState<A>;
  using SendGoal = messages::SendGoal<A>;
  using GetResult = messages::GetResult<A>;
  using CancelGoal = action_msgs::CancelGoal;
  using Feedback = messages::FeedbackMessage<A>;
  using Statuses = action_msgs::GoalStatusArray;

  ActionClientCore(std::shared_ptr<NodeCore> core, const std::string& name)
      : Entity(std::move(core), "action client", name) {}

  /// Makes the endpoints; after construction, once.
  void open() {
    send_ = add<ClientCore<SendGoal>>("send_goal", ClientOptions{});
    cancel_ = add<ClientCore<CancelGoal>>("cancel_goal", ClientOptions{});
    result_ = add<ClientCore<GetResult>>("get_result", ClientOptions{});
    feedback_ = listen<Feedback>("feedback", {}, [this](const Feedback& feedback) { hear(feedback); });
    // The last one of each server has all its goals. Those of before this client are not its own: not the retained
    // ones.
    bus::Qos last;
    last.depth = 1;
    listen<Statuses>("status", last, [this](const Statuses& statuses) { hear(statuses); });
  }

  static async::Task<Expected<std::shared_ptr<Sent>, CallError>> send(std::shared_ptr<ActionClientCore> self,
                                                                      typename A::Goal goal,
                                                                      SendGoalOptions<A> options) {
    self->check_alive("send_goal");
    typename SendGoal::Request request;
    request.goal_id.uuid = new_goal_id();
    request.goal = std::move(goal);
    const auto sent = std::make_shared<Sent>(self, request.goal_id.uuid, std::move(options.on_feedback));
    self->goals_.emplace(sent->id, sent);  // before the server has it: nothing is missed
    const CallOptions call_options{.timeout = options.timeout};
    const auto response = co_await ClientCore<SendGoal>::call(self->send_, std::move(request), call_options);
    if (!response) {
      co_return Unexpected(response.error());
    }
    if (!response->accepted) {
      co_return Unexpected(CallError::kRejected);
    }
    sent->accepted_ns = core::Nanoseconds{response->stamp.sec} * 1'000'000'000 + response->stamp.nanosec;
    sent->status = std::max(sent->status, GoalStatus::kAccepted);  // the topic may have been faster
    co_return sent;
  }

  static async::Task<Expected<GoalResult<A>, CallError>> result(std::shared_ptr<Sent> sent, CallOptions options) {
    const auto self = sent->client;
    self->check_alive("result");
    typename GetResult::Request request;
    request.goal_id.uuid = sent->id;
    auto response = co_await ClientCore<GetResult>::call(self->result_, std::move(request), options);
    if (!response) {
      co_return Unexpected(response.error());
    }
    const auto status = status_of(response->status);
    if (!status || !(has_ended(*status) || *status == GoalStatus::kUnknown)) {
      co_return Unexpected(CallError::kMalformed);
    }
    sent->status = has_ended(*status) ? *status : sent->status;
    GoalResult<A> result;
    result.status = *status;
    result.result = std::move(response->result);
    co_return result;
  }

  static async::Task<Expected<CancelAnswer, CallError>> cancel(std::shared_ptr<Sent> sent, CallOptions options) {
    action_msgs::GoalInfo which;
    which.goal_id.uuid = sent->id;
    const auto response = co_await ask_to_cancel(sent->client, which, options);
    if (!response) {
      co_return Unexpected(response.error());
    }
    const auto code = response->return_code;
    if (code < 0 || code > CancelGoal::Response::ERROR_GOAL_TERMINATED) {
      co_return Unexpected(CallError::kMalformed);
    }
    const auto is_it = [&](const action_msgs::GoalInfo& goal) { return goal.goal_id.uuid == sent->id; };
    if (code == CancelGoal::Response::ERROR_NONE && std::ranges::none_of(response->goals_canceling, is_it)) {
      co_return CancelAnswer::kRejected;  // what rclpy's servers say
    }
    co_return static_cast<CancelAnswer>(code);
  }

  /// @param until  those that were accepted until then; 0: all
  static async::Task<Expected<std::vector<GoalId>, CallError>> cancel_all(std::shared_ptr<ActionClientCore> self,
                                                                          builtin_interfaces::Time until,
                                                                          CallOptions options) {
    action_msgs::GoalInfo which;
    which.stamp = until;
    const auto response = co_await ask_to_cancel(self, which, options);
    if (!response) {
      co_return Unexpected(response.error());
    }
    std::vector<GoalId> canceling;
    for (const action_msgs::GoalInfo& goal : response->goals_canceling) {
      canceling.push_back(goal.goal_id.uuid);
    }
    co_return canceling;
  }

  [[nodiscard]] bool server_available() const {
    return send_->service_available() && cancel_->service_available() && result_->service_available() &&
           feedback_->publishers() > 0;
  }
  static async::Task<bool> wait_for_server(std::shared_ptr<ActionClientCore> self,
                                           std::optional<async::Duration> limit) {
    const auto there = [&self] { return self->destroyed() || self->server_available(); };
    const bool came = co_await until(self->node().graph().changed(), there, limit, self->title());
    co_return came && !self->destroyed();
  }

  void forget(const GoalId& id) noexcept { goals_.erase(id); }

  [[nodiscard]] bool has_task() const noexcept override { return false; }

 private:
  template <class Core, class... Args>
  std::shared_ptr<Core> add(const char* part, Args&&... args) {
    auto entity = make_entity<Core>(node().shared_from_this(), action_name(name(), part), std::forward<Args>(args)...);
    parts_.push_back(entity);
    return entity;
  }
  template <class M, class F>
  std::shared_ptr<SubscriptionCore<M>> listen(const char* part, const bus::Qos& qos, F hear_message) {
    using Function = typename SubscriptionCore<M>::Function;
    SubscriptionOptions options;
    options.qos = qos;
    return add<SubscriptionCore<M>>(
        part, Function([hear_message](const M& message, const bus::MessageInfo& /*info*/) { hear_message(message); }),
        options);
  }

  static async::Task<Expected<CancelGoal::Response, CallError>> ask_to_cancel(std::shared_ptr<ActionClientCore> self,
                                                                              action_msgs::GoalInfo which,
                                                                              CallOptions options) {
    self->check_alive("cancel");
    CancelGoal::Request request;
    request.goal_info = which;
    co_return co_await ClientCore<CancelGoal>::call(self->cancel_, std::move(request), options);
  }

  /// Nothing: a number that is none.
  [[nodiscard]] static std::optional<GoalStatus> status_of(std::int8_t number) noexcept {
    const bool is_one = number >= 0 && number <= static_cast<std::int8_t>(GoalStatus::kAborted);
    return is_one ? std::optional(static_cast<GoalStatus>(number)) : std::nullopt;
  }

  /// One of this client's own; null otherwise.
  [[nodiscard]] std::shared_ptr<Sent> find(const GoalId& id) const {
    const auto goal = goals_.find(id);
    return goal == goals_.end() ? nullptr : goal->second.lock();
  }
  void hear(const Feedback& feedback) {
    const auto sent = find(feedback.goal_id.uuid);
    if (sent != nullptr && sent->on_feedback) {
      sent->on_feedback(feedback.feedback);
    }
  }
  void hear(const Statuses& statuses) {
    for (const action_msgs::GoalStatus& told : statuses.status_list) {
      const auto sent = find(told.goal_info.goal_id.uuid);
      const auto status = status_of(told.status);
      if (sent != nullptr && status && !has_ended(sent->status)) {
        sent->status = *status;
      }
    }
  }

  async::Task<void> run() override { co_return; }
  void stop_listening() noexcept override {
    for (const auto& part : parts_) {
      part->destroy();
    }
  }
  void close() noexcept override {}

  std::map<GoalId, std::weak_ptr<Sent>> goals_;
  std::vector<std::shared_ptr<Entity>> parts_;
  std::shared_ptr<ClientCore<SendGoal>> send_;
  std::shared_ptr<ClientCore<CancelGoal>> cancel_;
  std::shared_ptr<ClientCore<GetResult>> result_;
  std::shared_ptr<SubscriptionCore<Feedback>> feedback_;
};

}  // namespace takt::node::internal
