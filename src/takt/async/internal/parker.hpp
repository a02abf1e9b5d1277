#pragma once

#include <atomic>
#include <cstdint>

#include "takt/async/tasks/clock.hpp"

/// Internal to async.
namespace takt::async::internal {

/// Where one thread sleeps until another wakes it: a futex. A wake-up that comes before the sleep ends it at once;
/// several are one. Neither side holds a lock meanwhile, so that who is woken never waits for who woke it.
class Parker {
 public:
  Parker() = default;
  Parker(const Parker&) = delete;
  Parker& operator=(const Parker&) = delete;

  /// Any thread; a system call only when somebody sleeps. The parker may be gone as soon as its sleeper has woken.
  void wake() noexcept;

  /// One thread only. What happened before wake() is visible after it.
  void sleep() noexcept { static_cast<void>(sleep_until(kForever)); }
  /// @return false when nobody woke it within `limit` of real time.
  [[nodiscard]] bool sleep_for(Duration limit) noexcept;

 private:
  static constexpr core::Nanoseconds kForever = -1;
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kWoken = 1;
  static constexpr std::uint32_t kAsleep = 2;

  [[nodiscard]] bool sleep_until(core::Nanoseconds deadline_ns) noexcept;

  std::atomic<std::uint32_t> state_{kEmpty};
};

}  // namespace takt::async::internal
