#include "takt_calls.hpp"

#include <optional>
#include <vector>

#include "takt/async/inference_thread.hpp"
#include "takt/async/offload.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/core/time.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

using Sample = std::vector<double>;

double since_us(core::Nanoseconds start_ns) {
  return static_cast<double>(core::monotonic_now_ns() - start_ns) * 1e-3;
}

/// One call at a time is in the pool: the thread that the first one places does them all.
async::Task<void> offload_calls(int count, Sample* round_trips_us) {
  std::optional<FifoOn> placed;
  co_await async::offload([&] { placed.emplace(working_cpu()); });
  for (int i = 0; i < count; ++i) {
    const core::Nanoseconds start_ns = core::monotonic_now_ns();
    co_await async::offload([] {});
    round_trips_us->push_back(since_us(start_ns));
  }
  co_await async::offload([&] { placed.reset(); });
}

async::Task<void> inference_calls(int count, Sample* round_trips_us) {
  async::InferenceThread thread({.name = "inference", .fifo_priority = kFifoPriority, .cpu = working_cpu()});
  co_await thread.start();
  for (int i = 0; i < count; ++i) {
    const core::Nanoseconds start_ns = core::monotonic_now_ns();
    co_await thread.run([] {});
    round_trips_us->push_back(since_us(start_ns));
  }
  co_await thread.stop();
}

Latency run(async::Task<void> (*calls)(int count, Sample* round_trips_us), int count) {
  const FifoOn placed(asking_cpu());
  Sample round_trips_us;
  round_trips_us.reserve(static_cast<std::size_t>(count));
  async::EventLoop().run(calls(count, &round_trips_us));
  return latency_of(round_trips_us);
}

}  // namespace

Latency offload_round_trips(int count) {
  return run(offload_calls, count);
}

Latency inference_round_trips(int count) {
  return run(inference_calls, count);
}

}  // namespace takt::bench
