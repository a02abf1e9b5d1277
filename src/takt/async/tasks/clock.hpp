#pragma once

#include <chrono>
#include <cstdint>

#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/internal/timer_heap.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

namespace takt::async {

using Duration = std::chrono::nanoseconds;

/// Thrown into a task that sleeps on a clock whose source of time was changed: what it waits for means nothing in the
/// times to come.
class TimeSourceChanged : public Error {
 public:
  using Error::Error;
};

/// Time that tasks can sleep on: now_ns(), and a heap of sleepers. The interface behind sleep_for, sleep_until and
/// every. Implementations: the loop's own steady clock (EventLoop::clock), SystemClock, ManualClock, SimulatedClock
/// (clocks.hpp). A resource; used by the tasks of one loop at a time. When it is destroyed, those who still sleep on it
/// get a LogicError.
class Clock {
 public:
  Clock() noexcept;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock();

  /// [ns] since an epoch of the clock's own. Any thread.
  [[nodiscard]] virtual core::Nanoseconds now_ns() const noexcept = 0;

  /// Another one for each clock of the process, from 1: tells a clock from one that was at its address before.
  [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }

  /// Tasks that sleep on it now. Loop thread.
  [[nodiscard]] std::size_t sleepers() const noexcept { return timers_.size(); }

  /// What sleeping is made of; adapters may use them. A timer fires on the loop's thread when now_ns() has reached its
  /// deadline; one whose deadline has passed already may wait until the clock moves. @throws LogicError on another
  /// thread than the clock's.
  void set_timer(internal::Timer& timer, core::Nanoseconds deadline_ns);
  /// Loop thread.
  void cancel_timer(internal::Timer& timer) noexcept;

 protected:
  /// The earliest deadline may be another one now, or there is none any more. May throw when a timer was set.
  virtual void rearm() {}
  /// @throws LogicError on another thread than the clock's. @param what  "ManualClock::advance"
  void check_thread(const char* what) { thread_.check(what, {}); }
  /// Moves it to this thread. @pre nobody sleeps on it
  void move_to_this_thread() noexcept { thread_.rebind(); }
  /// It belongs to the thread that uses it next. @pre nobody sleeps on it
  void leave_thread() noexcept { thread_.unbind(); }
  [[nodiscard]] internal::TimerHeap& timers() noexcept { return timers_; }
  [[nodiscard]] const internal::TimerHeap& timers() const noexcept { return timers_; }

 private:
  std::uint64_t serial_;
  internal::ThreadBound thread_;
  internal::TimerHeap timers_;
};

}  // namespace takt::async
