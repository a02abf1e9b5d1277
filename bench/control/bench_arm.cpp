#include "bench_arm.hpp"

#include <utility>

namespace takt::bench {

using control::Outcome;

BenchArm::BenchArm(control::ModelData data, Pace pace, CycleWatch& watch)
    : pace_(pace),
      watch_(watch),
      plant_(control::Model(std::move(data))),
      tau_nm_(core::JointVector::zero(plant_.model().dof())) {}

Outcome BenchArm::start() noexcept {
  stamp_ns_ = core::monotonic_now_ns();
  beat_.emplace(stamp_ns_, kPeriod_ns);
  guard_.reset();
  return Outcome::kOk;
}

Outcome BenchArm::release_brakes() noexcept {
  braked_ = false;
  return Outcome::kOk;
}

Outcome BenchArm::engage_brakes() noexcept {
  braked_ = true;
  tau_nm_ = core::JointVector::zero(tau_nm_.size());
  return Outcome::kOk;
}

Outcome BenchArm::wait(control::ArmState& state) noexcept {
  end_cycle();
  if (!braked_) {
    plant_.advance(tau_nm_, core::to_seconds(kPeriod_ns));
  }
  if (pace_ == Pace::kBeat) {
    stamp_ns_ = beat_->next_ns(core::monotonic_now_ns());
    core::steady_clock().sleep_until_ns(stamp_ns_);
  } else {
    stamp_ns_ += kPeriod_ns;
  }
  state = plant_.state();
  state.stamp_ns = stamp_ns_;
  state.sequence = ++sequence_;
  state.brakes_engaged = braked_;
  guard_.emplace();
  began_ns_ = core::monotonic_now_ns();
  return Outcome::kOk;
}

Outcome BenchArm::write(const control::ArmCommand& command) noexcept {
  if (braked_) {
    return Outcome::kNotReady;
  }
  tau_nm_ = command.tau_nm;
  return Outcome::kOk;
}

void BenchArm::end_cycle() noexcept {
  if (!guard_) {
    return;
  }
  const core::Nanoseconds ended_ns = core::monotonic_now_ns();
  watch_.allocations += guard_->count();
  if (watch_.busy_us.size() < watch_.busy_us.capacity()) {
    watch_.busy_us.push_back(static_cast<double>(ended_ns - began_ns_) * 1e-3);
  }
  guard_.reset();
  if (watch_.look) {
    look_at(watch_.look());
  }
}

void BenchArm::look_at(const control::CycleState& seen) noexcept {
  if (seen.command_stamp_ns != last_used_ns_ && watch_.uses.size() < watch_.uses.capacity()) {
    watch_.uses.push_back({.stamp_ns = seen.command_stamp_ns, .written_ns = seen.written_ns});
  }
  if (seen.cycle > 1 && watch_.gaps.size() < watch_.gaps.capacity()) {
    watch_.gaps.push_back({.from_ns = last_written_ns_, .to_ns = seen.written_ns});
  }
  last_used_ns_ = seen.command_stamp_ns;
  last_written_ns_ = seen.written_ns;
}

}  // namespace takt::bench
