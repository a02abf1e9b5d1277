#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "takt/core/latency_histogram.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"

namespace takt::realtime {

/// How a probe measures. The defaults are those of a 1 kHz cycle.
struct LatencyProbeOptions {
  core::Nanoseconds period_ns{1'000'000};
  core::Nanoseconds duration_ns{core::kNanosecondsPerSecond};
  int fifo_priority{80};        ///< SCHED_FIFO 1 … 99
  std::optional<int> cpu{};     ///< stay on this CPU
  bool keep_awake{true};        ///< hold a CpuDmaLatency meanwhile
  core::Clock* clock{nullptr};  ///< none: CLOCK_MONOTONIC; outlives the probe
};

/// How late a thread wakes that does nothing but wake, by the method of cyclictest (rt-tests): a SCHED_FIFO thread with
/// locked memory sleeps until the next multiple of the period, absolute time, and reads the clock; periods that passed
/// meanwhile are skipped and counted. What it cannot have (thread()) it does without, as a cycle would.
///
/// A resource: it measures from construction until `duration_ns` have passed or a stop is requested; destruction
/// stops and joins. Other members: any thread, unless they say otherwise.
class LatencyProbe {
 public:
  /// @param lateness  every wake-up is recorded here, beside what it holds; outlives the probe, and belongs to it until
  ///                  finished().
  /// @throws LogicError for a period or duration that is not positive, and what RealtimeThread throws.
  LatencyProbe(const LatencyProbeOptions& options, core::LatencyHistogram& lateness);
  LatencyProbe(const LatencyProbe&) = delete;
  LatencyProbe& operator=(const LatencyProbe&) = delete;

  void request_stop() noexcept { thread_.request_stop(); }

  /// Waits for the end. One thread at a time.
  void join() noexcept { thread_.join(); }

  /// True from the last wake-up on.
  [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }

  /// Periods that passed without a wake-up of their own.
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_.load(std::memory_order_relaxed); }

  /// What of priority, CPU and locked memory was granted.
  [[nodiscard]] const ThreadReport& thread() const noexcept { return thread_.report(); }

  /// Whether the CPUs are kept out of deep sleep.
  [[nodiscard]] bool keeps_awake() const noexcept { return awake_ && awake_->held(); }

 private:
  void measure(const std::stop_token& stop) noexcept;

  LatencyProbeOptions options_;
  core::Clock& clock_;
  core::LatencyHistogram& lateness_;
  std::unique_ptr<CpuDmaLatency> awake_;
  std::atomic<std::uint64_t> missed_{0};
  std::atomic<bool> finished_{false};
  RealtimeThread thread_;  // last: it uses the others
};

}  // namespace takt::realtime
