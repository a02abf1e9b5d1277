#include "nanosleep_loop.hpp"

#include <stop_token>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"

#include "placement.hpp"

namespace takt::bench {

Latency nanosleep_lateness(int periods) {
  constexpr core::Nanoseconds kPeriod = 1'000'000;
  std::vector<double> late_us;
  late_us.reserve(static_cast<std::size_t>(periods));
  realtime::RealtimeThread thread({.name = "nanosleep", .fifo_priority = kFifoPriority, .cpu = asking_cpu()},
                                  [&](const std::stop_token&) {
                                    core::Beat beat(core::monotonic_now_ns(), kPeriod);
                                    for (int i = 0; i < periods; ++i) {
                                      const core::Nanoseconds due_ns = beat.next_ns(core::monotonic_now_ns());
                                      core::steady_clock().sleep_until_ns(due_ns);
                                      late_us.push_back(static_cast<double>(core::monotonic_now_ns() - due_ns) * 1e-3);
                                    }
                                  });
  thread.join();
  return latency_of(late_us);
}

}  // namespace takt::bench
