#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <thread>

#include "takt/async/tasks/clock.hpp"

namespace takt::async {

/// Chance, as the races of the stress tests need it: one for each thread, repeatable by its seed.
class RandomMoments {
 public:
  RandomMoments(std::uint32_t seed, std::uint32_t thread) {
    std::seed_seq mixed{seed, thread};
    random_.seed(mixed);
  }

  [[nodiscard]] int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  [[nodiscard]] bool once_in(int times) { return below(times) == 0; }
  [[nodiscard]] Duration up_to(std::chrono::microseconds longest) {
    return std::chrono::microseconds(below(static_cast<int>(longest.count()) + 1));
  }

  /// Blocks the thread for such a moment: a short one busily, since a sleeping thread wakes 50 µs late.
  void pass(std::chrono::microseconds longest) {
    const Duration moment = up_to(longest);
    if (moment > std::chrono::microseconds(40)) {
      std::this_thread::sleep_for(moment - std::chrono::microseconds(40));
      return;
    }
    const auto end = std::chrono::steady_clock::now() + moment;
    while (std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  }

 private:
  std::mt19937 random_;
};

}  // namespace takt::async
