// Springs at the tool and at the joints together: stiff along the tool's way, soft across it.

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;

namespace {

Task<void> app() {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}));
  co_await controller.start();
  HybridImpedance law;
  law.stiffness = {200.0, 200.0, 1000.0, 20.0, 20.0, 20.0};  // N/m along x, y, z of the base; N·m/rad about them
  law.max_force_n = 40.0;
  co_await controller.use(law);
  Pose down = controller.model().tool_pose(controller.state().setpoint.q_rad);
  down.translation().z() -= 0.08;
  co_await controller.move(down, {.tolerance_rad = 0.05});
  const CycleState state = controller.state();
  const Eigen::Vector3d off = controller.model().tool_pose(state.measured.q_rad).translation() - down.translation();
  co_await controller.stop();
  fmt::print("{}: {:.1f} mm off\n", state.law.view(), 1e3 * off.norm());
}

}  // namespace

int main() {
  return run(app());
}
