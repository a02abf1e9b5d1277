// What does a LoopWatch cost the loop that it watches? In CPU time of the loop's thread, which does not count when
// others use its CPU.

#include <ctime>
#include <stop_token>
#include <string>

#include <fmt/core.h>

#include "takt/async/loop_watch.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/realtime/thread.hpp"

#include "placement.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kBareTurns = 2'000'000;
constexpr std::size_t kTurns = 20'000;
constexpr int kWatchSlices = 3 * kSlices;  // the goal is two hundredths
constexpr int kWork = 2000;                // additions: about a microsecond

/// Something for a turn to do that no compiler leaves out.
void work(int additions) {
  volatile int sum = 0;
  for (int i = 0; i < additions; ++i) {
    sum = sum + i;
  }
}

double cpu_time_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// What a turn costs now. The loop is never asleep: one task, each turn as long as its work.
async::Task<double> turn_ns(std::size_t turns, int additions) {
  const double start_ns = cpu_time_ns();
  for (std::size_t i = 0; i < turns; ++i) {
    work(additions);
    co_await async::yield();
  }
  co_return (cpu_time_ns() - start_ns) / static_cast<double>(turns);
}

struct TurnCosts {
  SliceSample off_ns;
  SliceSample on_ns;
};

/// Both sides on one loop, in the same memory: where a loop and its task come to lie makes a tenth of a bare turn.
async::Task<void> take_turns(std::size_t turns, int additions, TurnCosts* costs) {
  for (int slice = 0; slice < kWatchSlices; ++slice) {
    costs->off_ns.add(co_await turn_ns(turns, additions));
    const async::LoopWatch watch;
    costs->on_ns.add(co_await turn_ns(turns, additions));
  }
}

/// On a thread of its own, SCHED_FIFO, as a loop that matters is run: the watch has to find another CPU.
TurnCosts turn_costs(std::size_t turns, int additions) {
  TurnCosts costs;
  realtime::RealtimeThread(
      {.name = "loop", .fifo_priority = kFifoPriority, .cpu = working_cpu()},
      [&](const std::stop_token&) { async::EventLoop().run(take_turns(turns, additions, &costs)); })
      .join();
  return costs;
}

void ask(Result& result, const std::string& name, std::size_t turns, int additions) {
  const auto [off_ns, on_ns] = turn_costs(turns, additions);
  result.figures.push_back({.name = "LoopWatch on a busy loop, " + name + ": a turn; baseline: without a watch",
                            .value = on_ns.median(),
                            .unit = "ns",
                            .baseline = off_ns.median(),
                            .ratio = median_ratio(on_ns, off_ns),
                            .best = on_ns.best()});
  result.figures.push_back({.name = "cost of LoopWatch on a busy loop, " + name,
                            .value = (median_ratio(off_ns, on_ns) - 1) * 100,
                            .unit = "%",
                            .goal = "<= 2 %"});
}

}  // namespace

void ask_watch(Result& result) {
  ask(result, "turns of 1 µs", kTurns, kWork);
  ask(result, "turns that do nothing", kBareTurns, 0);
  result.notes.push_back(fmt::format("the cost of LoopWatch: {} slices", kWatchSlices));
  if (asking_cpu() == working_cpu()) {
    result.notes.emplace_back("the watch of the busy loop shares its CPU: this process may use one only");
  }
}

}  // namespace takt::bench
