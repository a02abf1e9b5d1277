// The same interface for an arm whose cycle runs in another process. Kill this program at any moment: the arm is held,
// and the next one that comes goes on with it.
//
//   build/release/apps/takt/takt serve --arm sim:fr3          (in another terminal)
//   build/release/examples/controller/remote [SERVER]

#include <chrono>
#include <string>

#include <fmt/core.h>

#include <takt/controller.hpp>

using namespace takt;
using namespace takt::literals;
using namespace std::chrono_literals;

namespace {

Task<void> app(std::string server) {
  const auto controller = co_await RemoteController::connect(server);
  if (controller->state().mode == control::CycleMode::kStopped) {
    co_await controller->start();
  }
  const JointVector home = controller->model().home_rad();
  co_await controller->move(home);

  JointVector target = home;
  for (int step = 0; step < 100; ++step) {
    target[0] += 0.001;
    controller->set(target, {.valid_for = 500ms});  // a store into shared memory, not a round trip
    co_await controller->pace(50_hz);
  }
  co_await controller->move(home);
  fmt::print("{}: back home, and held\n", server);
}

}  // namespace

int main(int argc, char** argv) {
  return run(app(argc > 1 ? argv[1] : "fr3"));
}
