#include "takt/control/laws/operational_space_law.hpp"

#include <cmath>

#include "takt/control/laws/law_parts.hpp"
#include "takt/control/laws/tool_inertia.hpp"
#include "takt/control/model/pose_task.hpp"

namespace takt::control {
namespace {

using core::JointVector;

constexpr double kMaxDampingRatio = 10.0;

}  // namespace

OperationalSpace filled(const OperationalSpace& settings, const Model& /*model*/) {
  const SettingsCheck check(OperationalSpaceLaw::kName);
  check.axes("stiffness_1_s2", settings.stiffness_1_s2);
  check.within("damping_ratio", settings.damping_ratio, kMaxDampingRatio);
  check.number("posture_stiffness_1_s2", settings.posture_stiffness_1_s2);
  check.within("posture_damping_ratio", settings.posture_damping_ratio, kMaxDampingRatio);
  check.within("friction_share", settings.friction_share, 1.0);
  check.cap("max_force_n", settings.max_force_n);
  check.cap("max_moment_nm", settings.max_moment_nm);
  return settings;
}

OperationalSpaceLaw::OperationalSpaceLaw(const OperationalSpace& settings, const Model& model)
    : settings_(filled(settings, model)),
      dof_(model.dof()),
      stiffness_(Vector6::Map(settings_.stiffness_1_s2.data())),
      damping_(2.0 * settings_.damping_ratio * stiffness_.cwiseSqrt()),
      posture_damping_1_s_(2.0 * settings_.posture_damping_ratio * std::sqrt(settings_.posture_stiffness_1_s2)),
      lightest_1_kg_(lightest_mobility_1_kg(model)) {}

void OperationalSpaceLaw::step(const LawInput& input, JointVector& tau_nm) noexcept {
  if (!fits(input, dof_)) {
    tau_nm.resize(0);
    return;
  }
  const Model& model = input.model;
  const JointVector& q = input.measured.q_rad;
  const JointVector& dq = input.measured.dq_rad_s;
  const Setpoint& target = input.setpoint;
  const ToolMotion is = model.tool_motion(q, dq);
  const ToolMotion wanted = model.tool_motion(target.q_rad, target.dq_rad_s);
  const JointMatrix M = model.mass_matrix(q);
  const ToolInertia inertia(M, is.J, lightest_1_kg_);

  JointVector r = target.ddq_rad_s2;
  r.eigen() += posture_damping_1_s_ * (target.dq_rad_s.eigen() - dq.eigen()) +
               settings_.posture_stiffness_1_s2 * (target.q_rad.eigen() - q.eigen());
  const Vector6 a_d = wanted.J * target.ddq_rad_s2.eigen() + wanted.bias;
  Vector6 wrench = inertia.times(stiffness_.cwiseProduct(pose_error(is.X_BE, wanted.X_BE)) +
                                 damping_.cwiseProduct(wanted.V_BE - is.V_BE));
  cap_wrench(wrench, settings_.max_force_n, settings_.max_moment_nm);
  wrench += inertia.times(a_d - is.bias - is.J * r.eigen());

  tau_nm = model.coriolis_nm(q, dq);
  tau_nm.eigen().noalias() += M * r.eigen();
  tau_nm.eigen().noalias() += is.J.transpose() * wrench;
  for (std::size_t i = 0; i < tau_nm.size(); ++i) {
    tau_nm[i] += settings_.friction_share * friction_nm(model.data().joints[i], target.dq_rad_s[i]);
  }
}

}  // namespace takt::control
