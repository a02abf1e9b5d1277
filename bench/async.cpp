// What do tasks, timers, wake-ups, offloaded and isolated calls cost? One file per question in async/.

#include <exception>
#include <stop_token>

#include <fmt/core.h>

#include "takt/async/zygote.hpp"
#include "takt/realtime/thread.hpp"

#include "async/questions.hpp"
#include "measure.hpp"
#include "placement.hpp"
#include "python_peer.hpp"
#include "result.hpp"

namespace takt::bench {
namespace {

bool fifo_permitted() {
  return realtime::RealtimeThread({.name = "probe", .fifo_priority = kFifoPriority}, [](const std::stop_token&) {})
      .report()
      .fifo;
}

/// The futex peer is forked before anything here starts a thread.
Result run() {
  FutexPeer child;
  PythonPeer python(TAKT_ASYNCIO_PEER);
  const realtime::CpuDmaLatency awake;
  Result result{.bench = "async", .figures = {}, .notes = {}};
  ask_tasks(result, python);
  ask_sleepers(result);
  ask_wake(result, python);
  ask_round_trip(result, python);
  ask_isolate(result, child);
  ask_crash(result);
  ask_lateness(result, python);
  ask_origin_claim(result, python);
  ask_watch(result);
  result.notes.push_back(
      fmt::format("{} slices of each side in turn, medians of the slices; CPU {} asks, CPU {} works (Python is not "
                  "pinned); SCHED_FIFO {}, /dev/cpu_dma_latency {}",
                  kSlices, asking_cpu(), working_cpu(),
                  fifo_permitted() ? "on both sides of wake-ups, round trips, calls into a process and lateness (of "
                                     "Python's only the lateness); tasks and sleepers have ordinary priority"
                                   : "not permitted",
                  awake.held() ? "0" : "not permitted"));
  return result;
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  try {
    const takt::async::Zygote zygote;
    return takt::bench::report(takt::bench::run(), argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
