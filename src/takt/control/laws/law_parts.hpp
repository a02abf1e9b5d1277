#pragma once

#include <cstddef>
#include <string_view>

#include "takt/control/laws/law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

/// Private to the laws' sources: what several of them do alike.
namespace takt::control {

/// K_i = min(τ_max,i / 0.145 rad, (200 rad/s)² M_ii): the stiffness of a joint that 1 kHz can control, at home.
[[nodiscard]] core::JointVector suitable_stiffness_nm_rad(const Model& model);

/// Natural frequencies that default gains stay below, for each joint or axis on its own.
inline constexpr double kMaxNaturalFrequency_rad_s = 200.0;

/// The stiffness damping β of all default gains, D = β K [s].
inline constexpr double kStiffnessDamping_s = 0.007;

/// `vector` has `dof` elements, all finite.
[[nodiscard]] bool fits(const core::JointVector& vector, std::size_t dof) noexcept;

/// Model, measured state and setpoint have `dof` joints, all numbers finite.
[[nodiscard]] bool fits(const LawInput& input, std::size_t dof) noexcept;

/// b q̇ + f tanh(q̇ / 0.02 rad/s): viscous and Coulomb friction, its sign blurred so that rest asks for none and noise
/// does not make it chatter.
[[nodiscard]] double friction_nm(const JointData& joint, double velocity_rad_s) noexcept;

/// The setpoint's feed-forward into `tau_nm`, and inertial damping α M (q̇_d − q̇): within it, and `feedback_nm` zero;
/// or, when springs and dampers are `capped` together, in `feedback_nm`, at the price of asking the model twice.
void feed_forward(const LawInput& input, double inertial_damping_1_s, bool capped, core::JointVector& tau_nm,
                  core::JointVector& feedback_nm) noexcept;

/// Scales force and moment to lengths of at most these.
void cap_wrench(Vector6& wrench, double max_force_n, double max_moment_nm) noexcept;

/// Refuses settings, naming law and field. @throws ConfigError
class SettingsCheck {
 public:
  explicit SettingsCheck(std::string_view law) : law_(law) {}

  /// Finite and ≥ 0.
  void number(std::string_view field, double value) const;
  /// From 0 to `highest`.
  void within(std::string_view field, double value, double highest) const;
  /// ≥ 0; infinity is none.
  void cap(std::string_view field, double value) const;
  /// One number per joint.
  void vector(std::string_view field, const core::JointVector& values, std::size_t dof) const;
  /// One cap per joint.
  void caps(std::string_view field, const core::JointVector& values, std::size_t dof) const;
  void axes(std::string_view field, const ToolAxes& values) const;

 private:
  void size(std::string_view field, const core::JointVector& values, std::size_t dof) const;

  std::string_view law_;
};

}  // namespace takt::control
