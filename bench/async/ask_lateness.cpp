// How late is a task that runs every millisecond?

#include "cyclictest.hpp"
#include "loop_lateness.hpp"
#include "nanosleep_loop.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr int kPeriods = 1000;
constexpr const char* kTask = "every(1ms) on the loop: lateness";

Latency cyclictest_slice() {
  const auto latency = cyclictest(kPeriods);
  if (!latency) {
    throw SystemError("cyclictest: " + latency.error());
  }
  return *latency;
}

}  // namespace

void ask_lateness(Result& result, PythonPeer& python) {
  const auto takt_side = [] { return loop_lateness(kPeriods); };
  const auto nanosleep_side = [] { return nanosleep_lateness(kPeriods); };
  const auto python_side = [&] { return python.run("lateness", kPeriods); };
  if (const auto tried = cyclictest(20); tried) {
    const auto [of_takt, of_cyclictest, of_nanosleep, of_python] =
        alternate(kSlices, takt_side, cyclictest_slice, nanosleep_side, python_side);
    add_compared(result, kTask, "cyclictest", of_takt, of_cyclictest,
                 {.p50 = "<= 1.3 × baseline", .p99 = "<= 1.3 × baseline"});
    add_alone(result, "clock_nanosleep: 1 kHz lateness", of_nanosleep);
    add_alone(result, "Python asyncio: 1 kHz lateness", of_python);
  } else {
    const auto [of_takt, of_nanosleep, of_python] = alternate(kSlices, takt_side, nanosleep_side, python_side);
    add_compared(result, kTask, "clock_nanosleep", of_takt, of_nanosleep, {});
    add_alone(result, "Python asyncio: 1 kHz lateness", of_python);
    result.notes.push_back("not compared with cyclictest (package rt-tests, and the right to SCHED_FIFO): " +
                           tried.error());
  }
  result.notes.emplace_back(
      "asyncio waits in whole milliseconds (its selector rounds up): half a millisecond late in the "
      "mean, whatever the system does");
}

}  // namespace takt::bench
