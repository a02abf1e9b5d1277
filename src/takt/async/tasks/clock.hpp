#pragma once

#include <chrono>

#include "takt/async/tasks/internal/timer_heap.hpp"
#include "takt/core/time.hpp"

namespace takt::async {

using Duration = std::chrono::nanoseconds;

/// Time that tasks can sleep on: now_ns(), and a heap of sleepers. The interface behind sleep_for, sleep_until and
/// every. Implementations: the loop's own steady clock (EventLoop::clock), SystemClock, ManualClock, SimulatedClock
/// (clocks.hpp). A resource; used by the tasks of one loop. It must outlive its sleepers.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock();

  /// [ns] since an epoch of the clock's own. Any thread.
  [[nodiscard]] virtual core::Nanoseconds now_ns() const noexcept = 0;

  /// Tasks that sleep on it now.
  [[nodiscard]] std::size_t sleepers() const noexcept { return timers_.size(); }

  /// What sleeping is made of; adapters may use them. Loop thread. A timer fires on the loop's thread when now_ns() has
  /// reached its deadline.
  void set_timer(internal::Timer& timer, core::Nanoseconds deadline_ns);
  void cancel_timer(internal::Timer& timer) noexcept;

 protected:
  /// The earliest deadline is another one now, or there is none any more.
  virtual void rearm() {}
  [[nodiscard]] internal::TimerHeap& timers() noexcept { return timers_; }
  [[nodiscard]] const internal::TimerHeap& timers() const noexcept { return timers_; }

 private:
  internal::TimerHeap timers_;
};

}  // namespace takt::async
