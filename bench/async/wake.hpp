#pragma once

#include <functional>

#include "measure.hpp"

namespace takt::bench {

/// A thread that waits for another one, as one side of a comparison has it: a hand-written loop, or takt's.
class WakeSide {
 public:
  virtual ~WakeSide() = default;

  /// The waiting thread: parks until rung, calls `woken` once for it, and returns when that says false.
  virtual void wait_while(const std::function<bool()>& woken) = 0;

  /// The other thread: rings. Never before the previous one was answered, but for the last.
  virtual void ring() = 0;
};

/// Rings `wakes` times, one every 500 µs, from the asking CPU to a side that waits on the working CPU, both SCHED_FIFO:
/// the time from before ring() until `woken` is called.
[[nodiscard]] Latency wake_latency(WakeSide& side, int wakes);

}  // namespace takt::bench
