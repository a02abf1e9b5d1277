#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/node/action.hpp"
#include "takt/node/internal/active_goal.hpp"
#include "takt/node/internal/failures.hpp"
#include "takt/node/internal/make_entity.hpp"
#include "takt/node/internal/parameter_messages.hpp"
#include "takt/node/internal/publisher_core.hpp"
#include "takt/node/internal/service_core.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What an ActionServer is made of: the goals, and the three services and two topics through which others see them.
template <class A>
class ActionServerCore final : public Entity {
 public:
  using Goal = typename A::Goal;
  using Result = typename A::Result;
  using Accept = std::function<bool(const Goal&)>;
  using Execute = std::move_only_function<async::Task<Result>(ActiveGoal<A>&)>;
  using Record = GoalRecord<A>;
  using SendGoal = messages::SendGoal<A>;
  using GetResult = messages::GetResult<A>;
  using CancelGoal = action_msgs::CancelGoal;

  ActionServerCore(std::shared_ptr<NodeCore> core, const std::string& name, Execute execute, Accept accept,
                   const ActionServerOptions& options)
      : Entity(std::move(core), "action server", name),
        options_(options),
        execute_(std::move(execute)),
        accept_(std::move(accept)),
        failures_(FailurePolicy::log(), title()) {}

  /// Makes the endpoints; after construction, once.
  void open() {
    const auto node = this->node().shared_from_this();
    PublisherOptions status;
    status.qos = bus::Qos::latched();
    status.weaken = true;
    status_ = add<PublisherCore<action_msgs::GoalStatusArray>>(node, "status", status);
    feedback_ = add<PublisherCore<messages::FeedbackMessage<A>>>(node, "feedback", PublisherOptions{.weaken = true});
    serve<SendGoal>(node, "send_goal", [this](const typename SendGoal::Request& request) { return take(request); });
    serve<CancelGoal>(node, "cancel_goal", [this](const CancelGoal::Request& request) { return cancel(request); });
    serve<GetResult>(node, "get_result",
                     [this](const typename GetResult::Request& request) { return result_of(request.goal_id.uuid); });
  }

  void publish_feedback(const Record& record, const typename A::Feedback& feedback) {
    messages::FeedbackMessage<A> message;
    message.goal_id = record.info.goal_id;
    message.feedback = feedback;
    if (!feedback_->destroyed()) {  // else the goal is about to be cancelled
      static_cast<void>(feedback_->publish(message));
    }
  }

  [[nodiscard]] std::size_t goals() const {
    std::size_t count = 0;
    for (const auto& [id, record] : records_) {
      count += has_ended(record->status) ? 0 : 1;
    }
    return count;
  }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_.count(); }

  [[nodiscard]] bool drains() const noexcept override { return true; }
  void begin_drain() noexcept override {
    draining_.set();
    arrived_.ring();
  }

 private:
  template <class Core, class Options>
  std::shared_ptr<Core> add(const std::shared_ptr<NodeCore>& node, const char* part, const Options& options) {
    auto entity = make_entity<Core>(node, action_name(name(), part), options);
    parts_.push_back(entity);
    return entity;
  }
  template <class S, class F>
  void serve(const std::shared_ptr<NodeCore>& node, const char* part, F handler) {
    using Core = ServiceCore<S>;
    ServiceOptions options;
    options.delivery = Delivery::kConcurrent;
    options.max_concurrent = 1024;  // most wait for results
    parts_.push_back(
        make_entity<Core>(node, action_name(name(), part), typename Core::Function(std::move(handler)), options));
  }

  typename SendGoal::Response take(const typename SendGoal::Request& request) {
    typename SendGoal::Response response;
    response.stamp = to_message(node().clock().now_ns());
    response.accepted = !draining_.is_set() && !records_.contains(request.goal_id.uuid) &&
                        goals() < options_.max_goals && (!accept_ || accept_(request.goal));
    if (response.accepted) {
      auto record = std::make_shared<Record>();
      record->info = {.goal_id = request.goal_id, .stamp = response.stamp};
      record->goal = request.goal;
      records_.emplace(request.goal_id.uuid, record);
      to_start_.push_back(std::move(record));
      publish_status();
      arrived_.ring();
    }
    return response;
  }

  // ROS 2's rule: no id and no time mean all; a time, all that were accepted until then; an id, that one too.
  CancelGoal::Response cancel(const CancelGoal::Request& request) {
    const GoalId& id = request.goal_info.goal_id.uuid;
    const auto& stamp = request.goal_info.stamp;
    const bool any_id = id == GoalId{};
    const bool any_time = stamp == builtin_interfaces::Time{};
    CancelGoal::Response response;
    bool rejected = false;
    for (const auto& [known, record] : records_) {
      const auto& taken = record->info.stamp;
      const bool until_then = !any_time && std::pair(taken.sec, taken.nanosec) <= std::pair(stamp.sec, stamp.nanosec);
      if (has_ended(record->status) || !((any_id && any_time) || known == id || until_then)) {
        continue;
      }
      if (options_.cancel == CancelPolicy::kReject) {
        rejected = true;
      } else {
        request_cancel(*record);
        response.goals_canceling.push_back(record->info);
      }
    }
    if (response.goals_canceling.empty() && rejected) {
      response.return_code = CancelGoal::Response::ERROR_REJECTED;
    } else if (response.goals_canceling.empty() && !any_id) {
      response.return_code = records_.contains(id) ? CancelGoal::Response::ERROR_GOAL_TERMINATED
                                                   : CancelGoal::Response::ERROR_UNKNOWN_GOAL_ID;
    }
    publish_status();
    return response;
  }

  void request_cancel(Record& record) {
    record.cancel_requested = true;
    record.status = GoalStatus::kCanceling;
    record.canceling.set();
    if (options_.cancel == CancelPolicy::kCancelTask && record.scope != nullptr) {
      record.scope->cancel("its goal was cancelled");
    }
  }

  async::Task<typename GetResult::Response> result_of(GoalId id) {
    typename GetResult::Response response;
    const auto found = records_.find(id);
    if (found == records_.end()) {
      response.status = static_cast<std::int8_t>(GoalStatus::kUnknown);
      co_return response;
    }
    const std::shared_ptr<Record> record = found->second;
    ++record->waiting;
    co_await record->ended;
    response.status = static_cast<std::int8_t>(record->status);
    response.result = record->result;
    if (--record->waiting == 0 && options_.result_timeout == async::Duration::zero()) {
      records_.erase(id);
    }
    co_return response;
  }

  async::Task<void> run() override {
    Bells::Listening arrived(arrived_, title());
    const auto read = [&](async::Nursery& nursery) -> async::Task<async::Join> {
      while (!draining_.is_set() || !to_start_.empty()) {
        while (!to_start_.empty()) {
          nursery.start(title(), work(this, std::move(to_start_.front())));
          to_start_.pop_front();
        }
        if (!draining_.is_set()) {
          co_await arrived;
        }
      }
      co_return async::kJoin;
    };
    co_await async::with_nursery(read);
  }

  // One goal, from its start until its result is forgotten.
  static async::Task<void> work(ActionServerCore* self, std::shared_ptr<Record> record) {
    async::CancelScope scope;
    record->scope = &scope;
    if (!record->cancel_requested) {
      record->status = GoalStatus::kExecuting;
      self->publish_status();
    } else if (self->options_.cancel == CancelPolicy::kCancelTask) {
      scope.cancel("its goal was cancelled");
    }
    ActiveGoal<A> goal(*self, *record);
    std::exception_ptr error;
    const bool finished = co_await scope.run(execute(self, &goal, &error));
    record->scope = nullptr;
    if (error != nullptr) {
      self->failures_.record(error);
    }
    record->status = !finished ? GoalStatus::kCanceled : error != nullptr ? GoalStatus::kAborted : record->wanted_end;
    record->ended.set();
    self->publish_status();
    co_await self->keep_result(*record);
  }

  static async::Task<void> execute(ActionServerCore* self, ActiveGoal<A>* goal, std::exception_ptr* error) {
    const auto start = [&] { return keep(self->execute_(*goal), &goal->record_.result); };
    *error = co_await thrown_by_task(start);
  }
  static async::Task<void> keep(async::Task<Result> task, Result* result) { *result = co_await std::move(task); }

  async::Task<void> keep_result(const Record& record) {
    const GoalId id = record.info.goal_id.uuid;
    const bool forget_now = options_.result_timeout == async::Duration::zero() && record.waiting == 0;
    if (options_.result_timeout > async::Duration::zero()) {
      static_cast<void>(co_await async::with_timeout(options_.result_timeout, draining_.wait()));
      records_.erase(id);
    } else if (forget_now) {
      records_.erase(id);
    }
  }

  void publish_status() {
    action_msgs::GoalStatusArray message;
    for (const auto& [id, record] : records_) {
      action_msgs::GoalStatus status;
      status.goal_info = record->info;
      status.status = static_cast<std::int8_t>(record->status);
      message.status_list.push_back(status);
    }
    if (!status_->destroyed()) {
      static_cast<void>(status_->publish(message));
    }
  }

  void stop_listening() noexcept override {
    for (const auto& part : parts_) {
      part->destroy();
    }
  }
  void close() noexcept override {}

  const ActionServerOptions options_;
  Execute execute_;
  const Accept accept_;
  Failures failures_;
  async::Event draining_{"action server draining"};
  std::map<GoalId, std::shared_ptr<Record>> records_;
  std::deque<std::shared_ptr<Record>> to_start_;
  Bells arrived_;
  std::vector<std::shared_ptr<Entity>> parts_;
  std::shared_ptr<PublisherCore<action_msgs::GoalStatusArray>> status_;
  std::shared_ptr<PublisherCore<messages::FeedbackMessage<A>>> feedback_;
};

}  // namespace takt::node::internal
