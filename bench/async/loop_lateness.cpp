#include "loop_lateness.hpp"

#include <chrono>
#include <stop_token>
#include <vector>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"

#include "cpu_load.hpp"
#include "placement.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

async::Task<void> tick(int periods, std::vector<double>* late_us) {
  auto rhythm = async::every(1ms);
  for (int i = 0; i < periods; ++i) {
    const async::Tick tick = co_await rhythm;
    late_us->push_back(static_cast<double>(core::monotonic_now_ns() - tick.deadline_ns) * 1e-3);
  }
}

async::Task<void> offload_for_ever() {
  auto rhythm = async::every(async::Duration(kLoadPeriod));
  while (true) {
    co_await async::offload([] { burn_cpu(kLoadCall); });
    co_await rhythm;
  }
}

async::Task<void> tick_loaded(int periods, std::vector<double>* late_us) {
  co_await async::with_nursery([=](async::Nursery& nursery) -> async::Task<async::Join> {
    nursery.start("load", offload_for_ever());
    co_await tick(periods, late_us);
    co_return async::kCancel;
  });
}

Latency on_loop(async::Task<void> (*task)(int periods, std::vector<double>* late_us), int periods) {
  std::vector<double> late_us;
  late_us.reserve(static_cast<std::size_t>(periods));
  realtime::RealtimeThread({.name = "loop", .fifo_priority = kFifoPriority, .cpu = asking_cpu()},
                           [&](const std::stop_token&) { async::EventLoop().run(task(periods, &late_us)); })
      .join();
  return latency_of(late_us);
}

}  // namespace

Latency loop_lateness(int periods) {
  return on_loop(tick, periods);
}

Latency loaded_loop_lateness(int periods) {
  return on_loop(tick_loaded, periods);
}

}  // namespace takt::bench
