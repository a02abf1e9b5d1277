#include "takt/control/laws/law_parts.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

constexpr double kFullTorqueError_rad = 0.145;
constexpr double kFrictionBlur_rad_s = 0.02;

[[noreturn]] void refuse(std::string_view law, const std::string& field, const std::string& what) {
  throw ConfigError(std::string(law), 0, field, what);
}

std::string element(std::string_view field, std::size_t index) {
  return fmt::format("{}[{}]", field, index);
}

}  // namespace

core::JointVector suitable_stiffness_nm_rad(const Model& model) {
  const JointMatrix M = model.mass_matrix(core::JointVector(model.data().home_rad));
  core::JointVector stiffness = core::JointVector::zero(model.dof());
  for (std::size_t i = 0; i < model.dof(); ++i) {
    const double inertia = M(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i));
    stiffness[i] = std::min(model.data().joints[i].limits.torque_nm / kFullTorqueError_rad,
                            kMaxNaturalFrequency_rad_s * kMaxNaturalFrequency_rad_s * inertia);
  }
  return stiffness;
}

bool fits(const core::JointVector& vector, std::size_t dof) noexcept {
  return vector.size() == dof && vector.all_finite();
}

bool fits(const LawInput& input, std::size_t dof) noexcept {
  return input.model.dof() == dof && fits(input.measured.q_rad, dof) && fits(input.measured.dq_rad_s, dof) &&
         fits(input.setpoint.q_rad, dof) && fits(input.setpoint.dq_rad_s, dof) && fits(input.setpoint.ddq_rad_s2, dof);
}

double friction_nm(const JointData& joint, double velocity_rad_s) noexcept {
  return joint.damping_nm_s_rad * velocity_rad_s + joint.friction_nm * std::tanh(velocity_rad_s / kFrictionBlur_rad_s);
}

void feed_forward(const LawInput& input, double inertial_damping_1_s, bool capped, core::JointVector& tau_nm,
                  core::JointVector& feedback_nm) noexcept {
  const core::JointVector& q = input.measured.q_rad;
  const core::JointVector& dq = input.measured.dq_rad_s;
  const core::JointVector rest = core::JointVector::zero(q.size());
  core::JointVector ddq = input.setpoint.ddq_rad_s2;
  core::JointVector braking = rest;
  braking.eigen() = inertial_damping_1_s * (input.setpoint.dq_rad_s.eigen() - dq.eigen());
  if (capped) {
    feedback_nm = input.model.tracking_nm(q, rest, rest, braking);
  } else {
    feedback_nm = rest;
    ddq.eigen() += braking.eigen();
  }
  tau_nm = input.model.tracking_nm(q, dq, input.setpoint.dq_rad_s, ddq);
}

void cap_wrench(Vector6& wrench, double max_force_n, double max_moment_nm) noexcept {
  const double force = wrench.head<3>().norm();
  if (force > max_force_n) {
    wrench.head<3>() *= max_force_n / force;
  }
  const double moment = wrench.tail<3>().norm();
  if (moment > max_moment_nm) {
    wrench.tail<3>() *= max_moment_nm / moment;
  }
}

void SettingsCheck::number(std::string_view field, double value) const {
  if (!std::isfinite(value) || value < 0.0) {
    refuse(law_, std::string(field), fmt::format("is {}, must be finite and >= 0", value));
  }
}

void SettingsCheck::within(std::string_view field, double value, double highest) const {
  if (!(value >= 0.0 && value <= highest)) {
    refuse(law_, std::string(field), fmt::format("is {}, must be from 0 to {}", value, highest));
  }
}

void SettingsCheck::cap(std::string_view field, double value) const {
  if (!(value >= 0.0)) {
    refuse(law_, std::string(field), fmt::format("is {}, must be >= 0; infinity for none", value));
  }
}

void SettingsCheck::size(std::string_view field, const core::JointVector& values, std::size_t dof) const {
  if (values.size() != dof) {
    refuse(law_, std::string(field), fmt::format("has {} elements for {} joints", values.size(), dof));
  }
}

void SettingsCheck::vector(std::string_view field, const core::JointVector& values, std::size_t dof) const {
  size(field, values, dof);
  for (std::size_t i = 0; i < dof; ++i) {
    number(element(field, i), values[i]);
  }
}

void SettingsCheck::caps(std::string_view field, const core::JointVector& values, std::size_t dof) const {
  size(field, values, dof);
  for (std::size_t i = 0; i < dof; ++i) {
    cap(element(field, i), values[i]);
  }
}

void SettingsCheck::axes(std::string_view field, const ToolAxes& values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    number(element(field, i), values[i]);
  }
}

}  // namespace takt::control
