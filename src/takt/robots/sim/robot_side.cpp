#include "takt/robots/sim/robot_side.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "takt/core/error.hpp"

//   kBraked ──release──► kReleasing ──release_periods──► kRunning ──fault──► kStopping ──at rest──► kBraked
//      ▲                     │                              │                    │
//      └─────────engage──────┴───────────engage─────────────┴───────engage───────┘

namespace takt::robots::sim {
namespace {

constexpr double kStopTimeS = 0.02;
constexpr double kRestVelocityRadS = 0.01;
constexpr unsigned kLongestStop = 500;  // periods

core::JointVector limits_of(const control::ModelData& data) {
  core::JointVector limits = core::JointVector::zero(data.dof());
  for (std::size_t i = 0; i < data.dof(); ++i) {
    limits[i] = data.joints[i].limits.torque_nm;
  }
  return limits;
}

core::JointVector start_posture(const control::ModelData& data, const std::vector<double>& start_rad) {
  if (start_rad.size() != data.dof()) {
    throw ConfigError("model '" + data.name + "'", 0, "start_rad",
                      std::to_string(start_rad.size()) + " values for " + std::to_string(data.dof()) + " joints");
  }
  return core::JointVector(start_rad);
}

}  // namespace

std::string_view to_string(ArmFault fault) noexcept {
  switch (fault) {
    case ArmFault::kCommunicationConstraintsViolation:
      return "communication_constraints_violation";
    case ArmFault::kInjected:
      return "injected_error";
    case ArmFault::kDiverged:
      return "simulation_diverged";
    case ArmFault::kNone:
      break;
  }
  return {};
}

RobotSide::RobotSide(const control::ModelData& data, RobotSideOptions options)
    : options_(std::move(options)),
      world_(data),
      torque_limit_nm_(limits_of(data)),
      torque_nm_(core::JointVector::zero(data.dof())) {
  if (!options_.start_rad.empty()) {
    world_.set_state(start_posture(data, options_.start_rad), core::JointVector::zero(data.dof()));
  }
  fill_state();
}

bool RobotSide::release_brakes() noexcept {
  if (fault_ != ArmFault::kNone) {
    return false;
  }
  if (mode_ == Mode::kBraked) {
    mode_ = Mode::kReleasing;
    periods_in_mode_ = 0;
  }
  return true;
}

void RobotSide::engage_brakes() noexcept {
  mode_ = Mode::kBraked;
  std::fill(torque_nm_.begin(), torque_nm_.end(), 0.0);
}

void RobotSide::latch(ArmFault fault) noexcept {
  if (fault_ != ArmFault::kNone) {
    return;
  }
  fault_ = fault;
  if (mode_ == Mode::kRunning && fault != ArmFault::kDiverged) {
    mode_ = Mode::kStopping;
    periods_in_mode_ = 0;
  } else {
    engage_brakes();
  }
}

bool RobotSide::recover() noexcept {
  if (mode_ == Mode::kStopping || world_.diverged()) {
    return false;
  }
  fault_ = ArmFault::kNone;
  return true;
}

void RobotSide::step(const Period& period) noexcept {
  switch (mode_) {
    case Mode::kBraked:
      world_.step_locked();
      break;
    case Mode::kReleasing:
      world_.step_locked();
      if (++periods_in_mode_ >= options_.release_periods) {
        mode_ = Mode::kRunning;
        answered_.reset();
        counted_ = 0;
        missed_in_a_row_ = 0;
      }
      break;
    case Mode::kRunning:
      step_running(period);
      break;
    case Mode::kStopping:
      step_stopping();
      break;
  }
  if (world_.diverged()) {
    latch(ArmFault::kDiverged);
  }
  ++state_.sequence;
  fill_state();
}

void RobotSide::step_running(const Period& period) noexcept {
  if (period.command != nullptr) {
    torque_nm_ = *period.command;
    count(true);
  } else if (period.judged) {
    count(false);
  }
  drive(torque_nm_);
  if (options_.strict && missed_in_a_row_ >= options_.missed_to_fault) {
    latch(ArmFault::kCommunicationConstraintsViolation);
  }
}

void RobotSide::step_stopping() noexcept {
  const core::JointVector momentum = world_.mass_times(world_.dq_rad_s());
  for (std::size_t i = 0; i < torque_nm_.size(); ++i) {
    torque_nm_[i] = -momentum[i] / kStopTimeS;
  }
  drive(torque_nm_);
  const core::JointVector velocity = world_.dq_rad_s();
  const bool at_rest =
      std::all_of(velocity.begin(), velocity.end(), [](double v) { return std::abs(v) < kRestVelocityRadS; });
  if (at_rest || ++periods_in_mode_ >= kLongestStop) {
    engage_brakes();
  }
}

void RobotSide::drive(const core::JointVector& torque_nm) noexcept {
  core::JointVector total = world_.gravity_torque_nm();
  for (std::size_t i = 0; i < total.size(); ++i) {
    total[i] += std::clamp(torque_nm[i], -torque_limit_nm_[i], torque_limit_nm_[i]);
  }
  world_.step(total);
}

void RobotSide::count(bool answered) noexcept {
  answered_.set(counted_ % kRateWindow, answered);
  ++counted_;
  missed_in_a_row_ = answered ? 0 : missed_in_a_row_ + 1;
}

double RobotSide::success_rate() const noexcept {
  const std::size_t seen = std::min(counted_, kRateWindow);
  return mode_ == Mode::kRunning && seen > 0 ? static_cast<double>(answered_.count()) / static_cast<double>(seen) : 0.0;
}

void RobotSide::fill_state() noexcept {
  state_.q_rad = world_.q_rad();
  state_.dq_rad_s = world_.dq_rad_s();
  state_.tau_nm = torque_nm_;
  state_.command_success_rate = success_rate();
  state_.brakes_engaged = mode_ == Mode::kBraked || mode_ == Mode::kReleasing;
  if (state_.brakes_engaged) {
    std::fill(state_.dq_rad_s.begin(), state_.dq_rad_s.end(), 0.0);  // locked from here on, whatever the last step left
  }
}

}  // namespace takt::robots::sim
