#pragma once

#include <string_view>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Nothing left open. @see filled(LawSettings). What suits an arm, from its model (with payload and tool) at home:
///
///   Kₓ = min(750 N/m, (200 rad/s)² m) and min(15 N·m/rad, (200 rad/s)² I),   Dₓ = 0.007 s · Kₓ,
///   K_q = 1/10 of JointImpedance's stiffness,                                D_q = 0.007 s · K_q,   α = 25 /s,
///
/// m and I the least mass and inertia that the tool shows in any direction. A bare FR3 turns about its last joint with
/// I = 1.2e-4 kg·m², which bounds rotation to 4.5 N·m/rad; a hand lifts that to 15. The damping is Rayleigh's, as in
/// JointImpedance, for K(q) = JᵀKₓJ + K_q: ζ ≥ 0.41 for every mode, 0.9 for 750 N/m before 4 kg.
[[nodiscard]] HybridImpedance filled(const HybridImpedance& settings, const Model& model);

/// Springs at the tool and at the joints together, both at the joint error e = q_d − q, J the tool's Jacobian at q:
///
///   τ = (JᵀKₓJ + K_q) e + (JᵀDₓJ + D_q) ė + M(q) (q̈_d + α ė) + C(q, q̇) q̇_d + τ_friction(q̇_d)
///
/// (Salisbury, Active stiffness control of a manipulator in Cartesian coordinates, IEEE CDC 1980, for the first term).
/// Nothing is inverted: singularities do not exist for it, and K_q > 0 holds whatever the tool does not. A static force
/// F moves the tool by Kₓ⁻¹ F while K_q = 0 and J has full rank; K_q adds stiffness. J e is the tool's error to first
/// order only, so far errors are felt along the arm's own path. Closed loop and friction as in JointImpedanceLaw.
///
/// max_force_n and max_moment_nm scale Kₓ J e + Dₓ J ė, the wrench at the tool; max_feedback_nm, where given, bounds
/// |K_q e + D_q ė + α M ė| joint by joint.
///
/// Keeps no state between calls; the torque is not saturated.
class HybridImpedanceLaw final : public Law {
 public:
  static constexpr std::string_view kName = "hybrid_impedance";

  /// @throws ConfigError as filled().
  HybridImpedanceLaw(const HybridImpedance& settings, const Model& model);

  [[nodiscard]] std::string_view name() const noexcept override { return kName; }

  /// Real-time safe. @see Law::step
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override;

  /// Filled.
  [[nodiscard]] const HybridImpedance& settings() const noexcept { return settings_; }

 private:
  HybridImpedance settings_;
  bool capped_;
  Vector6 stiffness_, damping_;
};

}  // namespace takt::control
