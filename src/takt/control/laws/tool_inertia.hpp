#pragma once

#include "takt/control/model/model.hpp"
#include "takt/control/model/pose_task.hpp"

/// Private to the laws' sources: the inertia that an arm shows at its tool.
namespace takt::control {

/// Λ = (J M⁻¹ Jᵀ)⁻¹, bounded as OperationalSpaceLaw says, factorised. Real-time safe, no heap.
class ToolInertia {
 public:
  /// @param lightest_1_kg  ε > 0.
  ToolInertia(const JointMatrix& M, const JacobianMatrix& J, double lightest_1_kg) noexcept;

  /// Λ times an acceleration: a wrench.
  [[nodiscard]] Vector6 times(const Vector6& acceleration) const noexcept;

 private:
  Matrix6 U_;
  Vector6 mass_kg_;
};

/// J M⁻¹ Jᵀ. M positive definite.
[[nodiscard]] Matrix6 mobility(const JointMatrix& M, const JacobianMatrix& J) noexcept;

/// One tenth of the arm's own mobility at the tool at home: the mean over its joints of the mass that each moves there,
/// Σ M_ii / Σ |J_i|², inverted.
[[nodiscard]] double lightest_mobility_1_kg(const Model& model);

}  // namespace takt::control
