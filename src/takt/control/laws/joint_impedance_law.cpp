#include "takt/control/laws/joint_impedance_law.hpp"

#include <algorithm>

#include "takt/control/laws/law_parts.hpp"

namespace takt::control {

JointImpedance filled(const JointImpedance& settings, const Model& model) {
  JointImpedance full = settings;
  if (full.stiffness_nm_rad.empty()) {
    full.stiffness_nm_rad = suitable_stiffness_nm_rad(model);
  }
  const SettingsCheck check(JointImpedanceLaw::kName);
  check.vector("stiffness_nm_rad", full.stiffness_nm_rad, model.dof());
  if (full.damping_nm_s_rad.empty()) {
    full.damping_nm_s_rad = full.stiffness_nm_rad;
    full.damping_nm_s_rad.eigen() *= kStiffnessDamping_s;
  }
  check.vector("damping_nm_s_rad", full.damping_nm_s_rad, model.dof());
  if (full.max_feedback_nm.empty()) {
    full.max_feedback_nm = core::JointVector::constant(model.dof(), kUncapped);
  }
  check.caps("max_feedback_nm", full.max_feedback_nm, model.dof());
  check.number("inertial_damping_1_s", full.inertial_damping_1_s);
  check.within("friction_share", full.friction_share, 1.0);
  return full;
}

JointImpedanceLaw::JointImpedanceLaw(const JointImpedance& settings, const Model& model)
    : settings_(filled(settings, model)), capped_(!settings.max_feedback_nm.empty()) {}

void JointImpedanceLaw::step(const LawInput& input, core::JointVector& tau_nm) noexcept {
  const std::size_t dof = settings_.stiffness_nm_rad.size();
  if (!fits(input, dof)) {
    tau_nm.resize(0);
    return;
  }
  const core::JointVector& q = input.measured.q_rad;
  const core::JointVector& dq = input.measured.dq_rad_s;
  const Setpoint& target = input.setpoint;
  core::JointVector feedback;
  feed_forward(input, settings_.inertial_damping_1_s, capped_, tau_nm, feedback);
  for (std::size_t i = 0; i < dof; ++i) {
    const double cap = settings_.max_feedback_nm[i];
    feedback[i] += settings_.stiffness_nm_rad[i] * (target.q_rad[i] - q[i]) +
                   settings_.damping_nm_s_rad[i] * (target.dq_rad_s[i] - dq[i]);
    tau_nm[i] += std::clamp(feedback[i], -cap, cap) +
                 settings_.friction_share * friction_nm(input.model.data().joints[i], target.dq_rad_s[i]);
  }
}

}  // namespace takt::control
