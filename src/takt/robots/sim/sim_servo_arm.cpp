#include "takt/robots/sim/sim_servo_arm.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

namespace takt::robots::sim {
namespace {

constexpr core::Nanoseconds kPeriodNs = 1'000'000;
constexpr int kLongestStopPeriods = 2000;

// Feetech frames: FF FF id length instruction … checksum.
constexpr std::size_t kReplyOverhead = 6;
constexpr std::size_t kSyncOverhead = 8;
constexpr std::size_t kGoalBytes = 3;  // id and goal position

RobotInfo info_of(const control::ModelData& data, const std::string& name) {
  RobotInfo info;
  info.name = name.empty() ? data.name : name;
  info.type = data.name == "so101" ? messages::RobotType::kSo101 : messages::RobotType::kGeneric;
  for (const control::JointData& joint : data.joints) {
    info.joint_names.push_back(joint.name);
    info.limits.push_back(joint.limits);
  }
  info.can_write = true;
  return info;
}

BusOptions bus_of(const SimServoArmOptions& options) {
  BusOptions bus = options.bus;
  bus.takes_time = bus.takes_time && options.pace == Pace::kRealtime;
  return bus;
}

}  // namespace

SimServoArm::SimServoArm(control::ModelData data, SimServoArmOptions options)
    : data_(std::move(data)),
      options_(std::move(options)),
      info_(info_of(data_, options_.name)),
      bus_(bus_of(options_)),
      side_(data_, options_.start_rad, options_.servo),
      virtual_now_ns_(options_.lockstep_start_ns) {
  if (options_.read_block_bytes < 2) {
    throw ConfigError(info_.name, 0, "read_block_bytes", "a position alone takes 2");
  }
}

SimServoArm::~SimServoArm() {
  stop();
}

void SimServoArm::start() {
  if (running_.load(std::memory_order_acquire)) {
    throw LogicError(info_.name + ": started twice");
  }
  {
    const std::lock_guard lock(fault_mutex_);
    fault_.clear();
  }
  faulted_.store(false, std::memory_order_release);
  goals_taken_ = goals_.load().value_or(GoalDatagram{}).number;  // what arrived after the last stop moves nothing
  readings_.store(side_.reading());
  if (options_.pace == Pace::kRealtime) {
    thread_ = std::make_unique<realtime::RealtimeThread>(
        realtime::ThreadOptions{.name = ("sim." + info_.name).substr(0, 15), .fifo_priority = options_.fifo_priority},
        [this](const std::stop_token& stop) { run(stop); });
  }
  running_.store(true, std::memory_order_release);
}

void SimServoArm::stop() noexcept {
  if (running_.exchange(false, std::memory_order_acq_rel)) {
    come_to_rest();
  }
  thread_.reset();
}

void SimServoArm::come_to_rest() noexcept {
  halt();
  for (int k = 0; k < kLongestStopPeriods; ++k) {
    if (options_.pace == Pace::kLockstep) {
      period();
    } else {
      core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + kPeriodNs);
    }
    if (halt_request_.load(std::memory_order_acquire) == 0 && at_rest_.load(std::memory_order_acquire)) {
      return;
    }
  }
}

void SimServoArm::require_running(const char* what) const {
  if (faulted_.load(std::memory_order_acquire)) {
    throw DeviceError(
        fmt::format("{}: {} refused after a safe stop: {}; stop and start it anew", info_.name, what, fault()));
  }
  if (!running_.load(std::memory_order_acquire)) {
    throw DeviceError(fmt::format("{}: {} before start", info_.name, what));
  }
}

void SimServoArm::read(messages::RobotState& state) {
  if (!running_.load(std::memory_order_acquire)) {
    throw DeviceError(info_.name + ": read before start");
  }
  const std::size_t servos = data_.dof();
  ServoReading reading;
  {
    HalfDuplexBus::Transaction line = bus_.begin("read");
    line.pass(kSyncOverhead + servos);
    if (lost_replies_.take()) {
      throw DeviceError(fmt::format("{}: servo 1 of {} did not reply to a read", info_.name, servos));
    }
    reading = *readings_.load();  // what the servos hold when they answer
    line.pass(servos * (kReplyOverhead + options_.read_block_bytes));
  }
  fill(reading, state);
  state.stamp_ns = now_ns();
}

void SimServoArm::fill(const ServoReading& reading, messages::RobotState& state) const {
  const bool has_all = options_.read_block_bytes >= 6;
  state.joint_positions = reading.q_rad;
  state.joint_velocities = has_all ? reading.dq_rad_s : core::JointVector();
  state.joint_efforts = has_all ? reading.tau_nm : core::JointVector();
  const control::JointLimits& jaw = info_.limits.back();
  const double opening =
      (reading.q_rad[data_.dof() - 1] - jaw.position_min_rad) / (jaw.position_max_rad - jaw.position_min_rad);
  state.gripper_position = std::isfinite(opening) ? std::optional(std::clamp(opening, 0.0, 1.0)) : std::nullopt;
  state.end_effector_pose = reading.end_effector_pose;
  state.robot_type = info_.type;
  state.units = messages::Units::kRadians;
}

void SimServoArm::write(const messages::RobotState& target) {
  require_running("write");
  const core::JointVector& goal = target.joint_positions;
  if (goal.size() != data_.dof()) {
    throw DeviceError(fmt::format("{}: target has {} joints, the arm {}", info_.name, goal.size(), data_.dof()));
  }
  if (!goal.all_finite()) {
    throw DeviceError(info_.name + ": target is not finite");
  }
  HalfDuplexBus::Transaction line = bus_.begin("write");
  line.pass(kSyncOverhead + kGoalBytes * data_.dof());
  if (failing_writes_.take()) {
    throw DeviceError(info_.name + ": the bus adapter failed to write");
  }
  goals_.store({.q_rad = goal, .number = ++goals_written_});
}

void SimServoArm::halt() noexcept {
  halt_request_.store(goals_.version() + 1, std::memory_order_release);
}

void SimServoArm::safe_stop(const std::string& reason) noexcept {
  {
    const std::lock_guard lock(fault_mutex_);
    if (fault_.empty()) {
      fault_ = reason.empty() ? "safe stop" : reason;
    }
  }
  faulted_.store(true, std::memory_order_release);
  halt();
}

RobotHealth SimServoArm::health() const noexcept {
  return faulted_.load(std::memory_order_acquire) ? RobotHealth::kFault : RobotHealth::kOk;
}

std::string SimServoArm::fault() const {
  const std::lock_guard lock(fault_mutex_);
  return fault_;
}

void SimServoArm::advance_ns(core::Nanoseconds duration_ns) {
  if (options_.pace != Pace::kLockstep) {
    throw LogicError(info_.name + ": advance_ns is for lock-step");
  }
  for (core::Nanoseconds passed = kPeriodNs; passed <= duration_ns; passed += kPeriodNs) {
    period();
  }
}

void SimServoArm::inject_lost_replies(unsigned count) noexcept {
  lost_replies_.set(count);
}

void SimServoArm::inject_failing_writes(unsigned count) noexcept {
  failing_writes_.set(count);
}

core::Nanoseconds SimServoArm::now_ns() const noexcept {
  return options_.pace == Pace::kLockstep ? virtual_now_ns_.load(std::memory_order_acquire) : core::monotonic_now_ns();
}

// What follows runs on the stepping thread.

void SimServoArm::run(const std::stop_token& stop) noexcept {
  core::Beat beat(core::monotonic_now_ns(), kPeriodNs);
  while (!stop.stop_requested()) {
    core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
    missed_.store(beat.missed(), std::memory_order_relaxed);
    period();
  }
}

void SimServoArm::period() noexcept {
  const std::uint64_t halt = halt_request_.load(std::memory_order_acquire);
  const bool accepting = running_.load(std::memory_order_acquire) && !faulted_.load(std::memory_order_acquire);
  GoalDatagram goal;
  if (goals_.try_load(goal) && goal.number != goals_taken_) {
    goals_taken_ = goal.number;
    if (accepting) {
      side_.set_goal(goal.q_rad);
    }
  }
  if (halt != 0) {
    if (!accepting || goals_taken_ < halt) {  // a goal written after the halt moves the arm again
      side_.halt();
      at_rest_.store(false, std::memory_order_release);
    }
    std::uint64_t handled = halt;
    halt_request_.compare_exchange_strong(handled, 0, std::memory_order_acq_rel);
  }
  side_.step();
  at_rest_.store(!side_.halting(), std::memory_order_release);
  readings_.store(side_.reading());
  virtual_now_ns_.fetch_add(kPeriodNs, std::memory_order_acq_rel);
}

}  // namespace takt::robots::sim
