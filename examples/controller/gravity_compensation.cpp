// An arm that is led by hand: it carries itself and gives way. Here nobody leads it, so it stays.

#include <chrono>

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;
using namespace std::chrono_literals;

namespace {

Task<void> app() {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}));
  co_await controller.start();
  co_await controller.use(GravityCompensation{});
  const JointVector begin = controller.state().measured.q_rad;
  for (int k = 0; k < 5; ++k) {
    co_await sleep_for(200ms);
    fmt::print("drifts: {:.5f} rad\n", core::max_abs_difference(controller.state().measured.q_rad, begin));
  }
  controller.halt();  // holds it where it is now; use(GravityCompensation{}) lets it go again
  co_await controller.stop();
  fmt::print("drifted by {:.5f} rad\n", core::max_abs_difference(controller.state().measured.q_rad, begin));
}

}  // namespace

int main() {
  return run(app());
}
