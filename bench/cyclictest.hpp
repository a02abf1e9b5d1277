#pragma once

#include <string>

#include "takt/core/error.hpp"

#include "measure.hpp"

namespace takt::bench {

/// One run of cyclictest (rt-tests): a SCHED_FIFO thread on the asking CPU that sleeps until the next of `periods`
/// milliseconds. @return its lateness, read from the histogram of whole microseconds by interpolation; or why there is
/// none: the program is not installed, SCHED_FIFO is not permitted.
[[nodiscard]] Expected<Latency, std::string> cyclictest(int periods);

}  // namespace takt::bench
