#include "wake.hpp"

#include <atomic>
#include <stop_token>
#include <utility>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

constexpr core::Nanoseconds kPeriod = 500'000;
constexpr int kWakePriority = 50;

/// When the ring was that has not been answered; 0 for none.
struct Exchange {
  std::atomic<core::Nanoseconds> rung_ns{0};
  std::atomic<bool> done{false};
  std::vector<double> latencies_us;

  bool answer() {
    const core::Nanoseconds now_ns = core::monotonic_now_ns();
    if (const core::Nanoseconds rung = rung_ns.exchange(0); rung != 0) {
      latencies_us.push_back(static_cast<double>(now_ns - rung) * 1e-3);
    }
    return !done;
  }
};

/// Leaves a period out when the last ring is still unanswered: two rings would be one wake-up.
void ring_paced(WakeSide& side, Exchange& exchange, int wakes) {
  core::Beat beat(core::monotonic_now_ns(), kPeriod);
  for (int rung = 0; rung < wakes;) {
    core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
    if (exchange.rung_ns == 0) {
      exchange.rung_ns = core::monotonic_now_ns();
      side.ring();
      ++rung;
    }
  }
  exchange.done = true;
  side.ring();
}

realtime::ThreadOptions thread(std::string name, int cpu) {
  return {.name = std::move(name), .fifo_priority = kWakePriority, .cpu = cpu};
}

}  // namespace

Latency wake_latency(WakeSide& side, int wakes) {
  Exchange exchange;
  exchange.latencies_us.reserve(static_cast<std::size_t>(wakes));
  realtime::RealtimeThread waiting(thread("waiting", working_cpu()),
                                   [&](const std::stop_token&) { side.wait_while([&] { return exchange.answer(); }); });
  realtime::RealtimeThread ringing(thread("ringing", asking_cpu()),
                                   [&](const std::stop_token&) { ring_paced(side, exchange, wakes); });
  ringing.join();
  waiting.join();
  return latency_of(exchange.latencies_us);
}

}  // namespace takt::bench
