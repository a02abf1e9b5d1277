// A camera, a policy that blocks, and an operator, as tasks that cannot outlive the program. Ctrl-C cancels them all
// and lets them clean up.
//
//   build/release/examples/async/first_program        then type a line, or wait five seconds

#include <chrono>
#include <thread>

#include <fmt/core.h>

#include <takt/async.hpp>

using namespace takt::async;
using namespace std::chrono_literals;

namespace {

int policy(int frame) {
  std::this_thread::sleep_for(30ms);  // a model that takes its time
  return frame * 2;
}

Task<void> camera(LatestChannel<int>* frames) {
  int frame = 0;
  for (auto tick : every(10ms)) {
    co_await tick;
    frames->send(++frame);
  }
}

Task<void> act(LatestChannel<int>* frames) {
  while (auto frame = co_await frames->receive()) {
    const int action = co_await offload([frame] { return policy(*frame); });
    if (*frame % 10 == 0) {
      fmt::print("frame {} -> action {}\n", *frame, action);
    }
  }
}

Task<void> close_gripper() {
  co_await sleep_for(10ms);
  fmt::print("gripper closed\n");
}

Task<void> app() {
  LatestChannel<int> frames("frames");
  const auto work = [&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("camera", camera(&frames));
      nursery.start("policy", act(&frames));
      const auto line = co_await with_timeout(5s, async_input("Enter ends the program: "));
      fmt::print("{}\n", line ? "the operator said so" : "nobody said anything");
      co_return kCancel;
    });
  };
  co_await with_cleanup(work(), 1s, close_gripper);
}

}  // namespace

int main() {
  return run(app());
}
