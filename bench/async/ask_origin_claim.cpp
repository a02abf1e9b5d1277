// The origin's claim: a 1 kHz task is not disturbed by 5 ms of computing that is handed elsewhere 50 times a second.

#include <vector>

#include "cpu_load.hpp"
#include "loop_lateness.hpp"
#include "nanosleep_loop.hpp"
#include "placement.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr int kPeriods = 1000;

Latency loaded_nanosleep() {
  const CpuLoad load;
  return nanosleep_lateness(kPeriods);
}

/// How many times later the loaded slices are than their quiet neighbours, at p99: 1 is what is claimed.
Figure times_later(const std::string& who, const std::vector<Latency>& quiet, const std::vector<Latency>& loaded) {
  return {.name = who + ": 1 kHz lateness p99, loaded / quiet",
          .value = median_ratio(column(quiet, &Latency::p99_us), column(loaded, &Latency::p99_us)),
          .unit = "×"};
}

}  // namespace

void ask_origin_claim(Result& result, PythonPeer& python) {
  const auto [takt_quiet, takt_loaded, quiet, loaded, python_quiet, python_loaded] = alternate(
      kSlices, [] { return loop_lateness(kPeriods); }, [] { return loaded_loop_lateness(kPeriods); },
      [] { return nanosleep_lateness(kPeriods); }, loaded_nanosleep, [&] { return python.run("lateness", kPeriods); },
      [&] { return python.run("lateness_loaded", kPeriods); });
  Figure claim = times_later("a task on the loop, 5 ms offloaded 50 times a second", takt_quiet, takt_loaded);
  claim.goal = "0.8 … 1.2 ×";
  result.figures.push_back(claim);
  add_compared(result, "a task on the loop: 1 kHz lateness, 5 ms offloaded 50 times a second",
               "clock_nanosleep, computed elsewhere", takt_loaded, loaded, {});
  result.figures.push_back(times_later("clock_nanosleep, 5 ms computed elsewhere", quiet, loaded));
  add_alone(result, "Python asyncio: 1 kHz lateness, 5 ms in an executor 50 times a second", python_loaded);
  result.figures.push_back(times_later("Python asyncio, 5 ms in an executor", python_quiet, python_loaded));
  if (asking_cpu() == working_cpu()) {
    result.notes.emplace_back("the origin's claim asks for a free core: this process may use one CPU only");
  }
}

}  // namespace takt::bench
