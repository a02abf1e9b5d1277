// How long does a coroutine take to run after another thread has set what it waits for, the loop being parked?

#include "eventfd_loop.hpp"
#include "questions.hpp"
#include "wake.hpp"

namespace takt::bench {
namespace {

constexpr int kWakes = 500;

}  // namespace

void ask_wake(Result& result, PythonPeer& python) {
  EventfdLoop eventfd;
  const auto eventfd_side = [&] { return wake_latency(eventfd, kWakes); };
  const auto python_side = [&] { return python.run("wake", kWakes); };
  static_cast<void>(alternate(1, eventfd_side, python_side));  // warm
  const auto [of_eventfd, of_python] = alternate(kSlices, eventfd_side, python_side);
  add_alone(result, "eventfd + epoll loop: wake from another thread", of_eventfd);
  add_alone(result, "Python asyncio: call_soon_threadsafe until resumed", of_python);
}

}  // namespace takt::bench
