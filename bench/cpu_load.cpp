#include "cpu_load.hpp"

#include <stop_token>

#include <time.h>

#include "placement.hpp"

namespace takt::bench {
namespace {

core::Nanoseconds cpu_time_ns() noexcept {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return spent.tv_sec * core::kNanosecondsPerSecond + spent.tv_nsec;
}

}  // namespace

void burn_cpu(core::Nanoseconds burn_ns) noexcept {
  constexpr int kStepsPerLook = 10'000;  // some 10 µs: the clock is a system call
  volatile unsigned state = 1;
  const core::Nanoseconds end_ns = cpu_time_ns() + burn_ns;
  while (cpu_time_ns() < end_ns) {
    for (int step = 0; step < kStepsPerLook; ++step) {
      state = state * 1'664'525U + 1'013'904'223U;
    }
  }
}

CpuLoad::CpuLoad()
    : thread_([](const std::stop_token& stop) {
        const PinnedTo pinned(working_cpu());
        core::Beat beat(core::monotonic_now_ns(), kLoadPeriod);
        while (!stop.stop_requested()) {
          burn_cpu(kLoadCall);
          core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
        }
      }) {}

}  // namespace takt::bench
