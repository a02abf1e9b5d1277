#pragma once

#include <string_view>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Nothing left open. @see filled(LawSettings). What suits an arm, from its model (with payload) at home:
///
///   K_i = min(τ_max,i / 0.145 rad, (200 rad/s)² M_ii),   D_i = 0.007 s · K_i,   α = 40 /s.
///
/// The first bound spends the whole torque limit on an error of 8.3° and gives an FR3's large joints Franka's 600
/// N·m/rad; the second keeps a joint with little inertia (a bare last joint: 1.2e-4 kg·m²) within what 1 kHz can
/// control.
///
/// D and α together are Rayleigh's proportional damping, D(q) = α M + β K: every mode of natural frequency ω, in every
/// posture, has the damping ratio ζ = (α/ω + β ω)/2. With these numbers ζ ≥ 0.52 everywhere; an FR3's modes lie between
/// 12 and 219 rad/s over its workspace (ζ ≤ 1.7), and the sampled loop bears two periods of delay.
[[nodiscard]] JointImpedance filled(const JointImpedance& settings, const Model& model);

/// Joint impedance with a passivity-based feed-forward (Paden and Panja, Globally asymptotically stable 'PD+'
/// controller for robot manipulators, Int. J. Control 47 (1988) 1697–1712; Ott, Cartesian Impedance Control of
/// Redundant and Flexible-Joint Robots, 2008, §3.2), with e = q − q_d:
///
///   τ = −K e − D ė + M(q) (q̈_d − α ė) + C(q, q̇) q̇_d + τ_friction(q̇_d)
///
/// so that the closed loop is   M(q) ë + (C(q, q̇) + D + α M(q)) ė + K e = τ_ext,   and   V = ½ ėᵀM ė + ½ eᵀK e   falls
/// as V̇ = −ėᵀ(D + α M) ė + ėᵀτ_ext.   C multiplies q̇_d and not the measured q̇ for this proof, and because measured
/// velocity noise then adds no torque at rest. Gravity is left out: the arm compensates it. α M follows the inertia
/// through its changes (a stretched FR3 has 28 times that of an upright one at joint 1), which a constant D cannot
/// without being too much in one posture or too little in another.
///
///   τ_friction,i = share · (b_i q̇_d,i + f_i tanh(q̇_d,i / 0.02 rad/s)),  b viscous, f Coulomb friction of the model.
///
/// Where max_feedback_nm is given, it bounds |−K e − D ė − α M ė| joint by joint.
///
/// Keeps no state between calls; the torque is not saturated.
class JointImpedanceLaw final : public Law {
 public:
  static constexpr std::string_view kName = "joint_impedance";

  /// @throws ConfigError as filled().
  JointImpedanceLaw(const JointImpedance& settings, const Model& model);

  [[nodiscard]] std::string_view name() const noexcept override { return kName; }

  /// Real-time safe. @see Law::step
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override;

  /// Filled.
  [[nodiscard]] const JointImpedance& settings() const noexcept { return settings_; }

 private:
  JointImpedance settings_;
  bool capped_;  ///< α M ė apart then, at the cost of a second pass
};

}  // namespace takt::control
