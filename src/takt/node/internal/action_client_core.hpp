#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/node/action.hpp"
#include "takt/node/internal/client_core.hpp"
#include "takt/node/internal/make_entity.hpp"
#include "takt/node/internal/subscription_core.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What an ActionClient is made of: three clients, and a subscription to the feedback of all goals.
template <class A>
class ActionClientCore final : public Entity {
 public:
  using OnFeedback = std::function<void(const typename A::Feedback&)>;
  using Feedback = messages::FeedbackMessage<A>;
  using SendGoal = messages::SendGoal<A>;
  using GetResult = messages::GetResult<A>;
  using CancelGoal = action_msgs::CancelGoal;

  ActionClientCore(std::shared_ptr<NodeCore> core, const std::string& name)
      : Entity(std::move(core), "action client", name) {}

  /// Makes the endpoints; after construction, once.
  void open() {
    const auto node = this->node().shared_from_this();
    send_ = add<ClientCore<SendGoal>>(node, "send_goal", ClientOptions{});
    cancel_ = add<ClientCore<CancelGoal>>(node, "cancel_goal", ClientOptions{});
    result_ = add<ClientCore<GetResult>>(node, "get_result", ClientOptions{});
    using Function = typename SubscriptionCore<Feedback>::Function;
    add<SubscriptionCore<Feedback>>(
        node, "feedback",
        Function([this](const Feedback& feedback, const bus::MessageInfo& /*info*/) { hear(feedback); }),
        SubscriptionOptions{});
  }

  static async::Task<Expected<GoalId, CallError>> send(std::shared_ptr<ActionClientCore> self, typename A::Goal goal,
                                                       OnFeedback on_feedback, SendGoalOptions options) {
    self->check_alive("send_goal");
    typename SendGoal::Request request;
    request.goal_id.uuid = new_goal_id();
    request.goal = std::move(goal);
    const GoalId id = request.goal_id.uuid;
    Heard heard(*self, id, std::move(on_feedback));  // before the goal is there: nothing is missed
    const CallOptions call_options{.timeout = options.timeout};
    const auto response = co_await ClientCore<SendGoal>::call(self->send_, std::move(request), call_options);
    if (!response) {
      co_return Unexpected(response.error());
    }
    if (!response->accepted) {
      co_return Unexpected(CallError::kRejected);
    }
    heard.keep();
    co_return id;
  }

  static async::Task<Expected<GoalResult<A>, CallError>> result(std::shared_ptr<ActionClientCore> self, GoalId id,
                                                                CallOptions options) {
    self->check_alive("result");
    typename GetResult::Request request;
    request.goal_id.uuid = id;
    auto response = co_await ClientCore<GetResult>::call(self->result_, std::move(request), options);
    if (response || response.error() != CallError::kTimedOut) {  // else it can be asked again
      self->listeners_.erase(id);
    }
    if (!response) {
      co_return Unexpected(response.error());
    }
    GoalResult<A> result;
    result.status = static_cast<GoalStatus>(response->status);
    result.result = std::move(response->result);
    co_return result;
  }

  static async::Task<Expected<bool, CallError>> cancel(std::shared_ptr<ActionClientCore> self,
                                                       action_msgs::GoalInfo which, CallOptions options) {
    self->check_alive("cancel");
    CancelGoal::Request request;
    request.goal_info = which;
    const auto response = co_await ClientCore<CancelGoal>::call(self->cancel_, std::move(request), options);
    if (!response) {
      co_return Unexpected(response.error());
    }
    co_return !response->goals_canceling.empty();
  }

  [[nodiscard]] bool server_available() const {
    return send_->service_available() && cancel_->service_available() && result_->service_available();
  }
  static async::Task<bool> wait_for_server(std::shared_ptr<ActionClientCore> self,
                                           std::optional<async::Duration> limit) {
    const auto there = [&self] { return self->destroyed() || self->server_available(); };
    const bool came = co_await until(self->node().graph().changed(), there, limit, self->title());
    co_return came && !self->destroyed();
  }

  [[nodiscard]] bool has_task() const noexcept override { return false; }

 private:
  /// Hears a goal's feedback; unless it is kept, only while this lives.
  class Heard {
   public:
    Heard(ActionClientCore& core, const GoalId& id, OnFeedback on_feedback) : core_(core), id_(id) {
      if (on_feedback) {
        core_.listeners_.emplace(id, std::move(on_feedback));
      }
    }
    Heard(const Heard&) = delete;
    Heard& operator=(const Heard&) = delete;
    ~Heard() {
      if (!kept_) {
        core_.listeners_.erase(id_);
      }
    }
    void keep() noexcept { kept_ = true; }

   private:
    ActionClientCore& core_;
    GoalId id_;
    bool kept_{false};
  };

  template <class Core, class... Args>
  std::shared_ptr<Core> add(const std::shared_ptr<NodeCore>& node, const char* part, Args&&... args) {
    auto entity = make_entity<Core>(node, action_name(name(), part), std::forward<Args>(args)...);
    parts_.push_back(entity);
    return entity;
  }

  void hear(const Feedback& feedback) {
    const auto listener = listeners_.find(feedback.goal_id.uuid);
    if (listener != listeners_.end()) {
      const OnFeedback on_feedback = listener->second;  // it may end itself
      on_feedback(feedback.feedback);
    }
  }

  async::Task<void> run() override { co_return; }
  void stop_listening() noexcept override {
    for (const auto& part : parts_) {
      part->destroy();
    }
  }
  void close() noexcept override { listeners_.clear(); }

  std::map<GoalId, OnFeedback> listeners_;
  std::vector<std::shared_ptr<Entity>> parts_;
  std::shared_ptr<ClientCore<SendGoal>> send_;
  std::shared_ptr<ClientCore<CancelGoal>> cancel_;
  std::shared_ptr<ClientCore<GetResult>> result_;
};

}  // namespace takt::node::internal
