#pragma once

#include "measure.hpp"

namespace takt::bench {

/// A SCHED_FIFO thread on the asking CPU that sleeps until the next of `periods` milliseconds, as cyclictest does, in
/// this process. @return its lateness.
[[nodiscard]] Latency nanosleep_lateness(int periods);

}  // namespace takt::bench
