#pragma once

#include <atomic>
#include <cstdint>

#include "takt/core/time.hpp"

namespace takt::core {

/// Where one thread sleeps until another wakes it, or it is time: a futex. A wake-up that comes before the sleep ends
/// it at once; several are one. Neither side holds a lock meanwhile, so that who is woken never waits for who woke it,
/// and who sleeps to an instant is late by what a bare clock_nanosleep is late by. Allocates nothing and throws
/// nothing; but to wake a sleeper is a system call, and has no place in a control cycle.
class Parker {
 public:
  Parker() = default;
  Parker(const Parker&) = delete;
  Parker& operator=(const Parker&) = delete;

  /// Any thread; a system call only when somebody sleeps. The parker may be gone as soon as its sleeper has woken.
  void wake() noexcept;

  /// One thread only. What happened before wake() is visible after it.
  void sleep() noexcept { static_cast<void>(sleep_to(kForever)); }
  /// @param deadline_ns  CLOCK_MONOTONIC, not negative. @return false when nobody woke it before
  [[nodiscard]] bool sleep_until_ns(Nanoseconds deadline_ns) noexcept { return sleep_to(deadline_ns); }

 private:
  static constexpr Nanoseconds kForever = -1;
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kWoken = 1;
  static constexpr std::uint32_t kAsleep = 2;

  [[nodiscard]] bool sleep_to(Nanoseconds deadline_ns) noexcept;

  std::atomic<std::uint32_t> state_{kEmpty};
};

}  // namespace takt::core
