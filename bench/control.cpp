// Can the 1 kHz cycle be starved, and what does it cost? One file per question in control/.
//
//   control_bench [--quick] [--out] [FILE.json]       --quick: a look at all rows within half a minute

#include <chrono>
#include <exception>
#include <stop_token>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/realtime/thread.hpp"

#include "control/cpu_burner.hpp"
#include "control/questions.hpp"
#include "control/remote_commander.hpp"
#include "placement.hpp"
#include "python_peer.hpp"
#include "result.hpp"

namespace takt::bench {
namespace {

/// Whatever should hang, the bench does not: the alarm ends it, and its children end with it.
constexpr unsigned kQuickLimit_s = 180;
constexpr unsigned kLimit_s = 1800;

bool fifo_permitted() {
  return realtime::RealtimeThread({.name = "probe", .fifo_priority = kFifoPriority}, [](const std::stop_token&) {})
      .report()
      .fifo;
}

/// The children are forked before anything here starts a thread.
Result run(const Plan& plan) {
  CpuBurner burner;
  RemoteCommander remote;
  PythonPeer python(TAKT_CONTROLLER_PEER);
  Result result{.bench = "control", .figures = {}, .notes = {}};
  ask_wake(result, plan, burner);
  ask_gap(result, plan, burner, python);
  ask_compute(result, plan);
  ask_set(result, plan, remote);
  ask_generator(result, plan);
  result.notes.push_back(fmt::format(
      "the cycle and cyclictest run on CPU {}; SCHED_FIFO {}, /dev/cpu_dma_latency {}", asking_cpu(),
      fifo_permitted()
          ? fmt::format("at {} for both", kFifoPriority)
          : "not permitted: the cycle is not protected from other programs, and no row shows what takt can do",
      realtime::CpuDmaLatency().held() ? "0 for both" : "not permitted"));
  return result;
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const bool quick = std::erase_if(arguments, [](std::string_view word) { return word == "--quick"; }) > 0;
  alarm(quick ? takt::bench::kQuickLimit_s : takt::bench::kLimit_s);
  try {
    return takt::bench::report(takt::bench::run(quick ? takt::bench::quick_plan() : takt::bench::Plan{}),
                               static_cast<int>(arguments.size()), arguments.data());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
