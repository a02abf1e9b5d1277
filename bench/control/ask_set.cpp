// How long from `set` until the first torque that uses it is written, from this process and from another?

#include <cstddef>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "takt/core/error.hpp"

#include "comparison.hpp"
#include "cycle_rig.hpp"
#include "placement.hpp"
#include "questions.hpp"
#include "remote_commander.hpp"
#include "workload.hpp"

namespace takt::bench {
namespace {

control::Command command_for(control::Cycle& cycle) {
  return Commander(cycle.model(), cycle.lowest_rad(), cycle.highest_rad())
      .next(control::CommandKind::kJoint, core::monotonic_now_ns());
}

/// Two of one cycle: only the later one is used. The pauses are longer than a period, so a stall alone does that.
Latency until_used(const CycleWatch& watch, int sets) {
  std::vector<double> until_us;
  for (const CommandUse& use : watch.uses) {
    until_us.push_back(static_cast<double>(use.written_ns - use.stamp_ns) * 1e-3);
  }
  if (2 * until_us.size() < static_cast<std::size_t>(sets)) {
    throw DeviceError(fmt::format("the cycle used {} of {} commands", until_us.size(), sets));
  }
  return latency_of(until_us);
}

Latency in_process(int sets) {
  CycleRig rig({.cycles = static_cast<std::size_t>(sets)});
  const control::Command command = command_for(rig.cycle());
  const PinnedTo pinned(working_cpu());
  set_at_random_phases(command, sets,
                       [&rig](const control::Command& stamped) { static_cast<void>(rig.cycle().submit(stamped)); });
  rig.stop();
  return until_used(rig.watch(), sets);
}

Latency other_process(RemoteCommander& remote, int sets) {
  CycleRig rig({.ports = remote.ports(), .cycles = static_cast<std::size_t>(sets)});
  remote.set_at_random(command_for(rig.cycle()), sets);
  rig.stop();
  return until_used(rig.watch(), sets);
}

void add_cost(Result& result, const std::string& name, const Latency& cost, const Latency& baseline,
              const std::string& goal) {
  Figure figure = {.name = name + ", p50; baseline: in this process",
                   .value = cost.p50_us * 1e3,
                   .unit = "ns",
                   .baseline = baseline.p50_us * 1e3,
                   .ratio = baseline.p50_us / cost.p50_us};
  if (!goal.empty()) {
    figure.goal = goal;
  }
  result.figures.push_back(figure);
  result.figures.push_back({.name = name + ", p99", .value = cost.p99_us * 1e3, .unit = "ns"});
}

void ask_costs(Result& result, int batches, RemoteCommander& remote) {
  CycleRig rig({.ports = remote.ports()});
  control::Command command = command_for(rig.cycle());
  control::CycleState seen;
  const Latency store = cost_of(batches, [&] { static_cast<void>(rig.cycle().submit(command)); });
  const Latency load = cost_of(batches, [&] { seen = rig.cycle().state(); });
  const Latency remote_store = remote.set_cost(command, batches);
  const Latency remote_load = remote.state_cost(batches);
  const Latency cold = remote.cold_state_cost(batches / 2);
  rig.stop();
  add_cost(result, "set of a joint target through shared memory: the store", remote_store, store, "");
  add_cost(result, "state read through shared memory, a writer at 1 kHz", remote_load, load, "<= 200");
  result.figures.push_back({.name = "state read through shared memory, once in milliseconds (caches cold), p50",
                            .value = cold.p50_us * 1e3,
                            .unit = "ns"});
}

}  // namespace

void ask_set(Result& result, const Plan& plan, RemoteCommander& remote) {
  const auto [near, far] = alternate(
      plan.set_slices, [&] { return in_process(plan.sets); }, [&] { return other_process(remote, plan.sets); });
  const std::string name = "set until the first torque that uses it";
  Figure of_near = alone(name + ", in process, p99", column(near, &Latency::p99_us), "µs");
  of_near.goal = "<= 1005 (a cycle + 5)";
  result.figures.push_back(of_near);
  result.figures.push_back(compared(name + ", other process, p99; baseline: in process", column(far, &Latency::p99_us),
                                    column(near, &Latency::p99_us), "µs", "<= 1020 (a cycle + 20)"));
  result.figures.push_back(compared(name + ", other process, p50; baseline: in process", column(far, &Latency::p50_us),
                                    column(near, &Latency::p50_us), "µs", ""));
  ask_costs(result, plan.sets, remote);
  result.notes.push_back(
      fmt::format("set: {} slices of {} of each in turn, at random phases; from the stamp before set until write() has "
                  "returned in the "
                  "first cycle that uses it, so that half a cycle is the mean of any loop at 1 kHz; the commander has "
                  "normal priority "
                  "on the other CPU",
                  plan.set_slices, plan.sets));
}

}  // namespace takt::bench
