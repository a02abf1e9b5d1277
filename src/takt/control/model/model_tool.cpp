#include <cstddef>

#include "takt/control/model/model.hpp"

// The points of a model that others care about: the flange, the tool centre point and the payload's weight.

namespace takt::control {
namespace {

using core::JointVector;
using Eigen::Vector3d;

}  // namespace

void Model::set_tool(const core::Pose& X_FE) {
  require_proper(X_FE, data_.name, "tool X_FE");
  X_FE_ = X_FE;
  X_FE_.linear() = Eigen::Quaterniond(X_FE.linear()).normalized().toRotationMatrix();
  X_LE_ = data_.X_LF * X_FE_;
  reach_m_ = chain_length_m();
}

double Model::chain_length_m() const noexcept {
  double length_m = X_LE_.translation().norm();
  for (std::size_t i = 1; i <= flange_index(); ++i) {
    length_m += joints_[i].p_PJ_m.norm();
  }
  return length_m;
}

core::Pose Model::pose_on_flange_link(const LinkFrames& frames, const core::Pose& X_LX) const noexcept {
  const std::size_t last = flange_index();
  core::Pose X_BX;
  X_BX.linear().noalias() = frames.R_BL[last] * X_LX.linear();
  X_BX.translation() = frames.p_BL_m[last] + frames.R_BL[last] * X_LX.translation();
  X_BX.makeAffine();
  return X_BX;
}

JacobianMatrix Model::jacobian_on_flange_link(const LinkFrames& frames, const Vector3d& p_BX_m) const noexcept {
  JacobianMatrix J(6, static_cast<Eigen::Index>(dof()));
  for (std::size_t i = 0; i <= flange_index(); ++i) {
    const auto column = static_cast<Eigen::Index>(i);
    J.block<3, 1>(0, column) = frames.axis_B[i].cross(p_BX_m - frames.p_BL_m[i]);
    J.block<3, 1>(3, column) = frames.axis_B[i];
  }
  J.rightCols(static_cast<Eigen::Index>(dof() - 1 - flange_index())).setZero();
  return J;
}

core::Pose Model::flange_pose(const JointVector& q_rad) const noexcept {
  return pose_on_flange_link(link_frames(q_rad), data_.X_LF);
}

JacobianMatrix Model::flange_jacobian(const JointVector& q_rad) const noexcept {
  const LinkFrames frames = link_frames(q_rad);
  return jacobian_on_flange_link(frames, pose_on_flange_link(frames, data_.X_LF).translation());
}

core::Pose Model::tool_pose(const JointVector& q_rad) const noexcept {
  return pose_on_flange_link(link_frames(q_rad), X_LE_);
}

JacobianMatrix Model::tool_jacobian(const JointVector& q_rad) const noexcept {
  const LinkFrames frames = link_frames(q_rad);
  return jacobian_on_flange_link(frames, pose_on_flange_link(frames, X_LE_).translation());
}

// The outward half of Newton–Euler (Craig, 6.45 … 6.48) with q̈ = 0: what then is left of E's acceleration is J̇ q̇.
ToolMotion Model::tool_motion(const JointVector& q_rad, const JointVector& dq_rad_s) const noexcept {
  const LinkFrames frames = link_frames(q_rad);
  ToolMotion motion;
  motion.X_BE = pose_on_flange_link(frames, X_LE_);
  motion.J = jacobian_on_flange_link(frames, motion.X_BE.translation());
  Vector3d v = Vector3d::Zero();
  Vector3d a = Vector3d::Zero();
  Vector3d omega = Vector3d::Zero();
  Vector3d alpha = Vector3d::Zero();
  Vector3d p = Vector3d::Zero();
  const auto carry_to = [&](const Vector3d& next) {
    const Vector3d step = next - p;
    const Vector3d turning = omega.cross(step);
    v += turning;
    a += alpha.cross(step) + omega.cross(turning);
    p = next;
  };
  for (std::size_t i = 0; i <= flange_index(); ++i) {
    carry_to(frames.p_BL_m[i]);
    const Vector3d own = frames.axis_B[i] * dq_rad_s[i];
    alpha += omega.cross(own);
    omega += own;
  }
  carry_to(motion.X_BE.translation());
  motion.V_BE << v, omega;
  motion.bias << a, alpha;
  return motion;
}

JointVector Model::payload_gravity_nm(const JointVector& q_rad) const noexcept {
  JointVector tau = JointVector::zero(dof());
  if (!payload_F_) {
    return tau;
  }
  const LinkFrames frames = link_frames(q_rad);
  const Vector3d p_BC = pose_on_flange_link(frames, data_.X_LF) * payload_F_->p_LC_m;
  const Vector3d weight_n = payload_F_->mass_kg * data_.gravity_B_m_s2;
  for (std::size_t i = 0; i <= flange_index(); ++i) {
    tau[i] = -frames.axis_B[i].dot((p_BC - frames.p_BL_m[i]).cross(weight_n));
  }
  return tau;
}

}  // namespace takt::control
