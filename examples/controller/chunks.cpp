// A policy that gives 16 actions at 50 Hz at a time, and thinks for 100 ms about the next ones: chunks overlap, and the
// motion goes over from one to the other. What comes too late is dropped and counted.

#include <cmath>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include <takt/async/offload.hpp>
#include <takt/controller.hpp>
#include <takt/core/time.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;
using namespace std::chrono_literals;

namespace {

constexpr auto kStep = 20ms;

// What a model would do: looks at the present state, and says where the arm shall be in the next 320 ms.
std::vector<JointVector> policy(const JointVector& home, double time_s) {
  std::this_thread::sleep_for(100ms);
  std::vector<JointVector> actions(16, home);
  for (std::size_t k = 0; k < actions.size(); ++k) {
    actions[k][0] += 0.2 * std::sin(1.5 * (time_s + 0.02 * static_cast<double>(k)));
  }
  return actions;
}

Task<void> app() {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}));
  co_await controller.start();
  const JointVector home = controller.model().home_rad();
  const core::Nanoseconds begin_ns = core::monotonic_now_ns();
  for (int k = 0; k < 10; ++k) {
    const core::Nanoseconds now_ns = core::monotonic_now_ns();
    const double time_s = core::to_seconds(now_ns - begin_ns);
    const auto actions = co_await async::offload([&] { return policy(home, time_s); });
    controller.play(ActionChunk::evenly(now_ns, kStep, actions));
  }
  const CycleStats stats = controller.stats();
  co_await controller.move(home);
  co_await controller.stop();
  fmt::print("played 10 chunks: {} blended, {} actions came late and were dropped\n", stats.blended_chunks,
             stats.late_actions);
}

}  // namespace

int main() {
  return run(app());
}
