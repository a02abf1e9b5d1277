// How long does a coroutine take to run after another thread has set what it waits for, the loop being parked?

#include "bell_loop.hpp"
#include "eventfd_loop.hpp"
#include "questions.hpp"
#include "wake.hpp"

namespace takt::bench {
namespace {

constexpr int kWakes = 500;

}  // namespace

void ask_wake(Result& result, PythonPeer& python) {
  BellLoop bell;
  EventfdLoop eventfd;
  const auto takt_side = [&] { return wake_latency(bell, kWakes); };
  const auto eventfd_side = [&] { return wake_latency(eventfd, kWakes); };
  const auto python_side = [&] { return python.run("wake", kWakes); };
  static_cast<void>(alternate(1, takt_side, eventfd_side, python_side));  // warm
  const auto [of_takt, of_eventfd, of_python] = alternate(kSlices, takt_side, eventfd_side, python_side);
  add_compared(result, "Doorbell::ring on another thread until the coroutine runs", "eventfd + epoll loop", of_takt,
               of_eventfd, {.p50 = "<= 1.15 × baseline", .p99 = "<= 1.3 × baseline"});
  add_alone(result, "Python asyncio: call_soon_threadsafe until resumed", of_python);
}

}  // namespace takt::bench
