#include "takt/control/laws/joint_torque_law.hpp"

#include "takt/control/laws/law_parts.hpp"

namespace takt::control {

JointTorque filled(const JointTorque& settings, const Model& model) {
  JointTorque full = settings;
  if (full.damping_nm_s_rad.empty()) {
    full.damping_nm_s_rad = core::JointVector::zero(model.dof());
  }
  SettingsCheck(JointTorqueLaw::kName).vector("damping_nm_s_rad", full.damping_nm_s_rad, model.dof());
  return full;
}

JointTorqueLaw::JointTorqueLaw(const JointTorque& settings, const Model& model) : settings_(filled(settings, model)) {}

void JointTorqueLaw::step(const LawInput& input, core::JointVector& tau_nm) noexcept {
  const std::size_t dof = settings_.damping_nm_s_rad.size();
  if (!fits(input.measured.dq_rad_s, dof) || !fits(input.tau_target_nm, dof)) {
    tau_nm.resize(0);
    return;
  }
  tau_nm = input.tau_target_nm;
  for (std::size_t i = 0; i < dof; ++i) {
    tau_nm[i] -= settings_.damping_nm_s_rad[i] * input.measured.dq_rad_s[i];
  }
}

}  // namespace takt::control
