#pragma once

#include <string_view>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Nothing left open: no damping where none was asked for. @see filled(LawSettings)
[[nodiscard]] JointTorque filled(const JointTorque& settings, const Model& model);

/// The commander's torques, gravity excluded, with as much damping as asked for:
///
///   τ = τ_target − D q̇
///
/// The setpoint follows the arm. Without a fresh target τ_target is zero (LawInput), so that a commander who died
/// leaves no torque behind. Keeps no state between calls; the torque is not saturated: the cycle limits it, and its
/// rate for all joints together.
class JointTorqueLaw final : public Law {
 public:
  static constexpr std::string_view kName = "joint_torque";

  /// @throws ConfigError as filled().
  JointTorqueLaw(const JointTorque& settings, const Model& model);

  [[nodiscard]] std::string_view name() const noexcept override { return kName; }
  [[nodiscard]] Reference reference() const noexcept override { return Reference::kTorque; }

  /// Real-time safe. The setpoint is not looked at. @see Law::step
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override;

  /// Filled.
  [[nodiscard]] const JointTorque& settings() const noexcept { return settings_; }

 private:
  JointTorque settings_;
};

}  // namespace takt::control
