#pragma once

#include <bitset>

#include <Eigen/Core>

#include "takt/control/model/model.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// What the inverse kinematics of a pose are made of. All of it is real-time safe and keeps no state.

using Matrix6 = Eigen::Matrix<double, 6, 6>;

/// One flag per joint.
using JointMask = std::bitset<core::kMaxJoints>;

/// The twist that brings E to D in one second at constant velocity: [p_BD − p_BE; θ u], axes of B, with the rotation by
/// θ ∈ [0, π] about u that turns E's axes into D's. Precise for the smallest angles.
[[nodiscard]] Vector6 pose_error(const core::Pose& X_BE, const core::Pose& X_BD) noexcept;

/// True when every number is finite and the rotation is off an orthonormal, proper one by at most `tolerance`.
[[nodiscard]] bool is_rigid(const core::Pose& X, double tolerance) noexcept;

/// Σ J_i J_iᵀ over the joints i of the mask: what J Jᵀ is when the others stand still.
[[nodiscard]] Matrix6 gramian(const JacobianMatrix& J, const JointMask& joints) noexcept;

/// tr(A⁻¹) of A = L Lᵀ, L lower triangular (what is above its diagonal is not read). With A = J Jᵀ its inverse lies
/// between σ_min²/6 and σ_min² of J, and is smooth in the posture where σ_min has kinks.
[[nodiscard]] double trace_of_inverse(const Matrix6& L) noexcept;

}  // namespace takt::control
