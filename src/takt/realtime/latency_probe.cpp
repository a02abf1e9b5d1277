#include "takt/realtime/latency_probe.hpp"

#include <algorithm>
#include <string>

#include "takt/core/error.hpp"

namespace takt::realtime {
namespace {

LatencyProbeOptions checked(const LatencyProbeOptions& options) {
  if (options.period_ns <= 0 || options.duration_ns <= 0) {
    throw LogicError("LatencyProbe: period and duration must be positive, are " + std::to_string(options.period_ns) +
                     " and " + std::to_string(options.duration_ns) + " ns");
  }
  return options;
}

}  // namespace

LatencyProbe::LatencyProbe(const LatencyProbeOptions& options, core::LatencyHistogram& lateness)
    : options_(checked(options)),
      clock_(options.clock != nullptr ? *options.clock : core::steady_clock()),
      lateness_(lateness),
      awake_(options.keep_awake ? std::make_unique<CpuDmaLatency>() : nullptr),
      thread_({.name = "rt.probe", .fifo_priority = options.fifo_priority, .cpu = options.cpu, .lock_memory = true},
              [this](const std::stop_token& stop) { measure(stop); }) {}

/// Real-time safe.
void LatencyProbe::measure(const std::stop_token& stop) noexcept {
  const core::Nanoseconds start_ns = clock_.now_ns();
  core::Beat beat(start_ns, options_.period_ns);
  core::Nanoseconds now_ns = start_ns;
  std::uint64_t wakes = 0;
  while (!stop.stop_requested()) {
    const core::Nanoseconds due_ns = beat.next_ns(now_ns);
    if (due_ns - start_ns > options_.duration_ns) {
      break;
    }
    clock_.sleep_until_ns(due_ns);
    now_ns = clock_.now_ns();
    lateness_.record(now_ns - due_ns);
    const core::Nanoseconds passed_ns = std::min(now_ns - start_ns, options_.duration_ns);
    missed_.store(static_cast<std::uint64_t>(passed_ns / options_.period_ns) - ++wakes, std::memory_order_relaxed);
  }
  finished_.store(true, std::memory_order_release);
}

}  // namespace takt::realtime
