// PID at the joints: the integral removes what friction and an unknown load leave, and is clamped.

#include <chrono>

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;
using namespace std::chrono_literals;

namespace {

Task<void> app() {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}), {.law = JointPid{}});
  co_await controller.start();
  JointVector target = controller.model().home_rad();
  target[3] += 0.3;
  co_await controller.move(target);
  co_await sleep_for(500ms);  // the integral does its work
  const CycleState state = controller.state();
  co_await controller.stop();
  fmt::print("{}: {:.5f} rad from its setpoint\n", state.law.view(),
             core::max_abs_difference(state.measured.q_rad, state.setpoint.q_rad));
}

}  // namespace

int main() {
  return run(app());
}
