// How regular is a timer of 50 Hz? The mean of how much longer or shorter than 20 ms it is from one call to the next.

#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include <fmt/core.h>

#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/node/node.hpp"
#include "takt/realtime/thread.hpp"

#include "comparison.hpp"
#include "placement.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

constexpr core::Nanoseconds kPeriod_ns = 20'000'000;

double mean_jitter_us(const std::vector<core::Nanoseconds>& calls_ns) {
  double sum_us = 0;
  for (std::size_t i = 1; i < calls_ns.size(); ++i) {
    sum_us += std::abs(static_cast<double>(calls_ns[i] - calls_ns[i - 1] - kPeriod_ns)) * 1e-3;
  }
  return calls_ns.size() > 1 ? sum_us / static_cast<double>(calls_ns.size() - 1) : 0.0;
}

/// @param work  calls what it is given, so many times
using Rhythm = std::function<void(std::vector<core::Nanoseconds>& calls_ns, std::size_t periods)>;

double jitter_us(int periods, const Rhythm& rhythm) {
  std::vector<core::Nanoseconds> calls_ns;
  realtime::RealtimeThread({.name = "rhythm", .fifo_priority = kFifoPriority, .cpu = asking_cpu()},
                           [&](const std::stop_token&) { rhythm(calls_ns, static_cast<std::size_t>(periods) + 1); })
      .join();
  return mean_jitter_us(calls_ns);
}

async::Task<void> timer(std::vector<core::Nanoseconds>* calls_ns, std::size_t calls) {
  node::Node node("bench", std::make_shared<bus::Bus>());
  async::Event done("done");
  node.timer(async::Duration(kPeriod_ns), [&] {
    calls_ns->push_back(core::monotonic_now_ns());
    if (calls_ns->size() == calls) {
      done.set();
    }
  });
  co_await node::with_node(node, [&]() -> async::Task<void> { co_await done.wait(); });
}

void timer_rhythm(std::vector<core::Nanoseconds>& calls_ns, std::size_t calls) {
  async::EventLoop().run(timer(&calls_ns, calls));
}

void nanosleep_rhythm(std::vector<core::Nanoseconds>& calls_ns, std::size_t calls) {
  core::Beat beat(core::monotonic_now_ns(), kPeriod_ns);
  while (calls_ns.size() < calls) {
    core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
    calls_ns.push_back(core::monotonic_now_ns());
  }
}

SliceSample sample_of(const std::vector<double>& values) {
  return {.values = values};
}

}  // namespace

void ask_jitter(Result& result, const Plan& plan) {
  const auto both = alternate(
      plan.jitter_slices, [&] { return jitter_us(plan.jitter_periods, timer_rhythm); },
      [&] { return jitter_us(plan.jitter_periods, nanosleep_rhythm); });
  result.figures.push_back(compared("timer of 50 Hz, mean jitter; baseline: clock_nanosleep", sample_of(both[0]),
                                    sample_of(both[1]), "µs", "<= 1.2 × baseline"));
  result.notes.push_back(fmt::format(
      "timer of 50 Hz: {} slices of {} periods of each side in turn, on the same CPU, with SCHED_FIFO where "
      "it is permitted",
      plan.jitter_slices, plan.jitter_periods));
}

}  // namespace takt::bench
