#pragma once

#include "measure.hpp"

namespace takt::bench {

/// A coroutine on takt's loop, on a SCHED_FIFO thread on the asking CPU, that sleeps until the next of `periods`
/// milliseconds. @return its lateness.
[[nodiscard]] Latency loop_lateness(int periods);

}  // namespace takt::bench
