// Joint impedance: springs and dampers at the joints. A soft arm yields where a stiff one pushes; gains change while it
// moves, without a jump of the torque.

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;

namespace {

Task<void> app() {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}),
                        {.law = JointImpedance{.inertial_damping_1_s = 40.0}});
  co_await controller.start();
  JointVector target = controller.model().home_rad();
  target[0] += 0.3;
  co_await controller.move(target);

  JointImpedance soft;
  soft.stiffness_nm_rad = {150, 150, 150, 150, 40, 40, 10};
  soft.max_feedback_nm = {20, 20, 20, 20, 5, 5, 2};  // no spring pulls harder than this
  co_await controller.use(soft);
  target[0] -= 0.3;
  co_await controller.move(target, {.tolerance_rad = 0.1});
  const CycleState state = controller.state();
  co_await controller.stop();
  fmt::print("{}: {:.4f} rad from its setpoint\n", state.law.view(),
             core::max_abs_difference(state.measured.q_rad, state.setpoint.q_rad));
}

}  // namespace

int main() {
  return run(app());
}
