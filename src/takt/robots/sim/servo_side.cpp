#include "takt/robots/sim/servo_side.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "takt/core/error.hpp"

namespace takt::robots::sim {
namespace {

constexpr double kPeriodS = 1e-3;
constexpr double kTickRad = 2.0 * std::numbers::pi / kTicksPerTurn;
constexpr double kRestVelocityRadS = 0.02;
constexpr double kLoadSteps = 1000.0;

std::vector<control::JointLimits> limits_of(const control::ModelData& data) {
  std::vector<control::JointLimits> limits;
  for (const control::JointData& joint : data.joints) {
    const auto& l = joint.limits;
    if (!std::isfinite(l.velocity_rad_s) || !std::isfinite(l.acceleration_rad_s2) || !std::isfinite(l.jerk_rad_s3)) {
      throw ConfigError("model '" + data.name + "'", 0, joint.name,
                        "a servo arm needs finite velocity, acceleration and jerk limits to halt within");
    }
    limits.push_back(l);
  }
  return limits;
}

double rounded(double value, double step) {
  return std::round(value / step) * step;
}

}  // namespace

int to_ticks(double q_rad) noexcept {
  return static_cast<int>(std::lround(std::clamp(q_rad / kTickRad + kMiddleTick, 0.0, kTicksPerTurn - 1.0)));
}

double to_radians(int ticks) noexcept {
  return (ticks - kMiddleTick) * kTickRad;
}

ServoSide::ServoSide(const control::ModelData& data, const std::vector<double>& start_rad, const ServoGains& gains)
    : limits_(limits_of(data)), world_(data, {.actuation = Actuation::kPosition, .servo = gains}), brake_(limits_) {
  if (!start_rad.empty()) {
    if (start_rad.size() != data.dof()) {
      throw ConfigError("model '" + data.name + "'", 0, "start_rad",
                        std::to_string(start_rad.size()) + " values for " + std::to_string(data.dof()) + " joints");
    }
    world_.set_state(core::JointVector(start_rad), core::JointVector::zero(data.dof()));
  }
  goal_rad_ = world_.q_rad();
}

void ServoSide::set_goal(const core::JointVector& q_rad) noexcept {
  if (q_rad.size() != limits_.size() || !q_rad.all_finite()) {
    return;
  }
  halting_ = false;
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    goal_rad_[i] = to_radians(to_ticks(std::clamp(q_rad[i], limits_[i].position_min_rad, limits_[i].position_max_rad)));
  }
}

void ServoSide::halt() noexcept {
  if (brake_.reset(world_.q_rad(), world_.dq_rad_s(), core::JointVector::zero(limits_.size())) ==
      control::Outcome::kOk) {
    brake_.halt();
    halting_ = true;
  }
}

void ServoSide::step() noexcept {
  if (halting_) {
    goal_rad_ = brake_.step(kPeriodS).q_rad;
  }
  world_.step(goal_rad_);
  if (halting_ && brake_.at_rest()) {
    const core::JointVector velocity = world_.dq_rad_s();
    halting_ = std::any_of(velocity.begin(), velocity.end(), [](double v) { return std::abs(v) > kRestVelocityRadS; });
  }
}

ServoReading ServoSide::reading() const noexcept {
  ServoReading reading{.q_rad = world_.q_rad(),
                       .dq_rad_s = world_.dq_rad_s(),
                       .tau_nm = world_.actuator_torque_nm(),
                       .end_effector_pose = core::to_array(world_.flange_pose())};
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    reading.q_rad[i] = to_radians(to_ticks(reading.q_rad[i]));
    reading.dq_rad_s[i] = rounded(reading.dq_rad_s[i], kTickRad);
    if (std::isfinite(limits_[i].torque_nm)) {
      reading.tau_nm[i] = rounded(reading.tau_nm[i], limits_[i].torque_nm / kLoadSteps);
    }
  }
  return reading;
}

}  // namespace takt::robots::sim
