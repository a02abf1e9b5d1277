#include "takt/control/laws/gravity_compensation_law.hpp"

#include <algorithm>

#include "takt/control/laws/law_parts.hpp"

namespace takt::control {
namespace {

constexpr double kDampingPerTorque_s = 0.005;
constexpr double kMaxDampingRate_1_s = 100.0;

core::JointVector suitable_damping_nm_s_rad(const Model& model) {
  const JointMatrix M = model.mass_matrix(core::JointVector(model.data().home_rad));
  core::JointVector damping = core::JointVector::zero(model.dof());
  for (std::size_t i = 0; i < model.dof(); ++i) {
    const double inertia = M(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i));
    damping[i] = std::min(kDampingPerTorque_s * model.data().joints[i].limits.torque_nm, kMaxDampingRate_1_s * inertia);
  }
  return damping;
}

}  // namespace

GravityCompensation filled(const GravityCompensation& settings, const Model& model) {
  GravityCompensation full = settings;
  if (full.damping_nm_s_rad.empty()) {
    full.damping_nm_s_rad = suitable_damping_nm_s_rad(model);
  }
  const SettingsCheck check(GravityCompensationLaw::kName);
  check.vector("damping_nm_s_rad", full.damping_nm_s_rad, model.dof());
  check.within("friction_share", full.friction_share, 1.0);
  return full;
}

GravityCompensationLaw::GravityCompensationLaw(const GravityCompensation& settings, const Model& model)
    : settings_(filled(settings, model)) {}

void GravityCompensationLaw::step(const LawInput& input, core::JointVector& tau_nm) noexcept {
  const std::size_t dof = settings_.damping_nm_s_rad.size();
  const core::JointVector& dq = input.measured.dq_rad_s;
  if (!fits(dq, dof) || input.model.dof() != dof) {
    tau_nm.resize(0);
    return;
  }
  tau_nm.resize(dof);
  for (std::size_t i = 0; i < dof; ++i) {
    tau_nm[i] = settings_.friction_share * friction_nm(input.model.data().joints[i], dq[i]) -
                settings_.damping_nm_s_rad[i] * dq[i];
  }
}

}  // namespace takt::control
