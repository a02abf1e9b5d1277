#include "takt/control/laws/joint_impedance.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

constexpr double kFullTorqueErrorRad = 0.145;
constexpr double kMaxNaturalFrequencyRadS = 200.0;
constexpr double kStiffnessDampingS = 0.007;
constexpr double kInertialDamping1S = 40.0;

/// Below this the sign of the velocity is blurred, so that a setpoint at rest does not make the torque jump.
constexpr double kFrictionBlurRadS = 0.02;

void require_gains(const core::JointVector& gains, const char* name, std::size_t dof) {
  if (gains.size() != dof) {
    throw LogicError(fmt::format("JointImpedance: {} has {} elements for {} joints", name, gains.size(), dof));
  }
  for (std::size_t i = 0; i < dof; ++i) {
    if (!std::isfinite(gains[i]) || gains[i] < 0.0) {
      throw LogicError(
          fmt::format("JointImpedance: {} of joint {} is {}, must be finite and >= 0", name, i + 1, gains[i]));
    }
  }
}

bool fits(const LawInput& input, std::size_t dof) noexcept {
  return input.model.dof() == dof && input.measured.q_rad.size() == dof && input.measured.dq_rad_s.size() == dof &&
         input.setpoint.q_rad.size() == dof && input.setpoint.dq_rad_s.size() == dof &&
         input.setpoint.ddq_rad_s2.size() == dof;
}

double friction_nm(const JointData& joint, double velocity_rad_s) noexcept {
  return joint.damping_nm_s_rad * velocity_rad_s + joint.friction_nm * std::tanh(velocity_rad_s / kFrictionBlurRadS);
}

}  // namespace

JointImpedanceGains default_joint_impedance_gains(const Model& model) {
  const JointMatrix M = model.mass_matrix(core::JointVector(model.data().home_rad));
  JointImpedanceGains gains;
  gains.stiffness_nm_rad.resize(model.dof());
  gains.damping_nm_s_rad.resize(model.dof());
  for (std::size_t i = 0; i < model.dof(); ++i) {
    const double inertia = M(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i));
    const double stiffness = std::min(model.data().joints[i].limits.torque_nm / kFullTorqueErrorRad,
                                      kMaxNaturalFrequencyRadS * kMaxNaturalFrequencyRadS * inertia);
    gains.stiffness_nm_rad[i] = stiffness;
    gains.damping_nm_s_rad[i] = kStiffnessDampingS * stiffness;
  }
  gains.inertial_damping_1_s = kInertialDamping1S;
  return gains;
}

JointImpedance::JointImpedance(const JointImpedanceGains& gains, std::size_t dof) : gains_(gains) {
  require_gains(gains.stiffness_nm_rad, "stiffness_nm_rad", dof);
  require_gains(gains.damping_nm_s_rad, "damping_nm_s_rad", dof);
  if (!std::isfinite(gains.inertial_damping_1_s) || gains.inertial_damping_1_s < 0.0) {
    throw LogicError(
        fmt::format("JointImpedance: inertial_damping_1_s is {}, must be finite and >= 0", gains.inertial_damping_1_s));
  }
  if (!(gains.friction_share >= 0.0 && gains.friction_share <= 1.0)) {
    throw LogicError(fmt::format("JointImpedance: friction_share is {}, must be in [0, 1]", gains.friction_share));
  }
}

void JointImpedance::step(const LawInput& input, core::JointVector& tau_nm) noexcept {
  const std::size_t dof = gains_.stiffness_nm_rad.size();
  if (!fits(input, dof)) {
    tau_nm.resize(0);
    return;
  }
  const core::JointVector& q = input.measured.q_rad;
  const core::JointVector& dq = input.measured.dq_rad_s;
  const Setpoint& target = input.setpoint;
  core::JointVector ddq = target.ddq_rad_s2;
  for (std::size_t i = 0; i < dof; ++i) {
    ddq[i] += gains_.inertial_damping_1_s * (target.dq_rad_s[i] - dq[i]);
  }
  tau_nm = input.model.tracking_nm(q, dq, target.dq_rad_s, ddq);
  for (std::size_t i = 0; i < dof; ++i) {
    tau_nm[i] += gains_.stiffness_nm_rad[i] * (target.q_rad[i] - q[i]) +
                 gains_.damping_nm_s_rad[i] * (target.dq_rad_s[i] - dq[i]) +
                 gains_.friction_share * friction_nm(input.model.data().joints[i], target.dq_rad_s[i]);
  }
}

}  // namespace takt::control
