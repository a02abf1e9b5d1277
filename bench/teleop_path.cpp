// How long does a command take from the leader's state to the follower's hardware, hardware not counted? Beside the
// same chain in Python (peers/local_teleop.py).

#include <cstdint>
#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

#include "measure.hpp"
#include "python_peer.hpp"
#include "result.hpp"
#include "teleop_rig.hpp"

namespace takt::bench {
namespace {

constexpr std::uint64_t kCommandsPerSlice = 100'000;  // × kSlices ≥ 10⁶
constexpr int kPythonCommandsPerSlice = 10'000;
constexpr std::uint64_t kPacedCommands = 2'000;
constexpr core::Nanoseconds kPacedPeriod = 1'000'000;

constexpr const char* kAboutPythonP99 =
    "Python's p99 is that of its best slice: on a busy host a command of 40 µs is interrupted seventy times as often "
    "as one "
    "of 0.6 µs, which says nothing of the two programs";

struct Measured {
  SliceSample takt_p50_us;
  SliceSample takt_p99_us;
  SliceSample python_p50_us;
  SliceSample python_p99_us;
  std::map<std::size_t, std::pair<std::string, SliceSample>> hop_p50_us;  // in the order of the hops
  std::uint64_t commands{0};
  std::uint64_t allocations{0};
  double paced_p50_us{0};
  double paced_p99_us{0};
};

void takt_slice(Measured& measured) {
  const testing::AllocationGuard construction;
  TeleopRig rig;
  if (construction.count() == 0) {
    throw LogicError("bench teleop_path: the allocation guard counts nothing, not even the making of the nodes");
  }
  const testing::AllocationGuard allocations;
  rig.run(kCommandsPerSlice, 0);
  measured.allocations += allocations.count();
  measured.commands += kCommandsPerSlice;
  measured.takt_p50_us.add(rig.end_to_end().p50_us);
  measured.takt_p99_us.add(rig.end_to_end().p99_us);
  for (std::size_t i = 0; const teleop::HopRow& hop : rig.hops()) {
    auto& [name, sample] = measured.hop_p50_us[i++];
    name = hop.name;
    sample.add(hop.p50_us);
  }
}

void python_slice(PythonPeer& python, Measured& measured) {
  const Latency latency = python.run("", kPythonCommandsPerSlice);
  measured.python_p50_us.add(latency.p50_us);
  measured.python_p99_us.add(latency.p99_us);
}

Measured measure() {
  Measured measured;
  PythonPeer python(TAKT_PYTHON_PEER);
  static_cast<void>(python.run("", kPythonCommandsPerSlice));  // warm
  for (int slice = 0; slice < kSlices; ++slice) {
    takt_slice(measured);
    python_slice(python, measured);
  }
  TeleopRig paced;
  paced.run(kPacedCommands, kPacedPeriod);
  measured.paced_p50_us = paced.end_to_end().p50_us;
  measured.paced_p99_us = paced.end_to_end().p99_us;
  return measured;
}

std::vector<Figure> figures_of(const Measured& measured) {
  const double faster = median_ratio(measured.takt_p50_us, measured.python_p50_us);
  const double takt_p99_us = measured.takt_p99_us.median();
  const double python_p99_us = measured.python_p99_us.best();  // see the notes
  return {
      {.name = "command path, got_state to applied, p50; baseline: the chain in Python",
       .value = measured.takt_p50_us.median(),
       .unit = "µs",
       .baseline = measured.python_p50_us.median(),
       .ratio = faster,
       .goal = "<= 0.6",
       .best = measured.takt_p50_us.best()},
      {.name = "command path, p99; baseline: Python's best slice",
       .value = takt_p99_us,
       .unit = "µs",
       .baseline = python_p99_us,
       .ratio = python_p99_us / takt_p99_us,
       .goal = "<= 2",
       .best = measured.takt_p99_us.best()},
      {.name = "command path, times faster than the chain in Python, p50",
       .value = faster,
       .unit = "×",
       .goal = ">= 60"},
      {.name = fmt::format("allocations per command, {} commands", measured.commands),
       .value = static_cast<double>(measured.allocations) / static_cast<double>(measured.commands),
       .unit = "",
       .goal = "0"},
      {.name = "command path, one command per millisecond (caches cold), p50",
       .value = measured.paced_p50_us,
       .unit = "µs"},
      {.name = "command path, one command per millisecond (caches cold), p99",
       .value = measured.paced_p99_us,
       .unit = "µs"},
  };
}

std::string hop_split(const Measured& measured) {
  std::string text = "median p50 per hop [µs]:";
  for (const auto& [_, hop] : measured.hop_p50_us) {
    text += fmt::format(" {} {:.3f}", hop.first, hop.second.median());
  }
  return text;
}

Result run() {
  const Measured measured = measure();
  return {
      .bench = "teleop_path",
      .figures = figures_of(measured),
      .notes = {
          fmt::format(
              "7 joints; map (reindex, scale, offset), guards, EMA, a hop stamp at both ends and five between; no-op "
              "hardware; {} commands after alignment, none of them touched by a guard",
              measured.commands),
          fmt::format(
              "a clock read costs {:.0f} ns here; the path has nine of them, which are included; histogram buckets "
              "are at most 1.6 % wide, percentiles are their upper bounds",
              clock_read_ns()),
          fmt::format("{} slices of each side in turn, {} commands of takt and {} of Python each, back to back",
                      kSlices, kCommandsPerSlice, kPythonCommandsPerSlice),
          kAboutPythonP99,
          hop_split(measured),
      }};
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  try {
    return takt::bench::report(takt::bench::run(), argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
