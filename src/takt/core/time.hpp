#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace takt::core {

/// Nanoseconds since an epoch that the clock defines. 64 bits reach 292 years.
using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds kNanosecondsPerSecond = 1'000'000'000;

/// CLOCK_MONOTONIC of this host [ns]. The clock of every stamp in takt: `stamp_ns`, hops, freshness.
/// Real-time safe (vDSO, no system call on common hosts).
[[nodiscard]] Nanoseconds monotonic_now_ns() noexcept;

/// CLOCK_REALTIME [ns since 1970]. For files and people only: it may jump.
[[nodiscard]] Nanoseconds wall_now_ns() noexcept;

/// Seconds to nanoseconds, rounded to nearest. @pre |seconds| < 9e9.
[[nodiscard]] Nanoseconds from_seconds(double seconds) noexcept;

/// Nanoseconds to seconds.
[[nodiscard]] constexpr double to_seconds(Nanoseconds value) noexcept {
  return static_cast<double>(value) * 1e-9;
}

/// Where time comes from and how to wait in it. Code that paces itself takes a Clock, so that tests can steer it.
/// All members may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  [[nodiscard]] virtual Nanoseconds now_ns() const noexcept = 0;

  /// Returns when now_ns() >= deadline_ns; at once if that is already so.
  virtual void sleep_until_ns(Nanoseconds deadline_ns) noexcept = 0;
};

/// CLOCK_MONOTONIC. Sleeps with clock_nanosleep(TIMER_ABSTIME); real-time safe.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds now_ns() const noexcept override { return monotonic_now_ns(); }
  void sleep_until_ns(Nanoseconds deadline_ns) noexcept override;
};

/// CLOCK_REALTIME. Sleeps until the wall shows the deadline, also when it is set meanwhile.
class WallClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds now_ns() const noexcept override { return wall_now_ns(); }
  void sleep_until_ns(Nanoseconds deadline_ns) noexcept override;
};

/// A clock for tests: it stands still until somebody advances it. Sleepers of other threads wake when it passes their
/// deadline.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Nanoseconds start_ns = 0) noexcept : now_ns_(start_ns) {}

  /// Moves time forward. @pre duration_ns >= 0; a manual clock never runs backwards (throws LogicError).
  void advance_ns(Nanoseconds duration_ns);

  [[nodiscard]] Nanoseconds now_ns() const noexcept override { return now_ns_.load(std::memory_order_acquire); }
  void sleep_until_ns(Nanoseconds deadline_ns) noexcept override;

  /// Threads that sleep on this clock now. Lets a test wait until its thread under test is parked.
  [[nodiscard]] int sleepers() const noexcept { return sleepers_.load(std::memory_order_acquire); }

 private:
  std::atomic<Nanoseconds> now_ns_;
  std::atomic<int> sleepers_{0};
};

/// The process's SteadyClock: what everything uses that is not told otherwise.
[[nodiscard]] Clock& steady_clock() noexcept;

/// A drift-free beat: deadlines at start + k·period. After an overrun it skips to the next deadline in phase and counts
/// what it missed, so that a late loop never hurries to catch up. A value; one thread at a time.
class Beat {
 public:
  /// @pre period_ns > 0 (throws LogicError).
  Beat(Nanoseconds start_ns, Nanoseconds period_ns);

  /// The deadline to wait for next: the first start + k·period that is later than both `now_ns` and the previous one.
  [[nodiscard]] Nanoseconds next_ns(Nanoseconds now_ns) noexcept;

  /// Deadlines that passed unused.
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  [[nodiscard]] Nanoseconds period_ns() const noexcept { return period_ns_; }

 private:
  Nanoseconds deadline_ns_;
  Nanoseconds period_ns_;
  std::uint64_t missed_{0};
};

}  // namespace takt::core
