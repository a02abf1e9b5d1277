#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "takt/control/laws/law.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

// What a user says of a law: plain values, trivially copyable, sent between processes as they are. An empty vector or
// optional means "as suits the arm" and is worked out from the model by filled(), which make_law() calls; what it comes
// to, and the equations, stand at the laws themselves (…_law.hpp). Numbers are finite and ≥ 0, but for caps, where
// infinity means none; shares and ratios say their own range.

/// x, y, z, then rotation about x, y, z, along the base's axes.
using ToolAxes = std::array<double, 6>;

inline constexpr double kUncapped = std::numeric_limits<double>::infinity();

/// Springs and dampers at the joints, with the model's feed-forward. @see JointImpedanceLaw
struct JointImpedance {
  core::JointVector stiffness_nm_rad{};
  core::JointVector damping_nm_s_rad{};
  double inertial_damping_1_s{40.0};    ///< α: damping in proportion to the mass matrix
  double friction_share{1.0};           ///< 0 … 1: of the model's friction, fed forward along the setpoint's velocity
  core::JointVector max_feedback_nm{};  ///< cap on spring and dampers together, per joint; empty: none

  friend bool operator==(const JointImpedance&, const JointImpedance&) = default;
};

/// Proportional, integral and derivative action on the joint error. @see JointPidLaw
struct JointPid {
  core::JointVector proportional_nm_rad{};
  core::JointVector integral_nm_rad_s{};
  core::JointVector derivative_nm_s_rad{};
  core::JointVector max_integral_nm{};  ///< the integral's torque stays within this
  core::JointVector max_feedback_nm{};  ///< cap on the other two together, per joint; empty: none
  double inertial_damping_1_s{40.0};    ///< α: derivative action in proportion to the mass matrix
  double friction_share{1.0};           ///< as in JointImpedance

  friend bool operator==(const JointPid&, const JointPid&) = default;
};

/// A mass–spring–damper at the tool, weighted with the arm's inertia, and a posture in its null space.
/// @see OperationalSpaceLaw
struct OperationalSpace {
  ToolAxes stiffness_1_s2{400.0, 400.0, 400.0, 1600.0, 1600.0, 1600.0};  ///< acceleration per error
  double damping_ratio{1.0};                                             ///< ≤ 10
  double posture_stiffness_1_s2{25.0};
  double posture_damping_ratio{1.0};  ///< ≤ 10
  double friction_share{0.0};         ///< 0 … 1, as in JointImpedance; all of it overshoots at a light last joint
  double max_force_n{kUncapped};      ///< cap on spring and damper at the tool
  double max_moment_nm{kUncapped};    ///< the same for rotation

  friend bool operator==(const OperationalSpace&, const OperationalSpace&) = default;
};

/// Springs at the tool and at the joints together, JᵀKₓJ + K_q. @see HybridImpedanceLaw
struct HybridImpedance {
  std::optional<ToolAxes> stiffness{};  ///< N/m, N·m/rad
  std::optional<ToolAxes> damping{};    ///< N·s/m, N·m·s/rad
  core::JointVector joint_stiffness_nm_rad{};
  core::JointVector joint_damping_nm_s_rad{};
  core::JointVector max_feedback_nm{};  ///< cap on joint springs and dampers together, per joint; empty: none
  double inertial_damping_1_s{25.0};    ///< as in JointImpedance
  double friction_share{1.0};           ///< as in JointImpedance
  double max_force_n{kUncapped};        ///< cap on spring and damper at the tool
  double max_moment_nm{kUncapped};      ///< the same for rotation

  friend bool operator==(const HybridImpedance&, const HybridImpedance&) = default;
};

/// The commander's own torques, damped. @see JointTorqueLaw
struct JointTorque {
  core::JointVector damping_nm_s_rad{};  ///< empty: none

  friend bool operator==(const JointTorque&, const JointTorque&) = default;
};

/// An arm that is led by hand. @see GravityCompensationLaw
struct GravityCompensation {
  core::JointVector damping_nm_s_rad{};
  double friction_share{0.0};  ///< 0 … 1: of the model's friction, pushed along the measured velocity

  friend bool operator==(const GravityCompensation&, const GravityCompensation&) = default;
};

using LawSettings =
    std::variant<JointImpedance, JointPid, OperationalSpace, HybridImpedance, JointTorque, GravityCompensation>;

/// Every law's name, in the order of LawSettings: "joint_impedance", "joint_pid", "operational_space",
/// "hybrid_impedance", "joint_torque", "gravity_compensation".
[[nodiscard]] std::span<const std::string_view> law_names() noexcept;

[[nodiscard]] std::string_view law_name(const LawSettings& settings) noexcept;

/// Default settings of the law with this name; nullopt for an unknown one.
[[nodiscard]] std::optional<LawSettings> find_law(std::string_view name);

/// Sets one field by its name as written above: a number by one value, a vector by one per joint, ToolAxes by six.
/// Ranges are checked by filled(). @throws ConfigError naming the field: unknown (with the known ones), or a count of
/// values that it cannot take.
void set_field(LawSettings& settings, std::string_view field, std::span<const double> values);

/// The same with nothing left open. @throws ConfigError naming the field: wrong size, not finite, negative, out of
/// range.
[[nodiscard]] LawSettings filled(const LawSettings& settings, const Model& model);

/// The law with these settings, filled. @throws ConfigError as filled().
[[nodiscard]] std::unique_ptr<Law> make_law(const LawSettings& settings, const Model& model);

}  // namespace takt::control
