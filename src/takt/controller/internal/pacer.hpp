#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/controller/frequency.hpp"

/// Internal to controller.
namespace takt::controller::internal {

/// The rhythm behind ArmController::pace. For one task at a time; overruns() from any thread.
class Pacer {
 public:
  /// Waits for the next beat. @throws LogicError when the frequency is not finite and positive, or more than 1e9; or
  /// while another task waits. Cancellation: Cancelled, at once; the beat stays the next one.
  [[nodiscard]] async::Task<async::Tick> next(Frequency frequency);

  /// Beats that passed unused, in all rhythms.
  [[nodiscard]] std::uint64_t overruns() const noexcept { return overruns_.load(std::memory_order_relaxed); }

 private:
  Frequency frequency_{};
  std::optional<async::Every> rhythm_;
  bool waiting_{false};
  std::atomic<std::uint64_t> overruns_{0};
};

}  // namespace takt::controller::internal
