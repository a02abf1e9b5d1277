#pragma once

#include <array>

#include <Eigen/Core>
#include <Eigen/Geometry>

#include "takt/control/motion/axis_motion.hpp"
#include "takt/control/motion/outcome.hpp"
#include "takt/control/motion/pose_limits.hpp"
#include "takt/core/geometry.hpp"

namespace takt::control {

/// Where the end effector E shall be in the base's frame B, and how it moves there; all vectors in B.
struct PoseSetpoint {
  core::Pose X_BE{core::Pose::Identity()};
  Eigen::Vector3d v{Eigen::Vector3d::Zero()};      ///< m/s
  Eigen::Vector3d w{Eigen::Vector3d::Zero()};      ///< angular velocity, rad/s
  Eigen::Vector3d a{Eigen::Vector3d::Zero()};      ///< m/s²
  Eigen::Vector3d alpha{Eigen::Vector3d::Zero()};  ///< angular acceleration, rad/s²
};

/// Turns pose targets that come at any time into pose setpoints within PoseLimits, as JointGenerator does for joints:
/// six axes, each with the limit/√3, so that norms are kept whatever the axes do. The last pose equals the target bit
/// for bit.
///
/// Rotation: in a frame that turns with the target (ω_t; B itself for a target at rest) the orientation is
///   R(t) = exp(ω_t·t) · exp(r(t)) · R_anchor,
/// and the rotation vector r is planned per axis from the present orientation, r = 0, to the target's. The anchor
/// follows the motion, so that r stays small on the way: there ω = ω_t + ṙ and α = r̈ + ω_t × ω nearly hold, and
/// |ω| ≤ |ω_t| + |ṙ| does always. What is lost to "nearly" and to ω_t × ω is kept free of the limits.
///
/// No heap, no position range; not thread safe. All but the constructor is noexcept and real-time safe: ~0.2 µs a step,
/// ~2 µs with a plan.
class PoseGenerator {
 public:
  /// At rest at the base's origin. @throws LogicError when a limit is not finite and positive.
  explicit PoseGenerator(const PoseLimits& limits);

  /// Begins anew: at rest at the pose, or moving as given (on the fastest way to rest). kInvalid, and nothing changed,
  /// when a number is not finite or the rotation off by more than 1e-3.
  [[nodiscard]] Outcome reset(const core::Pose& X_BE) noexcept;
  [[nodiscard]] Outcome reset(const PoseSetpoint& setpoint) noexcept;

  /// Where to come to rest. kInvalid as for reset.
  [[nodiscard]] Outcome set_target(const core::Pose& X_BG) noexcept;

  /// A target that is at X_BG now and moves on with v [m/s] and w [rad/s], both constant in B: met, and then gone along
  /// with exactly. kInvalid also when |v| or |w| is not below its limit.
  [[nodiscard]] Outcome set_target(const core::Pose& X_BG, const Eigen::Vector3d& v, const Eigen::Vector3d& w) noexcept;

  /// Other limits from now on. Where they are lower, the motion is braked into them first, with the jerk and
  /// acceleration it was allowed before; a moving target that they cannot follow slows down to 0.9 of them. kInvalid,
  /// and nothing changed, when a limit is not finite and positive.
  [[nodiscard]] Outcome set_limits(const PoseLimits& limits) noexcept;

  /// Stops as fast as the limits allow; the target becomes where that ends.
  void halt() noexcept;

  /// The setpoint dt later. @pre dt > 0 and finite; otherwise the setpoint stays.
  const PoseSetpoint& step(double dt_s) noexcept;

  [[nodiscard]] const PoseSetpoint& setpoint() const noexcept { return setpoint_; }
  [[nodiscard]] const PoseLimits& limits() const noexcept { return limits_; }

  /// True when the setpoint has come to rest at the target. While a target moves, never.
  [[nodiscard]] bool at_rest() const noexcept;

  /// True when the setpoint is the target's, at rest or moving.
  [[nodiscard]] bool on_target() const noexcept;

 private:
  struct Target {
    core::Pose X_BG{core::Pose::Identity()};
    Eigen::Quaterniond R_BG{Eigen::Quaterniond::Identity()};
    Eigen::Vector3d v{Eigen::Vector3d::Zero()};
    Eigen::Vector3d w{Eigen::Vector3d::Zero()};
    double age_s{0.0};
  };

  [[nodiscard]] core::Pose target_now() const noexcept;
  [[nodiscard]] AxisBounds rotation_bounds() const noexcept;
  [[nodiscard]] bool fits() const noexcept;
  void plan() noexcept;
  void bound_axes() noexcept;
  void anchor(const Eigen::Quaterniond& R, const Eigen::Vector3d& dr, const Eigen::Vector3d& ddr) noexcept;
  void aim() noexcept;
  void brake() noexcept;
  void move(double dt_s) noexcept;
  void turn(double dt_s) noexcept;

  PoseLimits limits_;
  PoseSetpoint setpoint_;
  Eigen::Quaterniond orientation_{Eigen::Quaterniond::Identity()};  ///< of the setpoint
  Target target_;
  std::array<AxisMotion, 3> translation_;
  std::array<AxisMotion, 3> rotation_;  ///< r, in the frame that turns with frame_w_
  Eigen::Vector3d frame_w_{Eigen::Vector3d::Zero()};
  double frame_age_s_{0.0};
  Eigen::Quaterniond anchor_{Eigen::Quaterniond::Identity()};
  Eigen::Quaterniond goal_{Eigen::Quaterniond::Identity()};  ///< in the turning frame
  bool stale_{false};
  bool braking_{false};  ///< the axes are too fast for the target's plan: stop until they are not
};

}  // namespace takt::control
