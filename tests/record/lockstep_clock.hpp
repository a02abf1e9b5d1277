#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "takt/core/time.hpp"

namespace takt::test {

/// Time that passes only while a recorder keeps up: the thread that records moves it, and waits now and then until the
/// recorder's thread has had a whole turn. So what a recorder does in time it does by this clock, however long the host
/// keeps its threads from running, and a bound in this time can be asserted.
///
/// Of the thread that makes it; `now_ns` from any.
class LockstepClock final : public core::Clock {
 public:
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override {
    if (std::this_thread::get_id() != owner_) {
      turns_.fetch_add(1, std::memory_order_acq_rel);  // a turn begins with a look at the clock
    }
    return now_ns_.load(std::memory_order_acquire);
  }
  void sleep_until_ns(core::Nanoseconds /*deadline_ns*/) noexcept override {}

  void advance_ns(core::Nanoseconds duration_ns) noexcept { now_ns_.fetch_add(duration_ns, std::memory_order_acq_rel); }

  /// Returns when a turn that began after this call has ended: when the next one after it has begun.
  void wait_for_turn() const {
    const std::uint64_t seen = turns_.load(std::memory_order_acquire);
    while (turns_.load(std::memory_order_acquire) < seen + 2) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

 private:
  const std::thread::id owner_{std::this_thread::get_id()};
  std::atomic<core::Nanoseconds> now_ns_{core::kNanosecondsPerSecond};
  mutable std::atomic<std::uint64_t> turns_{0};
};

}  // namespace takt::test
