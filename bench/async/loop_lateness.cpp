#include "loop_lateness.hpp"

#include <stop_token>
#include <vector>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

constexpr core::Nanoseconds kPeriod = 1'000'000;

async::Task<void> tick(int periods, std::vector<double>* late_us) {
  core::Beat beat(core::monotonic_now_ns(), kPeriod);
  for (int i = 0; i < periods; ++i) {
    const core::Nanoseconds due_ns = beat.next_ns(core::monotonic_now_ns());
    co_await async::sleep_until(due_ns);
    late_us->push_back(static_cast<double>(core::monotonic_now_ns() - due_ns) * 1e-3);
  }
}

}  // namespace

Latency loop_lateness(int periods) {
  std::vector<double> late_us;
  late_us.reserve(static_cast<std::size_t>(periods));
  realtime::RealtimeThread thread({.name = "loop", .fifo_priority = kFifoPriority, .cpu = asking_cpu()},
                                  [&](const std::stop_token&) {
                                    async::EventLoop loop;
                                    loop.run(tick(periods, &late_us));
                                  });
  thread.join();
  return latency_of(late_us);
}

}  // namespace takt::bench
