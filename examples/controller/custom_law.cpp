// A law of one's own: a small struct whose step() is noexcept, copied into the cycle. This one is a spring that is soft
// near the setpoint and stiff away from it.

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;

namespace {

struct Progressive {
  static constexpr std::string_view kName = "progressive";
  double soft_1_s2{100.0};
  double stiff_1_s2{900.0};
  double full_rad{0.02};  // from this error on it is stiff

  // Runs in the cycle: no allocation, lock, throw or formatting.
  void step(const control::LawInput& input, JointVector& tau_nm) noexcept {
    JointVector wanted = input.setpoint.ddq_rad_s2;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const double error = input.setpoint.q_rad[i] - input.measured.q_rad[i];
      const double share = std::min(1.0, std::abs(error) / full_rad);
      const double stiffness = soft_1_s2 + share * (stiff_1_s2 - soft_1_s2);
      wanted[i] +=
          stiffness * error + 2.0 * std::sqrt(stiffness) * (input.setpoint.dq_rad_s[i] - input.measured.dq_rad_s[i]);
    }
    // M q̈ + C q̇ with the model's inertia: every joint answers like a unit mass. The arm compensates gravity itself.
    tau_nm = input.model.tracking_nm(input.measured.q_rad, input.measured.dq_rad_s, input.measured.dq_rad_s, wanted);
  }
};

Task<void> app() {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}));
  co_await controller.start();
  co_await controller.use(Progressive{.stiff_1_s2 = 1200.0});
  JointVector target = controller.model().home_rad();
  target[0] += 0.3;
  co_await controller.move(target, {.tolerance_rad = 0.1});
  const takt::CycleState arrived = controller.state();
  co_await controller.stop();
  fmt::print("{} brought joint 1 to {:.3f} rad\n", arrived.law.view(), arrived.measured.q_rad[0]);
}

}  // namespace

int main() {
  return run(app());
}
