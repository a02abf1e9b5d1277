#include "takt/robots/cycle_robot.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "takt/control/motion/joint_generator.hpp"
#include "takt/core/error.hpp"
#include "takt/core/geometry.hpp"

namespace takt::robots {
namespace {

constexpr core::Nanoseconds kOldestPeriods = 50;

messages::RobotType type_of(const std::string& model) {
  if (model == "fr3") {
    return messages::RobotType::kFr3;
  }
  return model == "fer" ? messages::RobotType::kFer : messages::RobotType::kGeneric;
}

/// 0: it says none.
double lead_of(const messages::RobotState& target) noexcept {
  const auto* found = std::find_if(target.extras.begin(), target.extras.end(),
                                   [](const messages::Extra& extra) { return extra.key.view() == kLeadKey; });
  return found == target.extras.end() ? 0.0 : found->value;
}

RobotInfo info_of(const control::Cycle& cycle) {
  const control::ModelData& data = cycle.arm().model_data();
  RobotInfo info;
  info.name = cycle.arm().name();
  info.type = type_of(data.name);
  for (std::size_t i = 0; i < data.dof(); ++i) {
    info.joint_names.push_back(data.joints[i].name);
    info.limits.push_back(control::within_envelope(data.joints[i].limits));
    info.limits.back().position_min_rad = cycle.lowest_rad()[i];
    info.limits.back().position_max_rad = cycle.highest_rad()[i];
    info.limits.back().envelope_velocity_offset_rad_s = 0.0;  // kept by the range and the acceleration already
    info.limits.back().envelope_deceleration_rad_s2 = 0.0;
  }
  info.can_write = true;
  return info;
}

std::unique_ptr<control::Cycle> required(std::unique_ptr<control::Cycle> cycle) {
  if (cycle == nullptr) {
    throw LogicError("CycleRobot: there is no cycle");
  }
  return cycle;
}

}  // namespace

CycleRobot::CycleRobot(std::unique_ptr<control::Cycle> cycle, const core::Clock* clock)
    : cycle_(required(std::move(cycle))), clock_(clock), info_(info_of(*cycle_)) {}

CycleRobot::~CycleRobot() {
  stop();
}

void CycleRobot::start() {
  if (started_.load(std::memory_order_acquire)) {
    throw LogicError(info_.name + ": started twice");
  }
  {
    const std::lock_guard lock(reason_mutex_);
    reason_.clear();
  }
  stopped_safely_.store(false, std::memory_order_release);
  if (cycle_->fault().fault == control::Fault::kNone) {
    cycle_->start();
  } else {
    cycle_->recover();
  }
  if (stopped_safely_.load(std::memory_order_acquire)) {
    cycle_->safe_stop();  // asked for meanwhile, perhaps before the cycle began to listen
  }
  started_.store(true, std::memory_order_release);
}

void CycleRobot::stop() noexcept {
  started_.store(false, std::memory_order_release);
  cycle_->stop();
}

void CycleRobot::read(messages::RobotState& state) {
  const control::CycleState now = cycle_->state();
  if (now.cycle == 0) {
    throw DeviceError(info_.name + ": read before start");
  }
  const core::Nanoseconds oldest_ns = kOldestPeriods * cycle_->arm().period_ns();
  if (clock_ != nullptr && clock_->now_ns() - now.measured.stamp_ns > oldest_ns) {
    throw DeviceError(fmt::format("{}: the last state of the arm is {:.3f} s old, more than {:.3f} s", info_.name,
                                  core::to_seconds(clock_->now_ns() - now.measured.stamp_ns),
                                  core::to_seconds(oldest_ns)));
  }
  state.stamp_ns = now.measured.stamp_ns;
  state.joint_positions = now.measured.q_rad;
  state.joint_velocities = now.measured.dq_rad_s;
  state.joint_efforts = now.measured.tau_nm;
  state.end_effector_pose = core::to_array(cycle_->model().flange_pose(now.measured.q_rad));
  state.robot_type = info_.type;
  state.units = messages::Units::kRadians;
}

void CycleRobot::write(const messages::RobotState& target) {
  if (stopped_safely_.load(std::memory_order_acquire)) {
    refuse(control::Outcome::kFault, target);
  }
  const control::Outcome outcome = cycle_->set(target_of(target));
  if (outcome != control::Outcome::kOk) {
    refuse(outcome, target);
  }
}

control::JointTarget CycleRobot::target_of(const messages::RobotState& target) const noexcept {
  control::JointTarget joints{.q_rad = inside(target.joint_positions), .terms = {.stamp_ns = target.stamp_ns}};
  const double lead_s = lead_of(target);
  if (lead_s > 0.0 && lead_s <= core::to_seconds(control::kLongestLead_ns) &&
      target.joint_velocities.size() == joints.q_rad.size()) {
    joints.dq_rad_s = target.joint_velocities;
    for (std::size_t i = 0; i < joints.q_rad.size(); ++i) {
      joints.dq_rad_s[i] = joints.q_rad[i] == target.joint_positions[i] ? joints.dq_rad_s[i] : 0.0;
    }
    joints.due_ns = target.stamp_ns + core::from_seconds(lead_s);
  }
  return joints;
}

// Beyond the arm's own range, and NaN, stay what they are.
core::JointVector CycleRobot::inside(core::JointVector q_rad) const noexcept {
  const control::ModelData& data = cycle_->arm().model_data();
  for (std::size_t i = 0; i < q_rad.size() && i < data.dof(); ++i) {
    const control::JointLimits& own = data.joints[i].limits;
    if (q_rad[i] >= own.position_min_rad && q_rad[i] <= own.position_max_rad) {
      q_rad[i] = std::clamp(q_rad[i], cycle_->lowest_rad()[i], cycle_->highest_rad()[i]);
    }
  }
  return q_rad;
}

void CycleRobot::refuse(control::Outcome outcome, const messages::RobotState& target) const {
  const core::JointVector& q = target.joint_positions;
  if (outcome == control::Outcome::kFault) {
    throw DeviceError(fmt::format("{} has stopped: {}; stop and start it anew", info_.name, fault()));
  }
  if (outcome == control::Outcome::kInvalid && q.size() != info_.limits.size()) {
    throw DeviceError(fmt::format("{}: target has {} joints, the arm {}", info_.name, q.size(), info_.limits.size()));
  }
  for (std::size_t i = 0; outcome == control::Outcome::kInvalid && i < q.size(); ++i) {
    const control::JointLimits& limits = info_.limits[i];
    if (!(q[i] >= limits.position_min_rad && q[i] <= limits.position_max_rad)) {
      throw DeviceError(fmt::format("{}: target of {} is {} rad, must be {} … {}", info_.name, info_.joint_names[i],
                                    q[i], limits.position_min_rad, limits.position_max_rad));
    }
  }
  throw DeviceError(fmt::format("{} takes no target: {}", info_.name, control::to_text(outcome)));
}

void CycleRobot::safe_stop(const std::string& reason) noexcept {
  stopped_safely_.store(true, std::memory_order_release);
  cycle_->safe_stop();  // before anything that can fail
  try {
    const std::lock_guard lock(reason_mutex_);
    if (reason_.empty()) {
      reason_ = reason;
    }
  } catch (const std::bad_alloc&) {
    return;  // stopped without its reason
  }
}

RobotHealth CycleRobot::health() const noexcept {
  const bool faulted =
      stopped_safely_.load(std::memory_order_acquire) || cycle_->fault().fault != control::Fault::kNone;
  return faulted ? RobotHealth::kFault : RobotHealth::kOk;
}

std::string CycleRobot::fault() const {
  const control::FaultReport report = cycle_->fault();
  if (report.fault != control::Fault::kNone && report.fault != control::Fault::kRequested) {
    return control::describe(report);
  }
  const std::lock_guard lock(reason_mutex_);
  if (!stopped_safely_.load(std::memory_order_acquire)) {
    return {};
  }
  return reason_.empty() ? "safe stop" : reason_;
}

}  // namespace takt::robots
