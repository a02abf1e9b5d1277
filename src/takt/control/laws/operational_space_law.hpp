#pragma once

#include <cstddef>
#include <string_view>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Nothing left open: nothing is, in these settings. @see filled(LawSettings).
[[nodiscard]] OperationalSpace filled(const OperationalSpace& settings, const Model& model);

/// A mass–spring–damper at the tool (Khatib, A unified approach for motion and force control of robot manipulators: the
/// operational space formulation, IEEE J. Robotics and Automation 3 (1987) 43–53, (47), (53)). The setpoint's joint
/// motion gives tool and posture: x_d = X_BE(q_d), ẋ_d = J_d q̇_d, ẍ_d = J_d q̈_d + J̇_d q̇_d. With
///
///   e = [p_d − p; rotation vector of R_d Rᵀ], all along the base's axes;   Λ = (J M⁻¹ Jᵀ)⁻¹;   Kd = 2 ζ √Kp;
///   a = ẍ_d + Kd ė + Kp e                          the tool's acceleration, Kp and Kd diagonal
///   r = q̈_d + kd (q̇_d − q̇) + kp (q_d − q)          the posture's
///
///   τ = M r + C(q, q̇) q̇ + Jᵀ Λ (a − J̇ q̇ − J r) + τ_friction(q̇_d)
///
/// which is Khatib's   Jᵀ Λ (a − J̇ q̇) + (I − Jᵀ J̄ᵀ) M r + C q̇,  J̄ = M⁻¹ Jᵀ Λ,   since J̄ᵀ M r = Λ J r. The closed loop
/// is   ẍ = a + Λ⁻¹ F_ext   at the tool, whatever the posture does, and   q̈ = r   in the null space of J.
///
/// Near a singularity Λ would grow without bound. With J M⁻¹ Jᵀ = U diag(λ) Uᵀ (a radian counted as 0.15 m), the mass
/// 1/λ along each direction is replaced by its tangent where it would exceed ten times the arm's own (below λ = ε):
///
///   Λ = U diag(f(λ)) Uᵀ,    f(λ) = 1/λ for λ ≥ ε,   (2 − λ/ε)/ε below.
///
/// f and its slope are continuous, hence Λ is in q; no direction is ever switched. Below ε the posture takes over, by
/// (1 − λ/ε)² of r. The same holds for the directions that an arm of fewer than six joints does not have (λ = 0).
///
/// max_force_n and max_moment_nm scale Λ (Kd ė + Kp e), the wrench of spring and damper, and nothing else. Friction as
/// in JointImpedanceLaw. Keeps no state between calls; the torque is not saturated.
///
/// @note A static force F moves the tool by Kp⁻¹ Λ⁻¹ F: stiffness is Λ Kp, light about an axis with little inertia. A
/// bare FR3's last joint has 1.2e-4 kg·m², and with it 0.2 N·m/rad: friction of 0.2 N·m holds it against 1 rad.
/// HybridImpedanceLaw has the stiffness that it is told.
class OperationalSpaceLaw final : public Law {
 public:
  static constexpr std::string_view kName = "operational_space";

  /// @throws ConfigError as filled().
  OperationalSpaceLaw(const OperationalSpace& settings, const Model& model);

  [[nodiscard]] std::string_view name() const noexcept override { return kName; }

  /// Real-time safe. @see Law::step
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override;

  /// Filled.
  [[nodiscard]] const OperationalSpace& settings() const noexcept { return settings_; }

 private:
  OperationalSpace settings_;
  std::size_t dof_;
  Vector6 stiffness_, damping_;
  double posture_damping_1_s_;
  double lightest_1_kg_;  ///< ε
};

}  // namespace takt::control
