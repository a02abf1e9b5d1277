#pragma once

#include <string_view>

#include "takt/control/law.hpp"
#include "takt/control/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Diagonals of K and D, one element per joint. Finite and ≥ 0.
struct JointImpedanceGains {
  core::JointVector stiffness_nm_rad;
  core::JointVector damping_nm_s_rad;

  /// The share of the model's joint friction that is fed forward along q̇_d; 0 for an arm that compensates it itself.
  double friction_share{1.0};
};

/// Gains for any arm, from its model (with payload) at home:
///
///   K_i = min(τ_max,i / 0.145 rad, ω_max² M_ii),   D_i = 2 √(K_i M_ii),   ω_max = 200 rad/s.
///
/// The first bound spends the whole torque limit on an error of 8.3° and gives an FR3's large joints Franka's 600
/// N·m/rad. The second keeps a joint with little inertia (a bare last joint: 1.2e-4 kg·m²) inside what sampling at 1
/// kHz with one period of delay can damp: ω_max T = 0.2. D is critical damping of each joint alone.
[[nodiscard]] JointImpedanceGains default_joint_impedance_gains(const Model& model);

/// Joint impedance with a passivity-based feed-forward (Paden and Panja, Globally asymptotically stable 'PD+'
/// controller for robot manipulators, Int. J. Control 47 (1988) 1697–1712; Ott, Cartesian Impedance Control of
/// Redundant and Flexible-Joint Robots, 2008, §3.2):
///
///   τ = K (q_d − q) + D (q̇_d − q̇) + M(q) q̈_d + C(q, q̇) q̇_d + τ_friction(q̇_d)
///
/// so that, with e = q − q_d, the closed loop is   M(q) ë + (C(q, q̇) + D) ė + K e = τ_ext,   and   V = ½ ėᵀM ė + ½ eᵀK
/// e falls as   V̇ = −ėᵀD ė + ėᵀτ_ext.   C multiplies q̇_d and not the measured q̇ for this proof, and because measured
/// velocity noise then adds no torque at rest. Gravity is left out: the arm compensates it.
///
///   τ_friction,i = share · (b_i q̇_d,i + f_i tanh(q̇_d,i / 0.02 rad/s)),  b viscous, f Coulomb friction of the model.
///
/// Keeps no state between calls; the torque is not saturated.
class JointImpedance final : public Law {
 public:
  /// @throws LogicError when the gains do not have `dof` elements each, are not finite or negative, or friction_share
  /// is outside [0, 1].
  JointImpedance(const JointImpedanceGains& gains, std::size_t dof);

  [[nodiscard]] std::string_view name() const noexcept override { return "joint_impedance"; }

  /// Real-time safe. @see Law::step
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override;

  [[nodiscard]] const JointImpedanceGains& gains() const noexcept { return gains_; }

 private:
  JointImpedanceGains gains_;
};

}  // namespace takt::control
