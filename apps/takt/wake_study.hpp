#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/core/latency_histogram.hpp"

namespace takt::app {

/// How late a thread with a period of 1 ms wakes on this host.
struct WakeStudyOptions {
  double duration_s{10};  ///< for each row
  int fifo_priority{80};
  std::optional<int> cpu{};
};

/// One way of waiting.
struct WakeRow {
  std::string name;
  core::LatencySummary lateness;
  std::optional<std::uint64_t> missed;  ///< periods without a wake-up; nothing where it is not known
};

struct WakeStudy {
  bool fifo{false};           ///< SCHED_FIFO was granted
  bool pinned{false};         ///< so was the CPU
  bool memory_locked{false};  ///< and the lock on memory
  bool kept_awake{false};     ///< /dev/cpu_dma_latency was held, in the first row
  std::vector<WakeRow> rows;  ///< first: as a cycle of takt waits; with CPUs that may sleep; cyclictest
  std::string note;           ///< why cyclictest has no row
};

/// Measures in turns of about two seconds, so that a busy phase of the host meets all rows alike. When an interrupt was
/// caught (interrupt.hpp) it ends early, with what it has.
[[nodiscard]] WakeStudy run_wake_study(const WakeStudyOptions& options);

}  // namespace takt::app
