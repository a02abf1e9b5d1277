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

  /// Blocks the thread for such a moment; busily, since a sleeping thread wakes when its timer slack likes.
  void pass(std::chrono::microseconds longest) {
    const auto end = std::chrono::steady_clock::now() + up_to(longest);
    while (std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  }

 private:
  std::mt19937 random_;
};

}  // namespace takt::async
