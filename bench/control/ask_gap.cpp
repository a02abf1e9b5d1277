// How long is the longest gap between two commands, whatever else the machine and the program do?

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/realtime/sentinel.hpp"
#include "takt/realtime/stall_log.hpp"

#include "cpu_load.hpp"
#include "cycle_rig.hpp"
#include "disk_writer.hpp"
#include "placement.hpp"
#include "questions.hpp"
#include "workload.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

constexpr core::Nanoseconds kBlock_ns = 300'000'000;
constexpr double kToleranceMs = 0.2;
constexpr core::Nanoseconds kLengthened_ns = 1'100'000;
constexpr std::size_t kListed = 12;

/// What the program does beside its cycle, for so many milliseconds.
using Beside = std::function<void(control::Cycle& cycle, int periods)>;

struct Gaps {
  double longest_ms{0};  ///< less what stalls of the CPU took of it
  double with_stalls_ms{0};
  std::vector<double> taken_ms{};  ///< by stalls of the CPU, of each gap that they made longer
};

/// A finer look than the one that a cycle offers: at 1 kHz half of the stalls of half a millisecond would go unseen.
constexpr realtime::SentinelOptions kFineSentinel = {.period_ns = 100'000, .threshold_ns = 200'000};

Gaps gap_slice(int periods, const Beside& beside) {
  realtime::StallLog stalls;
  const realtime::Sentinel sentinel(stalls, asking_cpu(), kFineSentinel);
  CycleRig rig({.cycles = 2 * static_cast<std::size_t>(periods)});
  beside(rig.cycle(), periods);
  rig.stop();
  Gaps gaps;
  for (const Gap& gap : rig.watch().gaps) {
    const core::Nanoseconds gap_ns = gap.to_ns - gap.from_ns;
    const core::Nanoseconds taken_ns = stalls.stalled_ns(gap.from_ns, gap.to_ns);
    gaps.with_stalls_ms = std::max(gaps.with_stalls_ms, static_cast<double>(gap_ns) * 1e-6);
    gaps.longest_ms = std::max(gaps.longest_ms, static_cast<double>(gap_ns - taken_ns) * 1e-6);
    if (taken_ns > 0 && gap_ns > kLengthened_ns) {
      gaps.taken_ms.push_back(static_cast<double>(taken_ns) * 1e-6);
    }
  }
  return gaps;
}

void sleep_beside(control::Cycle& /*cycle*/, int periods) {
  core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + periods * core::Nanoseconds{1'000'000});
}

async::Task<void> set_targets(control::Cycle* cycle) {
  Commander commander(cycle->model(), cycle->lowest_rad(), cycle->highest_rad());
  auto rhythm = async::every(20ms);
  while (true) {
    static_cast<void>(cycle->submit(commander.next(control::CommandKind::kJoint, core::monotonic_now_ns())));
    co_await rhythm;
  }
}

/// Half a second into every second, so that the shortest slice has one.
async::Task<void> block_loop(int periods) {
  auto rhythm = async::every(500ms);
  for (int half = 1; half * 500 <= periods; ++half) {
    co_await rhythm;
    if (half % 2 == 1) {
      burn_cpu(kBlock_ns);
    }
  }
}

/// On the cycle's own CPU.
void blocked_loop_beside(control::Cycle& cycle, int periods) {
  const PinnedTo pinned(asking_cpu());
  async::EventLoop().run(async::with_nursery([&cycle, periods](async::Nursery& nursery) -> async::Task<async::Join> {
    nursery.start("targets", set_targets(&cycle));
    co_await block_loop(periods);
    co_return async::kCancel;
  }));
}

double longest_of(const std::vector<Gaps>& slices, double Gaps::* member) {
  double longest = 0;
  for (const Gaps& slice : slices) {
    longest = std::max(longest, slice.*member);
  }
  return longest;
}

void add(Result& result, const std::string& when, const std::vector<Gaps>& slices, const std::vector<Gaps>& quiet) {
  Figure figure = {
      .name = "longest gap between commands, " + when, .value = longest_of(slices, &Gaps::longest_ms), .unit = "ms"};
  if (&slices != &quiet) {
    figure.name += "; baseline: quiet";
    figure.baseline = longest_of(quiet, &Gaps::longest_ms);
    figure.ratio = *figure.baseline / figure.value;
    figure.goal = fmt::format("<= baseline + {} ms", kToleranceMs);
  }
  result.figures.push_back(figure);
  result.figures.push_back({.name = "longest gap between commands, " + when + ", stalls of the CPU included",
                            .value = longest_of(slices, &Gaps::with_stalls_ms),
                            .unit = "ms",
                            .baseline = longest_of(quiet, &Gaps::with_stalls_ms)});
  std::vector<double> taken_ms;
  for (const Gaps& slice : slices) {
    taken_ms.insert(taken_ms.end(), slice.taken_ms.begin(), slice.taken_ms.end());
  }
  std::ranges::sort(taken_ms, std::greater{});
  std::string listed;
  for (std::size_t i = 0; i < std::min(taken_ms.size(), kListed); ++i) {
    listed += fmt::format("{}{:.2f}", i == 0 ? ": " : ", ", taken_ms[i]);
  }
  result.notes.push_back(fmt::format("{}: {} gaps made longer by a stall of the CPU{}{}", when, taken_ms.size(), listed,
                                     taken_ms.empty() ? "" : " ms"));
}

}  // namespace

void ask_gap(Result& result, const Plan& plan, CpuBurner& burner, PythonPeer& python) {
  double rate_mb_s = 0;
  const auto with = [&](const Beside& beside) {
    return [&plan, beside] { return gap_slice(plan.gap_periods, beside); };
  };
  const Beside busy = [&](control::Cycle& cycle, int periods) {
    const CpuBurner::Burning burning(burner);
    sleep_beside(cycle, periods);
  };
  const Beside recording = [&](control::Cycle& cycle, int periods) {
    const DiskWriter writer;
    sleep_beside(cycle, periods);
    rate_mb_s = writer.rate_mb_s();
  };
  const auto [quiet, blocked, burning, writing] =
      alternate(plan.gap_slices, with(sleep_beside), with(blocked_loop_beside), with(busy), with(recording));
  add(result, "quiet", quiet, quiet);
  add(result, "the event loop blocked 300 ms every second", blocked, quiet);
  add(result, "a child process computes on all CPUs", burning, quiet);
  add(result, "a recorder writes 64 MB/s", writing, quiet);
  const Latency of_quiet_python = python.run("quiet", plan.python_periods);
  const Latency of_python = python.run("blocked", plan.python_periods);
  result.figures.push_back({.name = "Python asyncio: longest gap between commands, quiet",
                            .value = of_quiet_python.max_us * 1e-3,
                            .unit = "ms"});
  result.figures.push_back(
      {.name = "Python asyncio: longest gap between commands, the event loop blocked 300 ms every second",
       .value = of_python.max_us * 1e-3,
       .unit = "ms"});
  result.notes.push_back(fmt::format(
      "gaps: {} slices of {} periods of each in turn, the longest of all, less what a sentinel of 10 kHz saw of stalls "
      "of "
      "the CPU beyond 0.2 ms; it cannot tell the host from a system call in a kernel that is not preemptible, so that "
      "stalls are listed and a second row includes them; takt's loop is blocked by computing on the cycle's own CPU, "
      "Python's by time.sleep; the recorder came to {:.0f} MB/s",
      plan.gap_slices, plan.gap_periods, rate_mb_s));
}

}  // namespace takt::bench
