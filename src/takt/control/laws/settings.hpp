#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "takt/control/laws/law.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

// What a user says of a law: plain values, sent between processes as they are. Empty vectors and NaN mean "as suits
// the arm", worked out from the model by make_law(). Equations stand at the laws themselves (…_law.hpp).

/// For all of them: not finite or negative numbers are refused, infinity in a cap means none.

/// Springs and dampers at the joints, with the model's feed-forward. @see JointImpedanceLaw
struct JointImpedance {
  core::JointVector stiffness_nm_rad{};
  core::JointVector damping_nm_s_rad{};
  double inertial_damping_1_s{40.0};
  double friction_share{1.0};
  core::JointVector max_feedback_nm{};  ///< cap on spring and damper together, per joint; empty: none

  friend bool operator==(const JointImpedance&, const JointImpedance&) = default;
};

/// Proportional, integral and derivative action on the joint error. @see JointPidLaw
struct JointPid {
  core::JointVector proportional_nm_rad{};
  core::JointVector integral_nm_rad_s{};
  core::JointVector derivative_nm_s_rad{};
  core::JointVector max_integral_nm{};  ///< the integral's torque stays within this

  friend bool operator==(const JointPid&, const JointPid&) = default;
};

/// A mass–spring–damper at the tool, weighted with the arm's inertia, and a posture in its null space.
/// @see OperationalSpaceLaw
struct OperationalSpace {
  /// x, y, z [1/s²], then rotation about x, y, z [1/s²], along the base's axes: accelerations per error.
  std::array<double, 6> stiffness_1_s2{400.0, 400.0, 400.0, 400.0, 400.0, 400.0};
  double damping_ratio{1.0};
  double posture_stiffness_1_s2{25.0};
  double posture_damping_ratio{1.0};
  double max_force_n{std::numeric_limits<double>::infinity()};    ///< cap on spring and damper at the tool
  double max_moment_nm{std::numeric_limits<double>::infinity()};  ///< the same for rotation

  friend bool operator==(const OperationalSpace&, const OperationalSpace&) = default;
};

/// Springs at the tool and at the joints together, JᵀKₓJ + K_q. @see HybridImpedanceLaw
struct HybridImpedance {
  std::array<double, 6> stiffness{750.0, 750.0, 750.0, 15.0, 15.0, 15.0};  ///< N/m, N·m/rad, axes of the base
  std::array<double, 6> damping{37.0, 37.0, 50.0, 2.0, 2.0, 2.0};          ///< N·s/m, N·m·s/rad
  core::JointVector joint_stiffness_nm_rad{};
  core::JointVector joint_damping_nm_s_rad{};
  double max_force_n{std::numeric_limits<double>::infinity()};
  double max_moment_nm{std::numeric_limits<double>::infinity()};

  friend bool operator==(const HybridImpedance&, const HybridImpedance&) = default;
};

/// The commander's own torques, damped. @see JointTorqueLaw
struct JointTorque {
  core::JointVector damping_nm_s_rad{};  ///< added to what is commanded; empty: none

  friend bool operator==(const JointTorque&, const JointTorque&) = default;
};

/// An arm that is led by hand. @see GravityCompensationLaw
struct GravityCompensation {
  core::JointVector damping_nm_s_rad{};
  double friction_share{0.0};

  friend bool operator==(const GravityCompensation&, const GravityCompensation&) = default;
};

using LawSettings =
    std::variant<JointImpedance, JointPid, OperationalSpace, HybridImpedance, JointTorque, GravityCompensation>;

/// "joint_impedance", "joint_pid", "operational_space", "hybrid_impedance", "joint_torque", "gravity_compensation".
[[nodiscard]] std::string_view law_name(const LawSettings& settings) noexcept;

/// Default settings of the law with this name; nullopt for an unknown one.
[[nodiscard]] std::optional<LawSettings> find_law(std::string_view name);

/// The law, with what was left open worked out from the model. @throws ConfigError naming the field: wrong size, not
/// finite, negative.
[[nodiscard]] std::unique_ptr<Law> make_law(const LawSettings& settings, const Model& model);

}  // namespace takt::control
