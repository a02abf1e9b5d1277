#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/semaphore.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/failures.hpp"
#include "takt/node/internal/handler.hpp"
#include "takt/node/internal/inlet.hpp"
#include "takt/node/internal/inline_inlet.hpp"
#include "takt/node/internal/subscription_options.hpp"

namespace takt::node {

namespace internal {

/// What a Subscription is made of.
template <class T>
class SubscriptionCore final : public Entity {
 public:
  using Function = Handler<void, const T&, const bus::MessageInfo&>;

  /// @param wants_info  the function looks at its MessageInfo; what is delivered inline goes without it otherwise
  SubscriptionCore(std::shared_ptr<NodeCore> core, const std::string& topic, Function function,
                   const SubscriptionOptions& options, bool wants_info = true)
      : Entity(std::move(core), "subscription", topic),
        options_(options),
        wants_info_(wants_info),
        function_(std::move(function)),
        failures_(options.on_failure, title()) {
    if (options_.take_per_turn == 0 || options_.max_concurrent == 0) {
      throw LogicError(title() + ": max_concurrent and take_per_turn must be above 0");
    }
    if (options_.delivery != Delivery::kInline) {
      inlet_.emplace(node(), topic, InletOptions{.qos = options.qos, .in_process_only = options.in_process_only});
    } else if (!function_.is_plain()) {
      throw LogicError(title() + ": inline delivery wants a plain function: a coroutine runs on the loop");
    }
  }

  static async::Task<std::optional<Received<T>>> next(std::shared_ptr<SubscriptionCore> self) {
    if (self->function_ || !self->inlet_) {
      throw LogicError(self->title() + ": next() of one that has a function");
    }
    if (self->taken_in_a_row_ < self->options_.take_per_turn) {
      if (auto received = self->take()) {
        ++self->taken_in_a_row_;
        co_return received;
      }
    }
    Bells::Listening arrived(self->inlet_->arrived(), self->title());
    if (std::exchange(self->taken_in_a_row_, 0) >= self->options_.take_per_turn) {
      co_await arrived.next_turn();
    }
    auto received = self->take();
    while (!received && !self->destroyed()) {
      co_await arrived;
      received = self->take();
    }
    co_return received;
  }

  [[nodiscard]] std::size_t publishers() const {
    const std::size_t local = node().graph().count(bus::EndpointInfo::Kind::kPublisher, name());
    return local + (inlet_ ? inlet_->remote_publishers() : 0);
  }

  [[nodiscard]] SubscriptionStatistics statistics() const {
    SubscriptionStatistics statistics = counts_;
    statistics.failures = failures_.count();
    if (inlet_) {
      statistics.lost = inlet_->lost();
      statistics.malformed = inlet_->malformed();
      statistics.deadlines_missed = inlet_->deadlines_missed();
    } else {
      statistics.malformed = inline_malformed_.count();
      statistics.received = inline_received_.load(std::memory_order_relaxed);
    }
    return statistics;
  }

  [[nodiscard]] bool has_task() const noexcept override { return static_cast<bool>(function_); }
  [[nodiscard]] bool drains() const noexcept override { return has_task() && inlet_.has_value(); }
  void begin_drain() noexcept override {
    if (!inlet_ || std::exchange(draining_, true)) {
      return;
    }
    inlet_->stop();
    while (left_.size() < kKeepAllBound) {
      auto received = inlet_->take();
      if (!received) {
        break;
      }
      left_.push_back(std::move(*received));
    }
    inlet_->arrived().ring();
  }

 private:
  [[nodiscard]] std::optional<Received<T>> take() {
    std::optional<Received<T>> received;
    if (!draining_) {
      received = inlet_->take();
    } else if (!left_.empty()) {
      received.emplace(std::move(left_.front()));
      left_.pop_front();
    }
    counts_.received += received ? 1 : 0;
    return received;
  }

  async::Task<void> run() override {
    if (!inlet_) {
      co_await run_inline();
      co_return;
    }
    Bells::Listening arrived(inlet_->arrived(), title());
    if (options_.delivery == Delivery::kSequential) {
      co_await read_sequentially(arrived);
      co_return;
    }
    async::Semaphore permits(options_.max_concurrent, title());
    const auto read = [&](async::Nursery& nursery) -> async::Task<async::Join> {
      co_await read_concurrently(arrived, nursery, permits);
      co_return async::kJoin;
    };
    co_await async::with_nursery(read);
  }

  async::Task<void> read_sequentially(Bells::Listening& arrived) {
    for (;;) {
      std::size_t taken = 0;
      for (; taken < options_.take_per_turn && !destroyed() && !failures_.pause_due(); ++taken) {
        auto received = take();
        if (!received) {
          break;
        }
        std::exception_ptr error;
        {
          const InHandler in_handler(counts_.running, counts_.most_running);
          if (function_.is_plain()) {
            error = thrown_by([&] { function_.call(received->message, received->info); });
          } else {
            const auto start = [&] { return function_.start(received->message, received->info); };
            error = co_await thrown_by_task(start);
          }
        }
        ended(error);
      }
      if (destroyed() || (draining_ && taken < options_.take_per_turn && !failures_.pause_due())) {
        co_return;
      }
      co_await rest(arrived, taken);
    }
  }

  async::Task<void> read_concurrently(Bells::Listening& arrived, async::Nursery& nursery, async::Semaphore& permits) {
    for (;;) {
      std::size_t taken = 0;
      for (; taken < options_.take_per_turn && !destroyed() && !failures_.pause_due(); ++taken) {
        counts_.saturated += permits.available() == 0 ? 1 : 0;
        auto permit = co_await permits.acquire();
        auto received = take();
        if (!received) {
          break;
        }
        nursery.start(title(), handle_one(this, std::move(*received), std::move(permit)));
      }
      if (destroyed() || (draining_ && taken < options_.take_per_turn && !failures_.pause_due())) {
        co_return;
      }
      co_await rest(arrived, taken);
    }
  }

  // Until there may be more, and others have had their turn.
  async::Task<void> rest(Bells::Listening& arrived, std::size_t taken) {
    if (failures_.pause_due()) {
      co_await failures_.pause();
    } else if (taken == options_.take_per_turn) {
      co_await arrived.next_turn();
    } else {
      co_await arrived;
    }
  }

  static async::Task<void> handle_one(SubscriptionCore* self, Received<T> received, async::Semaphore::Permit permit) {
    static_cast<void>(permit);  // held until the end
    std::exception_ptr error;
    {
      const InHandler in_handler(self->counts_.running, self->counts_.most_running);
      if (self->function_.is_plain()) {
        error = thrown_by([&] { self->function_.call(received.message, received.info); });
      } else {
        const auto start = [&] { return self->function_.start(received.message, received.info); };
        error = co_await thrown_by_task(start);
      }
    }
    self->ended(error);
  }

  void ended(const std::exception_ptr& error) {
    if (error == nullptr) {
      failures_.succeeded();
    } else {
      failures_.apply(error);
    }
  }

  // What the function throws is counted where it is thrown, and rethrown on the loop when it is to propagate. The rest
  // of a long row of messages is taken on the loop.
  async::Task<void> run_inline() {
    Bells bells;
    Bells::Listening listening(bells, title());
    const auto deliver = [&](const T& message, const bus::MessageInfo& info) {
      if (destroyed()) {  // from inside; the task that hears of it has not run yet
        return;
      }
      const std::exception_ptr error = thrown_by([&] { function_.call(message, info); });
      inline_received_.fetch_add(1, std::memory_order_relaxed);
      if (error != nullptr) {
        const std::scoped_lock lock(inline_mutex_);
        failures_.record(error);
        inline_error_ = failures_.propagates() ? error : nullptr;
        bells.ring();
      }
    };
    typename InlineInlet<T>::Outlet outlet{
        .deliver = deliver, .wants_info = wants_info_, .malformed = inline_malformed_, .more = bells};
    InlineInlet<T> inlet(node(), name(), {.qos = options_.qos, .in_process_only = options_.in_process_only},
                         std::move(outlet));
    for (;;) {
      co_await listening;
      {
        const std::scoped_lock lock(inline_mutex_);
        if (inline_error_ != nullptr) {
          std::rethrow_exception(inline_error_);
        }
      }
      inlet.take_more();
    }
  }

  void stop_listening() noexcept override {
    if (inlet_) {
      inlet_->stop();
      inlet_->arrived().ring();
    }
  }
  void close() noexcept override {
    if (inlet_) {
      inlet_->close();
      inlet_->arrived().ring();
    }
  }

  const SubscriptionOptions options_;
  const bool wants_info_;
  Function function_;
  Failures failures_;
  SubscriptionStatistics counts_;
  std::size_t taken_in_a_row_{0};
  bool draining_{false};
  std::deque<Received<T>> left_;   // what had come when draining began
  std::optional<Inlet<T>> inlet_;  // none when delivery is inline

  Malformed inline_malformed_;
  std::atomic<std::uint64_t> inline_received_{0};
  std::mutex inline_mutex_;  // of what follows
  std::exception_ptr inline_error_;
};

}  // namespace internal
}  // namespace takt::node
