#pragma once

#include <string_view>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Nothing left open. @see filled(LawSettings). What suits an arm, from its model at home: D_i = min(0.005 s · τ_max,i
/// / rad, 100 /s · M_ii). The second bound keeps a joint with little inertia within what 1 kHz can damp.
[[nodiscard]] GravityCompensation filled(const GravityCompensation& settings, const Model& model);

/// An arm that is led by hand. Gravity, the payload's included, is compensated outside the law; what is left is
///
///   τ = −D q̇ + share · τ_friction(q̇),     τ_friction,i = b_i q̇_i + f_i tanh(q̇_i / 0.02 rad/s)
///
/// The setpoint follows the arm. With the kinetic energy V = ½ q̇ᵀ M q̇,  V̇ = q̇ᵀ τ_ext − q̇ᵀ D q̇ − (what friction takes −
/// what the law gives back) ≤ q̇ᵀ τ_ext as long as the real friction is at least share times the model's: whatever the
/// hand does, the arm gives back no more than it got. C(q, q̇) q̇ is not compensated for the same reason: a torque
/// C q̇ delivers ½ q̇ᵀ Ṁ q̇, of either sign, and a hand does not miss it.
///
/// Keeps no state between calls; the torque is not saturated.
class GravityCompensationLaw final : public Law {
 public:
  static constexpr std::string_view kName = "gravity_compensation";

  /// @throws ConfigError as filled().
  GravityCompensationLaw(const GravityCompensation& settings, const Model& model);

  [[nodiscard]] std::string_view name() const noexcept override { return kName; }
  [[nodiscard]] Reference reference() const noexcept override { return Reference::kMeasured; }

  /// Real-time safe. The setpoint is not looked at. @see Law::step
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override;

  /// Filled.
  [[nodiscard]] const GravityCompensation& settings() const noexcept { return settings_; }

 private:
  GravityCompensation settings_;
};

}  // namespace takt::control
