#include "takt/control/laws/hybrid_impedance_law.hpp"

#include <algorithm>

#include <Eigen/Eigenvalues>

#include "takt/control/laws/law_parts.hpp"
#include "takt/control/laws/tool_inertia.hpp"

namespace takt::control {
namespace {

constexpr double kStiffness_n_m = 750.0;
constexpr double kStiffness_nm_rad = 15.0;
constexpr double kJointShare = 0.1;

/// The largest eigenvalue of one 3 × 3 block: the least mass, or inertia, inverted.
double highest_mobility(const Eigen::Matrix3d& block) {
  return Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(block, Eigen::EigenvaluesOnly).eigenvalues()[2];
}

ToolAxes suitable_tool_stiffness(const Model& model) {
  const core::JointVector home(model.data().home_rad);
  const Matrix6 A = mobility(model.mass_matrix(home), model.tool_jacobian(home));
  constexpr double kSquare = kMaxNaturalFrequency_rad_s * kMaxNaturalFrequency_rad_s;
  const double along = std::min(kStiffness_n_m, kSquare / highest_mobility(A.topLeftCorner<3, 3>()));
  const double about = std::min(kStiffness_nm_rad, kSquare / highest_mobility(A.bottomRightCorner<3, 3>()));
  return {along, along, along, about, about, about};
}

}  // namespace

HybridImpedance filled(const HybridImpedance& settings, const Model& model) {
  HybridImpedance full = settings;
  const SettingsCheck check(HybridImpedanceLaw::kName);
  if (!full.stiffness) {
    full.stiffness = suitable_tool_stiffness(model);
  }
  check.axes("stiffness", *full.stiffness);
  if (!full.damping) {
    full.damping = full.stiffness;
    std::ranges::for_each(*full.damping, [](double& value) { value *= kStiffnessDamping_s; });
  }
  check.axes("damping", *full.damping);
  if (full.joint_stiffness_nm_rad.empty()) {
    full.joint_stiffness_nm_rad = suitable_stiffness_nm_rad(model);
    full.joint_stiffness_nm_rad.eigen() *= kJointShare;
  }
  check.vector("joint_stiffness_nm_rad", full.joint_stiffness_nm_rad, model.dof());
  if (full.joint_damping_nm_s_rad.empty()) {
    full.joint_damping_nm_s_rad = full.joint_stiffness_nm_rad;
    full.joint_damping_nm_s_rad.eigen() *= kStiffnessDamping_s;
  }
  check.vector("joint_damping_nm_s_rad", full.joint_damping_nm_s_rad, model.dof());
  if (full.max_feedback_nm.empty()) {
    full.max_feedback_nm = core::JointVector::constant(model.dof(), kUncapped);
  }
  check.caps("max_feedback_nm", full.max_feedback_nm, model.dof());
  check.number("inertial_damping_1_s", full.inertial_damping_1_s);
  check.within("friction_share", full.friction_share, 1.0);
  check.cap("max_force_n", full.max_force_n);
  check.cap("max_moment_nm", full.max_moment_nm);
  return full;
}

HybridImpedanceLaw::HybridImpedanceLaw(const HybridImpedance& settings, const Model& model)
    : settings_(filled(settings, model)),
      capped_(!settings.max_feedback_nm.empty()),
      stiffness_(Vector6::Map(settings_.stiffness->data())),
      damping_(Vector6::Map(settings_.damping->data())) {}

void HybridImpedanceLaw::step(const LawInput& input, core::JointVector& tau_nm) noexcept {
  const std::size_t dof = settings_.joint_stiffness_nm_rad.size();
  if (!fits(input, dof)) {
    tau_nm.resize(0);
    return;
  }
  const core::JointVector& q = input.measured.q_rad;
  const core::JointVector& dq = input.measured.dq_rad_s;
  const Setpoint& target = input.setpoint;
  core::JointVector e = target.q_rad;
  e.eigen() -= q.eigen();
  core::JointVector de = target.dq_rad_s;
  de.eigen() -= dq.eigen();
  const JacobianMatrix J = input.model.tool_jacobian(q);
  Vector6 wrench = stiffness_.cwiseProduct(J * e.eigen()) + damping_.cwiseProduct(J * de.eigen());
  cap_wrench(wrench, settings_.max_force_n, settings_.max_moment_nm);

  core::JointVector feedback;
  feed_forward(input, settings_.inertial_damping_1_s, capped_, tau_nm, feedback);
  tau_nm.eigen().noalias() += J.transpose() * wrench;
  for (std::size_t i = 0; i < dof; ++i) {
    const double cap = settings_.max_feedback_nm[i];
    feedback[i] += settings_.joint_stiffness_nm_rad[i] * e[i] + settings_.joint_damping_nm_s_rad[i] * de[i];
    tau_nm[i] += std::clamp(feedback[i], -cap, cap) +
                 settings_.friction_share * friction_nm(input.model.data().joints[i], target.dq_rad_s[i]);
  }
}

}  // namespace takt::control
