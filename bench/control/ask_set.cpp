// How long from `set` until the first torque that uses it is written, from this process and from another?

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/controller/controller.hpp"
#include "takt/controller/server.hpp"
#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"

#include "bench_arm.hpp"
#include "comparison.hpp"
#include "placement.hpp"
#include "questions.hpp"
#include "remote_commander.hpp"

namespace takt::bench {
namespace {

struct Commanded {
  Latency until_used;
  CallCosts costs;
};

controller::ControllerOptions options() {
  controller::ControllerOptions made;
  made.cycle.fifo_priority = kFifoPriority;
  made.cycle.cpu = asking_cpu();
  return made;
}

std::unique_ptr<control::Arm> arm_with(CycleWatch& watch, const Commanding& commanding) {
  watch.uses.reserve(static_cast<std::size_t>(commanding.sets));
  return std::make_unique<BenchArm>(robots::models::fr3(), BenchArm::Pace::kBeat, watch);
}

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

Commanded in_process(const Commanding& commanding) {
  CycleWatch watch;
  CallCosts costs;
  async::EventLoop().run([](CycleWatch& watching, const Commanding& what, CallCosts& cost) -> async::Task<void> {
    controller::Controller controller(arm_with(watching, what), options());
    watching.look = [&controller] { return controller.state(); };
    co_await controller.start();
    cost = command(controller, what);
    co_await controller.stop();
  }(watch, commanding, costs));
  return {.until_used = until_used(watch, commanding.sets), .costs = costs};
}

/// This process serves the arm; the loop serves on while the other process commands.
async::Task<void> serve(CycleWatch& watch, RemoteCommander& remote, Commanding commanding, CallCosts& costs) {
  controller::ServerOptions server_options;
  server_options.name = RemoteCommander::server_name();
  server_options.controller = options();
  controller::Server server(arm_with(watch, commanding), std::move(server_options));
  watch.look = [&server] { return server.controller().state(); };
  co_await async::with_nursery([&](async::Nursery& nursery) -> async::Task<async::Join> {
    nursery.start("server", server.run());
    co_await async::offload([&] { costs = remote.command(commanding); });
    co_return async::kCancel;
  });
}

Commanded other_process(RemoteCommander& remote, const Commanding& commanding) {
  CycleWatch watch;
  CallCosts costs;
  async::EventLoop().run(serve(watch, remote, commanding, costs));
  return {.until_used = until_used(watch, commanding.sets), .costs = costs};
}

void add_cost(Result& result, const std::string& name, Latency CallCosts::* member, const CallCosts& far,
              const CallCosts& near, const std::string& goal) {
  Figure figure = {.name = name + ", p50; baseline: in process",
                   .value = (far.*member).p50_us * 1e3,
                   .unit = "ns",
                   .baseline = (near.*member).p50_us * 1e3,
                   .ratio = (near.*member).p50_us / (far.*member).p50_us};
  if (!goal.empty()) {
    figure.goal = goal;
  }
  result.figures.push_back(figure);
  result.figures.push_back({.name = name + ", p99; baseline: in process",
                            .value = (far.*member).p99_us * 1e3,
                            .unit = "ns",
                            .baseline = (near.*member).p99_us * 1e3,
                            .ratio = (near.*member).p99_us / (far.*member).p99_us});
}

}  // namespace

void ask_set(Result& result, const Plan& plan, RemoteCommander& remote) {
  const Commanding sets = {.sets = plan.sets};
  const auto [near, far] = alternate(
      plan.set_slices, [&] { return in_process(sets).until_used; },
      [&] { return other_process(remote, sets).until_used; });
  const std::string name = "set until the first torque that uses it";
  Figure of_near = alone(name + ", in process, p99", column(near, &Latency::p99_us), "µs");
  of_near.goal = "<= 1005 (a cycle + 5)";
  result.figures.push_back(of_near);
  result.figures.push_back(compared(name + ", other process, p99; baseline: in process", column(far, &Latency::p99_us),
                                    column(near, &Latency::p99_us), "µs", "<= 1020 (a cycle + 20)"));
  result.figures.push_back(compared(name + ", other process, p50; baseline: in process", column(far, &Latency::p50_us),
                                    column(near, &Latency::p50_us), "µs", ""));
  const Commanding calls = {.batches = plan.sets};
  const CallCosts near_costs = in_process(calls).costs;
  const CallCosts far_costs = other_process(remote, calls).costs;
  add_cost(result, "RemoteController::set of a joint target: the call", &CallCosts::set, far_costs, near_costs, "");
  add_cost(result, "RemoteController::state, a cycle at 1 kHz behind it", &CallCosts::state, far_costs, near_costs,
           "<= 200");
  add_cost(result, "RemoteController::state, once in milliseconds (caches cold)", &CallCosts::cold_state, far_costs,
           near_costs, "");
  result.notes.push_back(fmt::format(
      "set: {} slices of {} of each in turn, at random phases; from the stamp before Controller::set or "
      "RemoteController::set until write() has returned in the first cycle that uses it; half a cycle is the mean of "
      "any loop at 1 kHz; the commander has normal priority on the other CPU",
      plan.set_slices, plan.sets));
}

}  // namespace takt::bench
