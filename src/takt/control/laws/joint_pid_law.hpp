#pragma once

#include <string_view>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Nothing left open. @see filled(LawSettings). What suits an arm: Kp and Kd are JointImpedance's K and D, and
///
///   Ki = 4 /s · Kp,   the integral's torque within 0.15 τ_max.
///
/// Ki in proportion to Kp keeps the modes apart, and a mode of natural frequency ω is stable while Ki/Kp < α + β ω²
/// (Routh: s³ + (α + β ω²) s² + ω² s + ω² Ki/Kp), which is ≥ 40 /s.
[[nodiscard]] JointPid filled(const JointPid& settings, const Model& model);

/// Proportional, integral and derivative action with the model's feed-forward, e = q_d − q:
///
///   τ = Kp e + I + Kd ė + M(q) (q̈_d + α ė) + C(q, q̇) q̇_d + τ_friction(q̇_d)
///   I ← clamp(I + Ki e T, ±I_max) each period T.
///
/// The signs are those of a spring: a joint that lags (e > 0) is pushed forward, and a constant disturbing torque d is
/// met by I → −d with e → 0, as long as |d| ≤ I_max. The integral is kept as a torque, so that I_max is one and a
/// change of Ki does not make it jump. Against wind-up it stays within its clamp, leaves it at once when e turns, and
/// rests while the whole torque is beyond the joint's limit on the side to which e pushes (conditional integration;
/// Åström and Hägglund, Advanced PID Control, 2006, §3.5). Gravity is left out: the arm compensates it.
/// Friction as in JointImpedanceLaw; what the model does not know of it is the integral's.
///
/// Where max_feedback_nm is given, it bounds |Kp e + Kd ė + α M ė| joint by joint; the integral has its own clamp.
///
/// The integral is all the state. The torque is not saturated.
class JointPidLaw final : public Law {
 public:
  static constexpr std::string_view kName = "joint_pid";

  /// @throws ConfigError as filled().
  JointPidLaw(const JointPid& settings, const Model& model);

  [[nodiscard]] std::string_view name() const noexcept override { return kName; }

  /// The integral to zero.
  void reset(const LawInput& input) noexcept override;

  /// Real-time safe. An input that does not fit leaves the integral as it is. @see Law::step
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override;

  /// Filled.
  [[nodiscard]] const JointPid& settings() const noexcept { return settings_; }

  /// I, as of the last step.
  [[nodiscard]] const core::JointVector& integral_nm() const noexcept { return integral_nm_; }

 private:
  JointPid settings_;
  bool capped_;
  core::JointVector integral_nm_;
};

}  // namespace takt::control
