#include "remote_commander.hpp"

#include <cstddef>
#include <new>
#include <random>
#include <vector>

#include "takt/core/time.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

constexpr std::uint32_t kSetAtRandom = 1;
constexpr std::uint32_t kSetCost = 2;
constexpr std::uint32_t kStateCost = 3;
constexpr std::uint32_t kColdStateCost = 4;

void pause_at_random(std::mt19937& random) {
  std::uniform_int_distribution<core::Nanoseconds> pause_ns(1'200'000, 3'200'000);
  core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + pause_ns(random));
}

}  // namespace

struct RemoteCommander::Segment {
  control::StatePort state;
  control::CommandPort told;
  control::Command command;
  int count{0};
  Latency answer{};

  void serve(std::uint32_t question);
  void load_cold();
};

void set_at_random_phases(control::Command command, int count, const SetCommand& set) {
  std::mt19937 random(7);
  for (int i = 0; i < count; ++i) {
    pause_at_random(random);
    command.terms.stamp_ns = core::monotonic_now_ns();
    set(command);
  }
}

Latency cost_of(int batches, const std::function<void()>& work) {
  constexpr std::size_t kBatch = 50;
  std::vector<double> cost_us;
  cost_us.reserve(static_cast<std::size_t>(batches));
  for (int i = 0; i < batches; ++i) {
    cost_us.push_back(batch_ns(kBatch, work) * 1e-3);
  }
  return latency_of(cost_us);
}

/// In the child.
void RemoteCommander::Segment::serve(std::uint32_t question) {
  const PinnedTo pinned(working_cpu());
  control::CycleState seen;
  switch (question) {
    case kSetAtRandom:
      set_at_random_phases(command, count, [this](const control::Command& stamped) {
        told.commands.store(stamped, stamped.used_bytes());
      });
      break;
    case kSetCost:
      answer = cost_of(count, [this] { told.commands.store(command, command.used_bytes()); });
      break;
    case kStateCost:
      answer = cost_of(count, [&] { static_cast<void>(state.state.try_load(seen)); });
      break;
    case kColdStateCost:
      load_cold();
      break;
    default:
      break;
  }
}

void RemoteCommander::Segment::load_cold() {
  std::mt19937 random(11);
  std::vector<double> cost_us;
  control::CycleState seen;
  for (int i = 0; i < count; ++i) {
    pause_at_random(random);
    cost_us.push_back(batch_ns(1, [&] { static_cast<void>(state.state.try_load(seen)); }) * 1e-3);
  }
  answer = latency_of(cost_us);
}

RemoteCommander::RemoteCommander()
    : memory_(core::SharedMemory::create("takt-bench", sizeof(Segment))),
      child_([made = new(memory_.data()) Segment](std::uint32_t question) { made->serve(question); }) {}

RemoteCommander::Segment& RemoteCommander::segment() noexcept {
  return *std::launder(static_cast<Segment*>(memory_.data()));
}

control::CyclePorts RemoteCommander::ports() noexcept {
  return {.state = &segment().state, .command = &segment().told};
}

void RemoteCommander::set_at_random(const control::Command& command, int count) {
  segment().command = command;
  static_cast<void>(measured(kSetAtRandom, count));
}

Latency RemoteCommander::set_cost(const control::Command& command, int batches) {
  segment().command = command;
  segment().command.terms.stamp_ns = core::monotonic_now_ns();
  return measured(kSetCost, batches);
}

Latency RemoteCommander::state_cost(int batches) {
  return measured(kStateCost, batches);
}

Latency RemoteCommander::cold_state_cost(int count) {
  return measured(kColdStateCost, count);
}

Latency RemoteCommander::measured(std::uint32_t question, int count) {
  segment().count = count;
  child_.ask(question);
  return segment().answer;
}

}  // namespace takt::bench
