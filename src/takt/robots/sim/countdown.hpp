#pragma once

#include <atomic>

namespace takt::robots::sim {

/// "The next n times": set by whoever injects a fault, used up by whoever it befalls. Any thread; real-time safe.
class Countdown {
 public:
  void set(unsigned count) noexcept { left_.store(count, std::memory_order_relaxed); }

  /// True for the next n calls after set(n).
  [[nodiscard]] bool take() noexcept {
    unsigned left = left_.load(std::memory_order_relaxed);
    while (left > 0) {
      if (left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

 private:
  std::atomic<unsigned> left_{0};
};

}  // namespace takt::robots::sim
