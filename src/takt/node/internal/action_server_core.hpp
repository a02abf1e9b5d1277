#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/async/tasks/nursery.hpp"
#include "takt/node/active_goal.hpp"
#include "takt/node/internal/failures.hpp"
#include "takt/node/internal/make_entity.hpp"
#include "takt/node/internal/parameter_messages.hpp"
#include "takt/node/internal/service_core.hpp"

namespace takt::node {

struct ActionServerStatistics {
  std::uint64_t accepted{0};
  std::uint64_t rejected{0};
  std::uint64_t succeeded{0};
  std::uint64_t canceled{0};
  std::uint64_t aborted{0};
  std::uint64_t failures{0};  ///< of the coroutine, and of ActionServerOptions::accept
  std::size_t unfinished{0};  ///< goals now, those that wait for their turn included
  std::size_t running{0};     ///< coroutines now
  std::size_t most_running{0};
};

namespace internal {

/// What an ActionServer is made of: the goals, and the three services and two topics through which others see them.
/// Those are entities of the node too, which end with this one.
template <class A>
class ActionServerCore final : public Entity {
 public:
  using Goal = typename A::Goal;
  using Result = typename A::Result;
  using Execute = std::move_only_function<async::Task<Result>(ActiveGoal<A>&)>;

  ActionServerCore(std::shared_ptr<NodeCore> core, const std::string& name, Execute execute,
                   ActionServerOptions<A> options)
      : Entity(std::move(core), "action server", name),
        options_(std::move(options)),
        execute_(std::move(execute)),
        failures_(options_.on_failure, title()) {
    if (options_.max_goals == 0 || options_.max_concurrent == 0) {
      throw LogicError(title() + ": max_goals and max_concurrent must be above 0");
    }
  }

  /// Makes the endpoints; after construction, once.
  void open() {
    PublisherOptions status;
    status.qos = bus::Qos::latched();
    status.weaken = true;
    status_ = add<PublisherCore<action_msgs::GoalStatusArray>>("status", status);
    feedback_ = add<PublisherCore<messages::FeedbackMessage<A>>>("feedback", PublisherOptions{.weaken = true});
    serve<SendGoal>("send_goal", [this](const typename SendGoal::Request& request) { return take(request); });
    serve<CancelGoal>("cancel_goal", [this](const CancelGoal::Request& request) {
      goals_.forget_old(now_ns());
      return goals_.cancel(request, now_ns());
    });
    serve<GetResult>("get_result",
                     [this](const typename GetResult::Request& request) { return result_of(request.goal_id.uuid); });
  }

  [[nodiscard]] ActionServerStatistics statistics() const {
    ActionServerStatistics statistics = counts_;
    statistics.failures = failures_.count();
    statistics.unfinished = goals_.unfinished();
    statistics.succeeded = goals_.ended(GoalStatus::kSucceeded);
    statistics.canceled = goals_.ended(GoalStatus::kCanceled);
    statistics.aborted = goals_.ended(GoalStatus::kAborted);
    return statistics;
  }

  [[nodiscard]] bool drains() const noexcept override { return true; }
  void begin_drain() noexcept override {
    draining_ = true;
    arrived_.ring();
  }

 private:
  using SendGoal = messages::SendGoal<A>;
  using GetResult = messages::GetResult<A>;
  using CancelGoal = action_msgs::CancelGoal;
  using Record = GoalRecord<A>;

  template <class Core, class... Args>
  std::shared_ptr<Core> add(const char* part, Args&&... args) {
    auto entity = make_entity<Core>(node().shared_from_this(), action_name(name(), part), std::forward<Args>(args)...);
    parts_.push_back(entity);
    return entity;
  }
  template <class S, class F>
  void serve(const char* part, F handler) {
    using Core = ServiceCore<S>;
    ServiceOptions options;
    options.delivery = Delivery::kConcurrent;
    options.max_concurrent = 1024;                     // most wait for results
    options.max_per_client = options_.max_goals + 64;  // nobody else need wait when one asks without end
    add<Core>(part, typename Core::Function(std::move(handler)), options);
  }
  [[nodiscard]] core::Nanoseconds now_ns() const { return node().clock().now_ns(); }

  typename SendGoal::Response take(const typename SendGoal::Request& request) {
    goals_.forget_old(now_ns());
    typename SendGoal::Response response;
    response.stamp = to_message(now_ns());
    response.accepted = accepts(request);
    ++(response.accepted ? counts_.accepted : counts_.rejected);
    if (response.accepted) {
      const action_msgs::GoalInfo info{.goal_id = request.goal_id, .stamp = response.stamp};
      auto record = std::make_shared<Record>(info, options_.cancel, request.goal);
      to_start_.push_back(record);
      goals_.add(std::move(record));
      arrived_.ring();
    }
    return response;
  }

  [[nodiscard]] bool accepts(const typename SendGoal::Request& request) {
    if (draining_ || goals_.unfinished() >= options_.max_goals || goals_.find(request.goal_id.uuid) != nullptr) {
      return false;
    }
    bool accepted = true;
    if (options_.accept) {
      const std::exception_ptr error = thrown_by([&] { accepted = options_.accept(request.goal); });
      if (error != nullptr) {
        accepted = false;
        failures_.record(error);
      }
    }
    return accepted;
  }

  async::Task<typename GetResult::Response> result_of(GoalId id) {
    typename GetResult::Response response;
    goals_.forget_old(now_ns());
    const auto record = std::static_pointer_cast<Record>(goals_.find(id));
    if (record == nullptr) {
      response.status = static_cast<std::int8_t>(GoalStatus::kUnknown);
      co_return response;
    }
    co_await record->ended;
    response.status = static_cast<std::int8_t>(record->status);
    response.result = record->result;
    co_return response;
  }

  async::Task<void> run() override {
    Bells::Listening arrived(arrived_, title());
    const auto start_all = [&](async::Nursery& nursery) -> async::Task<async::Join> {
      while (!draining_ || !to_start_.empty()) {
        if (failures_.pause_due()) {
          co_await failures_.pause();
        } else if (auto record = next_to_start()) {
          nursery.start(title(), work(this, std::move(record)));
        } else if (!draining_ || !to_start_.empty()) {
          co_await arrived;
        }
      }
      co_return async::kJoin;
    };
    co_await async::with_nursery(start_all);
  }

  /// Counts it as running. Null: there is none, or it is not its turn yet.
  [[nodiscard]] std::shared_ptr<Record> next_to_start() {
    while (!to_start_.empty() && has_ended(to_start_.front()->status)) {  // cancelled before their turn
      to_start_.pop_front();
    }
    if (to_start_.empty() || counts_.running >= options_.max_concurrent) {
      return nullptr;
    }
    counts_.most_running = std::max(counts_.most_running, ++counts_.running);
    auto record = std::move(to_start_.front());
    to_start_.pop_front();
    return record;
  }

  /// A goal's turn, which ends with this.
  class Turn {
   public:
    Turn(ActionServerCore& server, Record& record) noexcept : server_(server), record_(record) {
      record_.scope = &scope;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      record_.scope = nullptr;
      --server_.counts_.running;
      server_.arrived_.ring();
    }

    async::CancelScope scope;

   private:
    ActionServerCore& server_;
    Record& record_;
  };

  static async::Task<void> work(ActionServerCore* self, std::shared_ptr<Record> record) {
    Turn turn(*self, *record);
    if (has_ended(record->status)) {  // since next_to_start()
      co_return;
    }
    self->goals_.set_status(*record, GoalStatus::kExecuting);
    ActiveGoal<A> goal(*record, *self->feedback_);
    std::exception_ptr error;
    const bool finished = co_await turn.scope.run(execute(self, &goal, &record->result, &error));
    const GoalStatus end = error != nullptr ? GoalStatus::kAborted : record->wanted_end;
    self->goals_.end(*record, finished ? end : GoalStatus::kCanceled, self->now_ns());
    self->goals_.forget_old(self->now_ns());
    if (error != nullptr) {
      self->failures_.apply(error);
    } else {
      self->failures_.succeeded();
    }
  }

  static async::Task<void> execute(ActionServerCore* self, ActiveGoal<A>* goal, Result* result,
                                   std::exception_ptr* error) {
    const auto start = [&] { return keep(self, goal, result); };
    *error = co_await thrown_by_task(start);
  }
  static async::Task<void> keep(ActionServerCore* self, ActiveGoal<A>* goal, Result* result) {
    *result = co_await self->execute_(*goal);
  }

  void publish_status() {
    if (!status_->destroyed()) {
      [[maybe_unused]] const auto sent = status_->publish(goals_.statuses());  // what is refused, it counts
    }
  }

  // Goals that have not ended are aborted: who waits for one hears it, if the message still gets through.
  void stop_listening() noexcept override {
    static_cast<void>(thrown_by([this] { goals_.abort_all(now_ns()); }));
    for (const auto& part : parts_) {
      part->destroy();
    }
  }
  void close() noexcept override {}

  const ActionServerOptions<A> options_;
  Execute execute_;
  Failures failures_;
  ActionServerStatistics counts_;
  Goals goals_{options_.result_timeout, [this] { publish_status(); }};
  bool draining_{false};
  std::deque<std::shared_ptr<Record>> to_start_;
  Bells arrived_;
  std::vector<std::shared_ptr<Entity>> parts_;
  std::shared_ptr<PublisherCore<action_msgs::GoalStatusArray>> status_;
  std::shared_ptr<PublisherCore<messages::FeedbackMessage<A>>> feedback_;
};

}  // namespace internal
}  // namespace takt::node
