// The first motion of a simulated FR3: start, go somewhere, come back, stop.
//
//   build/release/examples/controller/first_move

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;

namespace {

Task<void> app() {
  // A virtual machine's host may take the processor for 30 ms; the real arm would stop for that, and this one need not.
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}));
  co_await controller.start();  // returns when the first cycle has led the arm
  const JointVector home = controller.model().home_rad();

  JointVector raised = home;
  raised[1] -= 0.2;
  raised[3] += 0.3;
  co_await controller.move(raised);  // jerk-limited, lands exactly, cancellable at any time
  fmt::print("joint 4 is at {:.3f} rad\n", controller.state().setpoint.q_rad[3]);

  Pose lower = controller.model().tool_pose(raised);
  lower.translation().z() -= 0.05;
  co_await controller.move(lower, {.speed = 0.5});
  fmt::print("the tool is at {:.3f} m\n",
             controller.model().tool_pose(controller.state().setpoint.q_rad).translation().z());

  co_await controller.move(home);
  co_await controller.stop();
  fmt::print("back home, brakes on\n");
}

}  // namespace

int main() {
  return run(app());
}
