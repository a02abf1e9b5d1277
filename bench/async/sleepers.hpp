#pragma once

#include <cstddef>

#include "takt/core/time.hpp"

namespace takt::bench {

/// What many tasks that sleep at a time come to.
struct SleepersCost {
  double bytes{0};    ///< of heap, per task: frame, task record, place in the timer heap
  double wake_ns{0};  ///< per task, all due at one moment: from then until the last of them has run
};

/// One run of them: those who sleep, on whichever loop, tell it when all are asleep and when each wakes.
struct Sleepers {
  explicit Sleepers(std::size_t how_many);

  std::size_t count;
  core::Nanoseconds due_ns;  ///< of them all
  SleepersCost cost{};

  /// @throws LogicError when they are due already
  void all_asleep();
  void one_woke() noexcept;

 private:
  double heap_before_;
  std::size_t woken_{0};
};

/// Starts `count` children of one nursery, each a coroutine that sleeps once, on a loop and a thread of its own: so
/// nothing is recycled, and all memory is theirs. @throws LogicError when they came to sleep too late.
[[nodiscard]] SleepersCost sleepers(std::size_t count);

/// The same with Boost.Asio: co_spawn of coroutines that wait for a steady_timer.
[[nodiscard]] SleepersCost asio_sleepers(std::size_t count);

/// `run(count)` on a new thread, so that no memory that was freed before is handed out again.
[[nodiscard]] SleepersCost on_new_thread(SleepersCost (*run)(std::size_t count), std::size_t count);

}  // namespace takt::bench
