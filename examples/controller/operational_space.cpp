// Operational space: a mass, spring and damper at the tool, weighted with the arm's inertia. A circle, streamed as
// poses at 50 Hz with their velocity, each good for 100 ms: if this task hung, the arm would hold and halt.

#include <cmath>
#include <numbers>

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;
using namespace takt::literals;
using namespace std::chrono_literals;

namespace {

Task<void> app() {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}));
  co_await controller.start();
  // Bumpless, between two cycles. Friction is not fed forward: against the little inertia of a bare last joint, and so
  // the little that this law does for it, the model's friction is too coarse.
  co_await controller.use(OperationalSpace{.damping_ratio = 1.0});

  const Pose centre = controller.model().tool_pose(controller.state().setpoint.q_rad);
  const double radius_m = 0.03;
  const double turn_rad_s = std::numbers::pi;
  for (int k = 0; k <= 100; ++k) {
    const double angle = turn_rad_s * 0.02 * k;
    ToolPose target{.X_BE = centre};
    target.X_BE.translation() += radius_m * Eigen::Vector3d(0.0, std::sin(angle), std::cos(angle) - 1.0);
    target.v_m_s = radius_m * turn_rad_s * Eigen::Vector3d(0.0, std::cos(angle), -std::sin(angle));
    controller.set(target, {.valid_for = 100ms});
    co_await controller.pace(50_hz);
  }
  const CycleState state = controller.state();
  const Eigen::Vector3d off = controller.model().tool_pose(state.measured.q_rad).translation() - centre.translation();
  co_await controller.stop();
  fmt::print("{}: after one turn the tool is {:.1f} mm from where it began\n", state.law.view(), 1e3 * off.norm());
}

}  // namespace

int main() {
  return run(app());
}
