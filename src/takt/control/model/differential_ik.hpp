#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "takt/control/model/model.hpp"
#include "takt/control/model/pose_task.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

struct DifferentialIkOptions {
  bool position_only{false};   ///< any orientation will do; for arms with fewer than six joints
  double feedback_1_s{50.0};   ///< k: how fast a pose error decays; at most a quarter of it per step
  double catch_up_m_s{0.3};    ///< the most that feedback adds to the tool's speed …
  double catch_up_m_s2{1.5};   ///< … and how it brakes: the speed is at most √(2 a |e|)
  double catch_up_rad_s{1.0};  ///< the same for its rotation
  double catch_up_rad_s2{5.0};
  double posture_rate_1_s{1.0};     ///< how fast the free motion goes to the posture …
  double posture_speed_rad_s{0.5};  ///< … and the most that any joint is pulled with

  /// Damping starts where the smallest singular value of J (angular rows times a third of the reach) falls below this
  /// share of the reach, and grows to damping_share · reach at the singularity. So much of it that an arm which is sent
  /// beyond its reach creeps up to being stretched: passing it at speed, it could come back bent to the other side.
  double singular_share{0.05};
  double damping_share{0.08};

  /// Near an end of its range a joint moves towards it at √(2 a d) at most, d the distance left and a this share of its
  /// acceleration limit, and at most at landing_1_s · d.
  double braking_share{0.5};
  double landing_1_s{20.0};
};

/// A virtual arm whose tool centre point follows a pose that moves, one step per period of a cycle:
///
///   dq = J⁺(V + v_e) + f (I − J⁺J) dq_0,     J⁺ = Jᵀ (J Jᵀ + λ² I)⁻¹,     q += dt/2 (dq_before + dq),
///
/// dq_0 the pull to the posture, v_e = k e for a small pose error e, at most √(2 a |e|) for a large one; e is that of
/// where dq_before would lead. Sources: Nakamura and Hanafusa, Inverse kinematic solutions with singularity robustness
/// for robot manipulator control, J. Dyn. Sys. Meas. Control 108 (1986), for the damping; Flacco, De Luca and Khatib,
/// Control of redundant robots under hard joint constraints: saturation in the null space, IEEE Trans. Robotics 31
/// (2015), for the joint range.
///
/// * Singularities. λ depends on s = tr((J Jᵀ)⁻¹)^(−1/2), which lies between σ_min/√6 and σ_min and is smooth where a
///   singular value has kinks: λ² = λ_max² (1 − s²/s_0²)² below s_0, else 0. There the pose lags rather than that the
///   joints race, and is caught up with later.
/// * Null space. It does not move the tool: f = min(1, s²/s_0²) fades before J⁺J becomes ill-defined. Only while the
///   pose lags (|e| towards 2 cm) the pull also acts, through the damped J⁺, on what the tool cannot control: it draws
///   a stretched elbow back to the side it came from. So set a posture.
/// * Range. A joint that would go faster than the distance to its end allows is held to that speed and the others are
///   solved again, damping blended in by how much it was cut, so that this begins without a jump.
/// * Velocity, acceleration. Where a joint would exceed a limit, all velocities, or all changes, shrink by one factor;
///   only braking for the range goes before the common factor of the changes.
///
/// With V = 0 and the posture reached, dq and e tend to 0. A value; all but the constructor is noexcept and real-time
/// safe; not thread safe.
class DifferentialIk {
 public:
  /// A reference into the follower, valid until its next call.
  struct Step {
    const core::JointVector& q_rad;
    const core::JointVector& dq_rad_s;
    Vector6 error;        ///< [m; rad], before this step, axes of B; angular 0 with position_only
    double singularity;   ///< s/s_0: below 1 the pose may lag
    double speed_factor;  ///< below 1 the arm was slowed for a velocity limit
  };

  /// At q = 0 in the range, no posture. @throws LogicError when sizes differ, there are no joints, a range is empty, or
  /// an option is not finite and positive (posture and catch-up speeds may be 0).
  DifferentialIk(std::span<const JointLimits> limits, const core::JointVector& lowest_rad,
                 const core::JointVector& highest_rad, const DifferentialIkOptions& options = {});

  /// At rest at q. A joint outside its range may only move inwards. Keeps the posture. @pre size and finite, unchecked.
  void reset(const core::JointVector& q_rad) noexcept;

  /// Begins in motion.
  void reset(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) noexcept;

  /// Where the null space is drawn to; an empty vector: nowhere. The pull sets in over 0.2 s.
  void set_posture(const core::JointVector& posture_rad) noexcept;

  /// One step of dt to the pose X_BE that the tool centre point shall have at its end, moving with V_BE = [v; ω], axes
  /// of B. @pre model.dof() == dof(), all finite, 0 < dt; unchecked. ~1 µs for seven joints.
  Step step(const Model& model, const core::Pose& X_BE, const Vector6& V_BE, double dt_s) noexcept;

  [[nodiscard]] const core::JointVector& q_rad() const noexcept { return q_rad_; }
  [[nodiscard]] const core::JointVector& dq_rad_s() const noexcept { return dq_rad_s_; }
  [[nodiscard]] std::size_t dof() const noexcept { return q_rad_.size(); }

 private:
  struct Task;
  struct Damped;

  [[nodiscard]] Task make_task(const Model& model, const core::JointVector& q_rad, const core::Pose& X_BE,
                               const Vector6& V_BE, double dt_s) const noexcept;
  [[nodiscard]] Damped damp(const Task& task, const JointMask& free) const noexcept;
  void pull_to_posture(const core::JointVector& q_rad, double dt_s) noexcept;
  [[nodiscard]] core::JointVector solve(const Task& task, const core::JointVector& q_rad,
                                        double& singularity) const noexcept;
  [[nodiscard]] double fastest_up(std::size_t joint, double q_rad) const noexcept;
  [[nodiscard]] double fastest_down(std::size_t joint, double q_rad) const noexcept;
  [[nodiscard]] double braking(std::size_t joint, double distance_rad) const noexcept;
  [[nodiscard]] double slow_down(core::JointVector& dq_rad_s) const noexcept;
  void accelerate(const core::JointVector& q_rad, double dt_s, core::JointVector& dq_rad_s) const noexcept;
  void integrate(const core::JointVector& dq_rad_s, double dt_s) noexcept;

  std::array<JointLimits, core::kMaxJoints> limits_{};
  std::array<JointLimits, core::kMaxJoints> envelopes_{};  ///< limits_ without the constant part of the velocity's
  core::JointVector lowest_rad_, highest_rad_;
  DifferentialIkOptions options_;
  core::JointVector posture_rad_;
  core::JointVector q_rad_, dq_rad_s_;
  core::JointVector pull_rad_s_;  ///< dq_0
};

}  // namespace takt::control
