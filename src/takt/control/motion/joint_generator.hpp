#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "takt/control/motion/axis_motion.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/control/motion/outcome.hpp"
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
/// joint and step, 0.2 to 0.3 µs per joint and plan.
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

  /// A target that is at q now and moves on at dq: met on the fastest way, then gone along with exactly. A joint whose
  /// target runs out of the range brakes in time and comes to rest at the end of the range. kInvalid also when a |dq|
  /// is not below the budget's velocity (what is left is what it is met with); a target that budgets lowered later
  /// cannot follow slows down to 0.99 of their velocity.
  [[nodiscard]] Outcome set_target(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) noexcept;

  /// The setpoint dt later, for a reference that is computed anew in every cycle: at that time it is at (q, dq), dq
  /// being its derivative (q differs from the trapezoidal rule by less than jerk·dt³/10; a backward difference does
  /// not do). Each joint is put onto it exactly, ddq = (dq − dq before)/dt, if that step keeps the full limits, by the
  /// setpoint's derivatives and by differences of its positions, and the joint can stop inside its range afterwards.
  /// Otherwise, as after a jump, it goes there on the fastest way: budgets bound the motion relative to the reference,
  /// full limits the whole.
  ///
  /// set_target(), halt() or step() go on smoothly from there; step() takes the last reference as a target that moves
  /// on, and is what is done when a size is wrong or a number not finite.
  const Setpoint& track(const core::JointVector& q_rad, const core::JointVector& dq_rad_s, double dt_s) noexcept;

  /// Stops as fast as the full limits allow; the target becomes where that ends.
  void halt() noexcept;

  /// Plans with these fractions of each joint's velocity, acceleration and jerk limits from now on, clamped to
  /// [0.001, 1]. A state outside the budgets (they were lowered, or it comes from a halt) is brought inside with the
  /// full jerk, and where that would leave the position range with the full acceleration, too; never beyond the full
  /// limits. Nothing changes when a size is wrong.
  void set_budgets(const core::JointVector& velocity, const core::JointVector& acceleration,
                   const core::JointVector& jerk) noexcept;

  /// The same fraction of all.
  void scale_budgets(double fraction) noexcept;

  /// The setpoint dt later. @pre dt > 0 and finite; otherwise the setpoint stays.
  const Setpoint& step(double dt_s) noexcept;

  [[nodiscard]] const Setpoint& setpoint() const noexcept { return setpoint_; }

  /// Where the target, or the reference, is now; one that moves stays at the end of the range.
  [[nodiscard]] const core::JointVector& target_rad() const noexcept { return target_rad_; }

  /// True when the setpoint has come to rest at the target. While a target moves, never; once it has run out of the
  /// range and the setpoint rests at the end, yes. Never while tracking.
  [[nodiscard]] bool at_rest() const noexcept;

  /// True when every joint's setpoint is the target's or reference's: reached, and not left behind for the end of the
  /// range.
  [[nodiscard]] bool on_reference() const noexcept;

  [[nodiscard]] std::size_t dof() const noexcept { return target_rad_.size(); }

  /// The range of targets.
  [[nodiscard]] const core::JointVector& lowest_rad() const noexcept { return lowest_rad_; }
  [[nodiscard]] const core::JointVector& highest_rad() const noexcept { return highest_rad_; }

 private:
  [[nodiscard]] bool is_valid(const core::JointVector& values) const noexcept;
  void scale_budgets(std::size_t joint, double velocity, double acceleration, double jerk) noexcept;
  void take(std::size_t joint, const AxisState& state) noexcept;

  std::array<AxisMotion, core::kMaxJoints> axes_{};
  core::JointVector target_rad_;
  core::JointVector lowest_rad_;
  core::JointVector highest_rad_;
  core::JointVector zero_;
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
