#pragma once

#include <Eigen/Core>

#include "takt/control/model/arm_state.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// An arm that exists as equations alone, to run a law against without a simulator:
///
///   M q̈ + C(q, q̇) q̇ + b q̇ + τ_f = τ + Jᵀ F_ext,      |τ_f,i| ≤ f_i
///
/// It compensates its own gravity, has no torque limits and no joint limits. Integrated by semi-implicit Euler in steps
/// of at most a quarter of a millisecond. Coulomb friction holds or slows each joint by at most f_i, solved as contacts
/// are (projected Gauss–Seidel): it sticks. Not real-time safe, not thread safe.
class OfflineArm {
 public:
  /// At rest at home.
  explicit OfflineArm(Model model);

  /// Moves the arm there, with that velocity. @throws LogicError when a size is wrong.
  void place(const core::JointVector& q_rad, const core::JointVector& dq_rad_s);

  /// From now on this wrench acts on the tool: [f; m] along the axes of B, at the tool centre point. Zero at first.
  void push(const Vector6& F_ext) { F_ext_ = F_ext; }

  /// Lets the torque act for dt. @throws LogicError unless there is one per joint and dt > 0.
  void advance(const core::JointVector& tau_nm, double dt_s);

  /// stamp_ns counts the time advanced, sequence the calls.
  [[nodiscard]] const ArmState& state() const noexcept { return state_; }
  [[nodiscard]] const Model& model() const noexcept { return model_; }

 private:
  void step(const core::JointVector& tau_nm, double dt_s);
  void rub(const Eigen::MatrixXd& M_inverse, double dt_s);

  Model model_;
  ArmState state_;
  Vector6 F_ext_{Vector6::Zero()};
};

}  // namespace takt::control
