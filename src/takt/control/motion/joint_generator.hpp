#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "takt/control/motion/limits.hpp"
#include "takt/control/motion/outcome.hpp"
#include "takt/control/motion/profile.hpp"
#include "takt/control/motion/setpoint.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Turns targets that come at any time into setpoints whose velocity, acceleration and jerk stay within limits: each
/// joint on its own Profile, planned anew when its target or the budgets change and otherwise evaluated. The last
/// setpoint of a motion equals the target bit for bit, at rest.
///
/// Position limits are never left: targets lie inside, and from every state that the generator makes the fastest stop
/// ends inside. Where a joint has a position-dependent velocity envelope, its range is narrowed by envelope_margin_rad
/// and its acceleration kept below the envelope's deceleration, so that braking in time for the range keeps the
/// envelope.
///
/// No heap after construction; not thread safe. All but the constructor is noexcept and real-time safe: ~10 ns per
/// joint and step, ~1 µs per joint and plan.
class JointGenerator {
 public:
  /// At rest at 0. @throws LogicError when a velocity, acceleration or jerk limit is not finite and positive, the
  /// position range is empty, or there are no joints or more than core::kMaxJoints.
  explicit JointGenerator(std::span<const JointLimits> limits);

  /// Begins anew: at rest at q, or moving as given. Budgets stay. kInvalid, and nothing changed, when a size is wrong
  /// or a number not finite. A start outside the range is accepted, and left only inwards.
  [[nodiscard]] Outcome reset(const core::JointVector& q_rad) noexcept;
  [[nodiscard]] Outcome reset(const core::JointVector& q_rad, const core::JointVector& dq_rad_s,
                              const core::JointVector& ddq_rad_s2) noexcept;

  /// Where to come to rest. kInvalid, and nothing changed, when the size is wrong, a number is not finite or outside
  /// lowest_rad() … highest_rad(); nothing is clamped.
  [[nodiscard]] Outcome set_target(const core::JointVector& q_rad) noexcept;

  /// Stops as fast as the full limits allow; the target becomes where that ends.
  void halt() noexcept;

  /// Plans with this fraction of the velocity, acceleration and jerk limits from now on, clamped to [0.001, 1]. A state
  /// outside the budgets (they were lowered, or it comes from a halt) is brought inside with the full jerk, and where
  /// that would leave the position range with the full acceleration, too; never beyond the full limits.
  void scale_budgets(double fraction) noexcept;

  /// The setpoint dt later. @pre dt > 0 and finite; otherwise the setpoint stays.
  const Setpoint& step(double dt_s) noexcept;

  [[nodiscard]] const Setpoint& setpoint() const noexcept { return setpoint_; }
  [[nodiscard]] const core::JointVector& target_rad() const noexcept { return target_rad_; }

  /// True when the setpoint has arrived at the target.
  [[nodiscard]] bool at_rest() const noexcept;

  [[nodiscard]] std::size_t dof() const noexcept { return target_rad_.size(); }

  /// The range of targets.
  [[nodiscard]] const core::JointVector& lowest_rad() const noexcept { return lowest_rad_; }
  [[nodiscard]] const core::JointVector& highest_rad() const noexcept { return highest_rad_; }

 private:
  struct Axis {
    Profile profile;
    AxisBounds limits;   ///< as constructed
    AxisBounds budgets;  ///< scaled
    double elapsed_s{0.0};
    bool stale{false};     ///< plan before the next step
    bool entering{false};  ///< the profile goes beyond the budgets: plan anew as soon as the state is inside them
  };

  void plan(std::size_t joint) noexcept;
  [[nodiscard]] AxisState state_of(std::size_t joint) const noexcept;
  [[nodiscard]] bool stays_inside(const Profile& profile, std::size_t joint) const noexcept;

  std::array<Axis, core::kMaxJoints> axes_{};
  core::JointVector target_rad_;
  core::JointVector lowest_rad_;
  core::JointVector highest_rad_;
  Setpoint setpoint_;
};

/// The limits that a generator works with: the acceleration of a joint with an envelope reduced to 0.8 of the
/// envelope's deceleration, its position range narrowed by envelope_margin_rad. Others unchanged.
[[nodiscard]] JointLimits within_envelope(const JointLimits& limits) noexcept;

/// The smallest m such that, for every speed v the joint may have, the distance to a stop at (position_max − m) leaves
/// room for the envelope:   x_stop(v) + m ≥ (v + v_offset)² / (2·a_dec),   x_stop(v) = shortest_stop_rad(v). 0 without
/// an envelope.
[[nodiscard]] double envelope_margin_rad(const JointLimits& limits) noexcept;

}  // namespace takt::control
