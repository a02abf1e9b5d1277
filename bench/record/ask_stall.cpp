#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

#include "measure.hpp"
#include "placement.hpp"
#include "record/folders.hpp"
#include "record/questions.hpp"

namespace takt::bench {
namespace {

using trajectory::recorder::Recorder;
using trajectory::recorder::StateChannel;
using trajectory::recorder::StateKind;

constexpr std::size_t kCyclesPerSlice = 2'000;
constexpr core::Nanoseconds kPeriod = 1'000'000;
constexpr std::array kKinds{StateKind::kLeader, StateKind::kMapped, StateKind::kGuarded, StateKind::kSent,
                            StateKind::kReadBack};

/// A state of seven joints with the hops that a command has.
messages::RobotState state_of(std::uint64_t cycle, core::Nanoseconds stamp_ns) noexcept {
  messages::RobotState state;
  state.stamp_ns = stamp_ns;
  state.sequence = state.trace_id = cycle;
  state.joint_positions.resize(7);
  state.joint_velocities.resize(7);
  for (std::size_t joint = 0; joint < 7; ++joint) {
    const double phase = 1e-3 * static_cast<double>(cycle * (joint + 1));
    state.joint_positions[joint] = std::sin(phase);
    state.joint_velocities[joint] = std::cos(phase);
  }
  for (const auto point : {messages::HopPoint::kGotState, messages::HopPoint::kEnter, messages::HopPoint::kConverted,
                           messages::HopPoint::kGuarded, messages::HopPoint::kApplied}) {
    messages::stamp_hop(state, point);
  }
  return state;
}

/// What one thread did for two seconds: how long each of its cycles took [µs].
struct Cycles {
  std::vector<double> took_us;
  bool fifo{false};
  std::uint64_t dropped{0};
};

void run_cycles(const std::vector<StateChannel*>& channels, Cycles& cycles) {
  core::Beat beat(core::monotonic_now_ns(), kPeriod);
  for (std::uint64_t cycle = 0; cycle < kCyclesPerSlice; ++cycle) {
    core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
    const core::Nanoseconds began_ns = core::monotonic_now_ns();
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {  // both sides make them, one keeps them
      const messages::RobotState state = state_of(cycle, began_ns);
      if (!channels.empty() && !channels[kind]->record(state)) {
        ++cycles.dropped;
      }
    }
    cycles.took_us.push_back(static_cast<double>(core::monotonic_now_ns() - began_ns) * 1e-3);
  }
}

Cycles control_thread(const std::vector<StateChannel*>& channels) {
  Cycles cycles;
  cycles.took_us.reserve(kCyclesPerSlice);
  realtime::RealtimeThread thread(
      {.name = "control", .fifo_priority = kFifoPriority, .cpu = asking_cpu(), .lock_memory = true},
      [&](const std::stop_token&) { run_cycles(channels, cycles); });
  cycles.fifo = thread.report().fifo;
  thread.join();
  return cycles;
}

Cycles recorded() {
  const BenchFolder folder(std::filesystem::current_path());
  Recorder recorder(folder / "stall.mcap");
  std::vector<StateChannel*> channels;
  for (const StateKind kind : kKinds) {
    channels.push_back(&recorder.states({.robot = "arm",
                                         .kind = kind,
                                         .arm = "fr3",
                                         .robot_type = messages::RobotType::kFr3,
                                         .joint_names = {"1", "2", "3", "4", "5", "6", "7"}}));
  }
  return control_thread(channels);
}

/// The median over the slices of what a fraction `q` of a slice's cycles does not exceed [µs]. Not of all slices
/// together: the kernel's tick costs 20 µs and keeps its phase to a thread of 1 kHz, so that a slice has it in every
/// fourth cycle or in none, whether somebody records or not.
double typical_us(const std::vector<Cycles>& slices, double q) {
  SliceSample sample;
  for (const Cycles& slice : slices) {
    sample.add(quantile(slice.took_us, q));
  }
  return sample.median();
}

}  // namespace

void ask_stall(Result& result, const RecordPlan& plan) {
  const auto [with, without] = alternate(plan.stall_slices, recorded, [] { return control_thread({}); });
  for (const auto& [name, q] : {std::pair("p50", 0.5), std::pair("p99", 0.99), std::pair("p99.9", 0.999)}) {
    const double took_us = typical_us(with, q);
    const double baseline_us = typical_us(without, q);
    result.figures.push_back({.name = fmt::format("cycle of a 1 kHz thread that records five states, {}; baseline: the "
                                                  "same cycle, no recorder",
                                                  name),
                              .value = took_us,
                              .unit = "µs",
                              .baseline = baseline_us});
    result.figures.push_back({.name = fmt::format("stall by the recorder, {}", name),
                              .value = took_us - baseline_us,
                              .unit = "µs",
                              .goal = q > 0.99 ? std::optional<std::string>("<= 5") : std::nullopt});
  }
  std::uint64_t dropped = 0;
  for (const Cycles& slice : with) {
    dropped += slice.dropped;
  }
  result.figures.push_back(
      {.name = "states dropped meanwhile", .value = static_cast<double>(dropped), .unit = "", .goal = "0"});
  result.notes.push_back(
      fmt::format("stall: {} cycles of each side in turns of {}, the median of the turns; both sides make five states "
                  "per cycle, one records them; "
                  "zstd, flushed every 100 ms, into a file in the current folder; SCHED_FIFO {}",
                  kCyclesPerSlice * static_cast<std::size_t>(plan.stall_slices), kCyclesPerSlice,
                  with.front().fifo ? "granted" : "not permitted"));
}

}  // namespace takt::bench
