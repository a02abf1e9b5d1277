#pragma once

#include <atomic>
#include <cstdint>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/internal/io_watch.hpp"
#include "takt/async/tasks/internal/outside_wait.hpp"

namespace takt::async {

/// CLOCK_REALTIME, for what happens at a time of day. Sleepers wake when the wall shows their deadline, also when it is
/// set meanwhile, forwards or backwards. Not for durations and rhythms: those want the loop's clock.
///
/// Costs a descriptor, and a system call when the earliest deadline changes. On a loop with virtual time its sleepers
/// count as waits that only the outside can end: deadlines of the loop's clock do not wait for the wall. While nobody
/// sleeps on it, it belongs to no thread: the loop of any may use it next.
class SystemClock final : public Clock {
 public:
  /// @throws SystemError when there is no timerfd
  SystemClock();
  ~SystemClock() override;

  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override { return core::wall_now_ns(); }

 private:
  // Watched while somebody sleeps.
  class Alarm final : public internal::IoWatch {
   public:
    explicit Alarm(SystemClock& clock) noexcept : clock_(clock) {}
    void ready(std::uint32_t /*events*/) noexcept override { clock_.wall_moved(); }

   private:
    SystemClock& clock_;
  };

  void rearm() override;
  void wall_moved() noexcept;

  int descriptor_;
  Alarm alarm_{*this};
  internal::OutsideWait outside_;
};

/// A clock that stands still until somebody advances it: for tests, and for what counts its own time.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(core::Nanoseconds start_ns = 0) noexcept : now_ns_(start_ns) {}

  /// Moves time forward; who sleeps until then or earlier becomes ready, in the order of the deadlines, and sees the
  /// new time when it runs. Loop thread. @throws LogicError when the duration is negative.
  void advance(Duration duration);

  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override { return now_ns_.load(std::memory_order_relaxed); }

 private:
  std::atomic<core::Nanoseconds> now_ns_;
};

/// A clock that shows what somebody else says: a simulator, a recording. It stands still between two messages.
///
/// Until the first message it is inactive: now_ns() is 0 and who sleeps waits. A sleep that began then is counted from
/// 0, so a first message that says 100 s ends a sleep_for(1s).
///
///   time moves forwards    who is due wakes, in the order of the deadlines; the others cost nothing
///   time moves backwards   sleepers keep their deadlines: they wait until the clock gets there again; it is counted
///   the source changes     every sleep throws TimeSourceChanged
class SimulatedClock final : public Clock {
 public:
  SimulatedClock() = default;

  /// A message came. Costs O(woken · log sleepers). Loop thread.
  void set_time(core::Nanoseconds now_ns);

  /// The times to come are of another source (simulated time was switched on or off, another simulator takes over).
  /// Inactive until the next set_time(). Loop thread.
  void change_source();

  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override { return now_ns_.load(std::memory_order_relaxed); }
  /// A message has come from this source. Any thread.
  [[nodiscard]] bool active() const noexcept { return active_.load(std::memory_order_relaxed); }
  /// Messages that set the time back, of all sources. Any thread.
  [[nodiscard]] std::uint64_t jumps_back() const noexcept { return jumps_back_.load(std::memory_order_relaxed); }

 private:
  std::atomic<core::Nanoseconds> now_ns_{0};
  std::atomic<bool> active_{false};
  std::atomic<std::uint64_t> jumps_back_{0};
};

}  // namespace takt::async
