// How late is the cycle woken, idle and with all CPUs busy at normal priority?

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/sim/sim_arm.hpp"

#include "comparison.hpp"
#include "cycle_rig.hpp"
#include "cyclictest.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

Latency lateness_of(const control::CycleStats& stats) {
  const core::LatencySummary& late = stats.ledger.wake_lateness;
  return {.p50_us = late.p50_us, .p99_us = late.p99_us, .p999_us = late.p999_us, .max_us = late.max_us};
}

void sleep_periods(int periods) {
  core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + periods * core::Nanoseconds{1'000'000});
}

Latency cycle_slice(int periods) {
  CycleRig rig({});
  sleep_periods(periods);
  rig.stop();
  return lateness_of(rig.cycle().stats());
}

/// The beat is that of another thread, `sim.fr3`, which wakes the cycle: its lateness is a wake across threads.
Latency sim_slice(int periods) {
  const control::Model model(robots::models::fr3());
  control::Cycle cycle(
      std::make_unique<robots::sim::SimArm>(robots::models::fr3(), robots::sim::SimArmOptions{.strict = false}),
      control::make_law(control::JointImpedance{}, model), model, rig_options());
  cycle.start();
  sleep_periods(periods);
  cycle.stop();
  return lateness_of(cycle.stats());
}

Latency cyclictest_slice(int periods) {
  const auto latency = cyclictest(periods);
  if (!latency) {
    throw SystemError("cyclictest: " + latency.error());
  }
  return *latency;
}

/// The worst of all slices, of which the median says nothing.
Figure longest(const std::string& name, const std::vector<Latency>& takt, const std::vector<Latency>& baseline) {
  Figure figure = {.name = name, .value = quantile(column(takt, &Latency::max_us).values, 1.0), .unit = "µs"};
  if (!baseline.empty()) {
    figure.baseline = quantile(column(baseline, &Latency::max_us).values, 1.0);
    figure.ratio = *figure.baseline / figure.value;
  }
  return figure;
}

void add(Result& result, const std::string& when, const std::vector<Latency>& takt, const std::vector<Latency>& sim,
         const std::vector<Latency>& baseline) {
  const std::string name = "wake lateness of the cycle, " + when;
  if (baseline.empty()) {
    add_alone(result, name, takt);
  } else {
    add_compared(result, name, "cyclictest -p80", takt, baseline,
                 {.p50 = "<= 1.2 × baseline", .p99 = "<= 1.2 × baseline"});
    result.figures.push_back(
        compared(name + ", p99.9", column(takt, &Latency::p999_us), column(baseline, &Latency::p999_us), "µs", ""));
  }
  result.figures.push_back(longest(name + ", longest of all", takt, baseline));
  add_alone(result, "sim:fr3, from its stamp to the cycle's waking, " + when, sim);
}

void ask(Result& result, const Plan& plan, const std::string& when, bool comparable) {
  const auto takt_side = [&] { return cycle_slice(plan.wake_periods); };
  const auto sim_side = [&] { return sim_slice(plan.wake_periods); };
  if (comparable) {
    const auto [of_takt, of_cyclictest, of_sim] =
        alternate(plan.wake_slices, takt_side, [&] { return cyclictest_slice(plan.wake_periods); }, sim_side);
    add(result, when, of_takt, of_sim, of_cyclictest);
  } else {
    const auto [of_takt, of_sim] = alternate(plan.wake_slices, takt_side, sim_side);
    add(result, when, of_takt, of_sim, {});
  }
}

}  // namespace

void ask_wake(Result& result, const Plan& plan, CpuBurner& burner) {
  const auto tried = cyclictest(20);
  ask(result, plan, "idle", tried.has_value());
  {
    const CpuBurner::Burning burning(burner);
    ask(result, plan, "all CPUs busy", tried.has_value());
  }
  result.notes.push_back(fmt::format(
      "wake lateness: {} slices of {} periods of each side in turn, on the same CPU; the cycle's arm sleeps on its "
      "thread by clock_nanosleep as cyclictest does; p50, p99 and p99.9 are medians of the slices",
      plan.wake_slices, plan.wake_periods));
  if (!tried) {
    result.notes.push_back("not compared with cyclictest (package rt-tests, and the right to SCHED_FIFO): " +
                           tried.error());
  }
}

}  // namespace takt::bench
