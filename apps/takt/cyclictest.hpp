#pragma once

#include <optional>
#include <string>

#include "takt/core/error.hpp"
#include "takt/core/latency_histogram.hpp"

namespace takt::app {

/// One run of cyclictest, the program of Debian's package rt-tests: a SCHED_FIFO thread that wakes every millisecond.
struct CyclictestOptions {
  int periods{1000};
  int fifo_priority{80};
  std::optional<int> cpu{};
};

/// Runs it and adds the lateness of its wake-ups to `lateness`, each as the middle of its microsecond: it counts in
/// whole ones. @return why there are none: it is not installed, or what it complains of.
[[nodiscard]] Expected<void, std::string> run_cyclictest(const CyclictestOptions& options,
                                                         core::LatencyHistogram& lateness);

}  // namespace takt::app
