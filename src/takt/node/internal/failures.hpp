#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait.hpp"
#include "takt/core/log.hpp"
#include "takt/node/failure_policy.hpp"

/// Internal to node.
namespace takt::node::internal {

/// Applies a FailurePolicy to the handlers of one entity. Loop thread, but for count() and record().
class Failures {
 public:
  /// @param what  "subscription /scan of /driver", for the log
  Failures(FailurePolicy policy, std::string what) : policy_(policy), what_(std::move(what)) {}

  /// Rethrows, logs, or logs and makes a pause due, as the policy says.
  void apply(const std::exception_ptr& error);
  /// Nothing should be handled before pause() has been awaited.
  [[nodiscard]] bool pause_due() const noexcept { return pause_until_ns_ != 0; }
  [[nodiscard]] async::Task<void> pause();
  /// A handler went well: the next failure is the first in a row.
  void succeeded() noexcept { in_a_row_ = 0; }

  /// Counts and logs without any consequence. Any thread.
  void record(const std::exception_ptr& error) noexcept;
  [[nodiscard]] bool propagates() const noexcept { return policy_.kind == FailurePolicy::Kind::kPropagate; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  FailurePolicy policy_;
  std::string what_;
  std::uint32_t in_a_row_{0};
  core::Nanoseconds pause_until_ns_{0};  // on the loop's clock; 0: none
  std::atomic<std::uint64_t> count_{0};
  core::RateGate log_gate_;
};

/// What `function()` throws; null when it does not.
template <class F>
[[nodiscard]] std::exception_ptr thrown_by(F&& function) {
  try {
    std::forward<F>(function)();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

/// What `start()`, or the task that it gives, throws; null when neither does. Cancellation passes through.
template <class Start>
[[nodiscard]] async::Task<std::exception_ptr> thrown_by_task(Start start) {
  try {
    co_await start();
  } catch (const async::Cancelled&) {
    throw;
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

}  // namespace takt::node::internal
