#include "takt/control/laws/joint_pid_law.hpp"

#include <algorithm>
#include <cmath>

#include "takt/control/laws/law_parts.hpp"
#include "takt/core/time.hpp"

namespace takt::control {
namespace {

constexpr double kIntegralRate_1_s = 4.0;
constexpr double kIntegralShare = 0.15;

}  // namespace

JointPid filled(const JointPid& settings, const Model& model) {
  JointPid full = settings;
  const std::size_t dof = model.dof();
  const SettingsCheck check(JointPidLaw::kName);
  if (full.proportional_nm_rad.empty()) {
    full.proportional_nm_rad = suitable_stiffness_nm_rad(model);
  }
  check.vector("proportional_nm_rad", full.proportional_nm_rad, dof);
  if (full.integral_nm_rad_s.empty()) {
    full.integral_nm_rad_s = full.proportional_nm_rad;
    full.integral_nm_rad_s.eigen() *= kIntegralRate_1_s;
  }
  check.vector("integral_nm_rad_s", full.integral_nm_rad_s, dof);
  if (full.derivative_nm_s_rad.empty()) {
    full.derivative_nm_s_rad = full.proportional_nm_rad;
    full.derivative_nm_s_rad.eigen() *= kStiffnessDamping_s;
  }
  check.vector("derivative_nm_s_rad", full.derivative_nm_s_rad, dof);
  if (full.max_integral_nm.empty()) {
    full.max_integral_nm.resize(dof);
    for (std::size_t i = 0; i < dof; ++i) {
      full.max_integral_nm[i] = kIntegralShare * model.data().joints[i].limits.torque_nm;
    }
  }
  check.caps("max_integral_nm", full.max_integral_nm, dof);
  if (full.max_feedback_nm.empty()) {
    full.max_feedback_nm = core::JointVector::constant(dof, kUncapped);
  }
  check.caps("max_feedback_nm", full.max_feedback_nm, dof);
  check.number("inertial_damping_1_s", full.inertial_damping_1_s);
  check.within("friction_share", full.friction_share, 1.0);
  return full;
}

JointPidLaw::JointPidLaw(const JointPid& settings, const Model& model)
    : settings_(filled(settings, model)),
      capped_(!settings.max_feedback_nm.empty()),
      integral_nm_(core::JointVector::zero(model.dof())) {}

void JointPidLaw::reset(const LawInput& /*input*/) noexcept {
  std::ranges::fill(integral_nm_, 0.0);
}

void JointPidLaw::step(const LawInput& input, core::JointVector& tau_nm) noexcept {
  const std::size_t dof = integral_nm_.size();
  if (!fits(input, dof)) {
    tau_nm.resize(0);
    return;
  }
  const core::JointVector& q = input.measured.q_rad;
  const core::JointVector& dq = input.measured.dq_rad_s;
  const Setpoint& target = input.setpoint;
  const double period_s = core::to_seconds(input.period_ns);
  core::JointVector feedback;
  feed_forward(input, settings_.inertial_damping_1_s, capped_, tau_nm, feedback);
  for (std::size_t i = 0; i < dof; ++i) {
    const double e = target.q_rad[i] - q[i];
    const double cap = settings_.max_feedback_nm[i];
    feedback[i] +=
        settings_.proportional_nm_rad[i] * e + settings_.derivative_nm_s_rad[i] * (target.dq_rad_s[i] - dq[i]);
    tau_nm[i] += std::clamp(feedback[i], -cap, cap) +
                 settings_.friction_share * friction_nm(input.model.data().joints[i], target.dq_rad_s[i]);
    const double growth = settings_.integral_nm_rad_s[i] * e * period_s;
    const double wanted = tau_nm[i] + integral_nm_[i];
    const bool beyond = std::abs(wanted) > input.model.data().joints[i].limits.torque_nm && wanted * growth > 0.0;
    if (!beyond) {
      const double most = settings_.max_integral_nm[i];
      integral_nm_[i] = std::clamp(integral_nm_[i] + growth, -most, most);
    }
    tau_nm[i] += integral_nm_[i];
  }
}

}  // namespace takt::control
