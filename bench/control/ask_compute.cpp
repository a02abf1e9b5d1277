// How long does a cycle compute, and does it allocate?

#include <cstdint>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "comparison.hpp"
#include "cycle_rig.hpp"
#include "questions.hpp"
#include "workload.hpp"

namespace takt::bench {
namespace {

struct Compute {
  Latency read_to_write;
  Latency busy;  ///< all but waiting: evidence and publishing, too
  Latency law;   ///< its step alone
  std::uint64_t allocations{0};
};

Latency of_ledger(const control::CycleStats& stats) {
  const core::LatencySummary& summary = stats.ledger.read_to_write;
  return {.p50_us = summary.p50_us, .p99_us = summary.p99_us, .p999_us = summary.p999_us, .max_us = summary.max_us};
}

/// Step after step, caches warm.
Compute run_free(const Workload& workload, int cycles) {
  LoopRig rig(workload.law, static_cast<std::size_t>(cycles));
  Commander commander(rig.model(), rig.loop().lowest_rad(), rig.loop().highest_rad());
  std::vector<double> law_us;
  core::JointVector tau_nm;
  for (int k = 0; k < cycles; ++k) {
    const core::Nanoseconds now_ns = rig.loop().state().measured.stamp_ns;
    if (k % workload.period_ms == 0) {
      static_cast<void>(rig.loop().submit(commander.next(workload.kind, now_ns)));
    }
    rig.step();
    const control::CycleState state = rig.loop().state();
    const core::JointVector none = core::JointVector::zero(rig.model().dof());
    const control::LawInput input = {.measured = state.measured,
                                     .setpoint = state.setpoint,
                                     .model = rig.model(),
                                     .tau_target_nm = none,
                                     .period_ns = 1'000'000};
    law_us.push_back(batch_ns(1, [&] { rig.law().step(input, tau_nm); }) * 1e-3);
  }
  return {.read_to_write = of_ledger(rig.loop().stats()),
          .busy = latency_of(rig.watch().busy_us),
          .law = latency_of(law_us),
          .allocations = rig.watch().allocations};
}

/// At 1 kHz on the cycle's thread, caches as cold as they are then.
Compute run_paced(const Workload& workload, int cycles) {
  CycleRig rig({.law = workload.law, .cycles = static_cast<std::size_t>(cycles)});
  Commander commander(rig.cycle().model(), rig.cycle().lowest_rad(), rig.cycle().highest_rad());
  core::Beat beat(core::monotonic_now_ns(), workload.period_ms * core::Nanoseconds{1'000'000});
  for (int k = 0; k < cycles; k += workload.period_ms) {
    static_cast<void>(rig.cycle().submit(commander.next(workload.kind, core::monotonic_now_ns())));
    core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
  }
  rig.stop();
  return {.read_to_write = of_ledger(rig.cycle().stats()),
          .busy = latency_of(rig.watch().busy_us),
          .law = {},
          .allocations = rig.watch().allocations};
}

}  // namespace

void ask_compute(Result& result, const Plan& plan) {
  const std::vector<std::string> goals = {"<= 2", "<= 15"};
  std::uint64_t allocations = 0;
  std::size_t which = 0;
  for (const Workload& workload : workloads()) {
    const Compute free = run_free(workload, plan.free_cycles);
    const Compute paced = run_paced(workload, plan.paced_cycles);
    const std::string name = "cycle, read to write: " + workload.name;
    Figure figure = {.name = name + ", p50; baseline: the law alone",
                     .value = free.read_to_write.p50_us,
                     .unit = "µs",
                     .baseline = free.law.p50_us,
                     .ratio = free.law.p50_us / free.read_to_write.p50_us};
    if (which < goals.size()) {
      figure.goal = goals[which];
    }
    result.figures.push_back(figure);
    result.figures.push_back({.name = name + ", p99", .value = free.read_to_write.p99_us, .unit = "µs"});
    result.figures.push_back(
        {.name = name + ", evidence and publishing included, p50", .value = free.busy.p50_us, .unit = "µs"});
    result.figures.push_back({.name = name + ", once in a millisecond (caches cold), p50",
                              .value = paced.read_to_write.p50_us,
                              .unit = "µs"});
    result.figures.push_back({.name = name + ", once in a millisecond (caches cold), p99",
                              .value = paced.read_to_write.p99_us,
                              .unit = "µs"});
    allocations += free.allocations + paced.allocations;
    ++which;
  }
  result.figures.push_back({.name = fmt::format("allocations of the cycle, {} cycles of all these",
                                                which * static_cast<std::size_t>(plan.free_cycles + plan.paced_cycles)),
                            .value = static_cast<double>(allocations),
                            .unit = "",
                            .goal = "0"});
  result.notes.emplace_back(
      "cycle: FR3, seven joints, limits and evidence as by default; a target every 20 ms, a chunk of 16 actions "
      "every 160 ms; the arm's equations are no part of the times, the two clock reads around them are");
}

}  // namespace takt::bench
