// A program whose loop is blocked for 300 ms every second. In an event loop that drives the arm itself this is the end
// of the motion; here the cycle has a thread of its own, and the ledger says what the arm noticed of it.
//
//   blocking_is_fine [seconds]

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <thread>

#include <fmt/core.h>

#include <takt/controller.hpp>
#include <takt/registry/arms.hpp>

using namespace takt;
using namespace takt::literals;
using namespace std::chrono_literals;

namespace {

Task<void> app(int seconds) {
  Controller controller(co_await connect("sim:fr3", {.tolerate_host_stalls = true}));
  co_await controller.start();
  const JointVector home = controller.model().home_rad();
  JointVector target = home;
  for (int k = 0; k < 50 * seconds; ++k) {
    if (k % 50 == 25) {
      std::this_thread::sleep_for(300ms);  // the loop stands still; the arm goes on
    }
    target[0] = home[0] + 0.1 * std::sin(0.02 * k);
    controller.set(target, {.valid_for = 500ms});
    co_await controller.pace(50_hz);
  }
  const CycleStats stats = controller.stats();
  co_await controller.stop();
  fmt::print("the loop missed {} of its own beats; the arm got {} commands\n", controller.overruns(), stats.cycles);
  fmt::print("gap between commands: p50 {:.3f} ms, p99 {:.3f} ms, longest {:.3f} ms\n", stats.ledger.gap.p50_us / 1e3,
             stats.ledger.gap.p99_us / 1e3, stats.ledger.gap.max_us / 1e3);
  fmt::print("wake lateness: p50 {:.1f} us, p99 {:.1f} us; read to write: p50 {:.1f} us\n",
             stats.ledger.wake_lateness.p50_us, stats.ledger.wake_lateness.p99_us, stats.ledger.read_to_write.p50_us);
}

}  // namespace

int main(int count, char** arguments) {
  return run(app(count > 1 ? std::max(1, std::atoi(arguments[1])) : 3));
}
