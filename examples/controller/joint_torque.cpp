// The program's own torques, 100 times a second, each good for 50 ms. When they end, the cycle holds the arm.

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
  co_await controller.use(JointTorque{.damping_nm_s_rad = {5, 5, 5, 5, 1, 1, 1}});
  const double begin_rad = controller.state().measured.q_rad[0];
  JointVector torque = JointVector::zero(controller.model().dof());
  for (int k = 0; k < 50; ++k) {
    torque[0] = k < 25 ? 6.0 : -6.0;
    controller.set(Torques{torque}, {.valid_for = 50ms});
    co_await controller.pace(100_hz);
  }
  const double turned_rad = controller.state().measured.q_rad[0] - begin_rad;
  controller.halt();
  co_await controller.stop();
  fmt::print("joint_torque: joint 1 was turned by {:.3f} rad\n", turned_rad);
}

}  // namespace

int main() {
  return run(app());
}
