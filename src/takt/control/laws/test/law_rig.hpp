#pragma once

#include <memory>
#include <random>
#include <utility>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/offline_arm.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control::testing {

/// The same arm with nothing rubbing.
inline ModelData frictionless(ModelData data) {
  for (JointData& joint : data.joints) {
    joint.damping_nm_s_rad = 0.0;
    joint.friction_nm = 0.0;
  }
  return data;
}

/// A law on an arm, both at rest at home; each torque reaches the arm one period late. Steps are counted for their
/// allocations.
struct LawRig {
  LawRig(const LawSettings& settings, const ModelData& believed, const ModelData& real)
      : model(believed), arm(Model(real)), law(make_law(settings, model)), measured(arm.state()) {
    const core::JointVector zero = core::JointVector::zero(model.dof());
    setpoint = {measured.q_rad, zero, zero};
    tau_target_nm = late_nm = zero;
  }
  LawRig(const LawSettings& settings, const ModelData& data) : LawRig(settings, data, data) {}

  [[nodiscard]] LawInput input() const {
    return {.measured = measured,
            .setpoint = setpoint,
            .model = model,
            .tau_target_nm = tau_target_nm,
            .period_ns = 1'000'000};
  }

  /// What the law wants for `measured`.
  core::JointVector step() {
    core::JointVector tau;
    const LawInput now = input();
    const takt::testing::AllocationGuard guard;
    law->step(now, tau);
    allocations += guard.count();
    return tau;
  }

  /// Arm, law and setpoint at rest there.
  void place(const core::JointVector& q_rad) {
    arm.place(q_rad, core::JointVector::zero(model.dof()));
    measured = arm.state();
    setpoint.q_rad = q_rad;
  }

  /// One period; the torque that the law wants.
  core::JointVector advance() {
    measured = arm.state();
    const core::JointVector tau = step();
    arm.advance(late_nm, 1e-3);
    late_nm = tau;
    return tau;
  }
  void run(int periods) {
    for (int k = 0; k < periods; ++k) {
      static_cast<void>(advance());
    }
  }

  [[nodiscard]] core::Pose tool() const { return arm.model().tool_pose(arm.state().q_rad); }

  Model model;
  OfflineArm arm;
  std::unique_ptr<Law> law;
  ArmState measured;
  Setpoint setpoint;
  core::JointVector tau_target_nm;
  core::JointVector late_nm;
  std::uint64_t allocations{0};
};

/// What a law does for a small error around rest at the rig's `measured`: τ = K e + D ė, found by asking it.
struct Linearised {
  Eigen::MatrixXd K, D;
};
inline Linearised linearised(LawRig& rig) {
  constexpr double kSmall = 1e-6;
  const auto n = static_cast<Eigen::Index>(rig.model.dof());
  Linearised found{Eigen::MatrixXd(n, n), Eigen::MatrixXd(n, n)};
  const ArmState rest = rig.measured;
  rig.setpoint.q_rad = rest.q_rad;
  const auto slope = [&](double& number, double sign) {
    number += kSmall * sign;
    const Eigen::VectorXd up = rig.step().eigen();
    number -= 2 * kSmall * sign;
    const Eigen::VectorXd down = rig.step().eigen();
    number += kSmall * sign;
    return Eigen::VectorXd((up - down) / (2 * kSmall));
  };
  for (std::size_t i = 0; i < rig.model.dof(); ++i) {
    found.K.col(static_cast<Eigen::Index>(i)) = slope(rig.measured.q_rad[i], -1.0);
    found.D.col(static_cast<Eigen::Index>(i)) = slope(rig.measured.dq_rad_s[i], -1.0);
  }
  rig.measured = rest;
  return found;
}

/// The closed loop around rest, sampled at 1 kHz: v⁺ = v − T M⁻¹ u, q⁺ = q + T v, u⁺ = K q + D v, one period late.
/// The largest absolute eigenvalue of its (q, v, u); friction does not help. M is the real arm's.
inline double spectral_radius(const JointMatrix& M, const Linearised& law) {
  constexpr double kPeriod_s = 1e-3;
  const Eigen::Index n = M.rows();
  const Eigen::MatrixXd I = Eigen::MatrixXd::Identity(n, n);
  const Eigen::MatrixXd B = kPeriod_s * Eigen::MatrixXd(M).inverse();
  Eigen::MatrixXd A = Eigen::MatrixXd::Zero(3 * n, 3 * n);
  A.block(0, 0, n, n) = I;
  A.block(0, n, n, n) = kPeriod_s * I;
  A.block(0, 2 * n, n, n) = -kPeriod_s * B;
  A.block(n, n, n, n) = I;
  A.block(n, 2 * n, n, n) = -B;
  A.block(2 * n, 0, n, n) = law.K;
  A.block(2 * n, n, n, n) = law.D;
  return A.eigenvalues().cwiseAbs().maxCoeff();
}

/// Somewhere in the arm's range.
inline core::JointVector random_posture(const ModelData& data, std::mt19937& random) {
  core::JointVector q = core::JointVector::zero(data.dof());
  for (std::size_t i = 0; i < data.dof(); ++i) {
    const JointLimits& limits = data.joints[i].limits;
    q[i] = std::uniform_real_distribution<double>(limits.position_min_rad, limits.position_max_rad)(random);
  }
  return q;
}

}  // namespace takt::control::testing
