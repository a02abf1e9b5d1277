#pragma once

#include <limits>

#include "takt/control/motion/profile.hpp"

namespace takt::control {

/// One axis that follows its target: a Profile, planned anew when the target or the budgets change, and otherwise
/// evaluated. JointGenerator and VectorMotion are rows of these; "rad" is metres for a translation.
///
/// Two sets of bounds: the limits hold always, budgets (within the limits) are what plans are made with. A state
/// outside the budgets (they were lowered, or it comes from a halt) is brought inside with the jerk of the limits, and
/// where that would leave the range with their acceleration, too; once inside, it is planned anew.
///
/// The range is kept by induction: every plan ends inside, and from every state on it the fastest stop ends inside.
///
/// A value; every member is real-time safe.
class AxisMotion {
 public:
  /// At rest at 0, bounds still to be set.
  AxisMotion() = default;

  AxisMotion(const AxisBounds& limits, double lowest_rad, double highest_rad) noexcept
      : limits_(limits), budgets_(limits), lowest_rad_(lowest_rad), highest_rad_(highest_rad) {}

  /// Begins anew from this state, on the fastest way to rest. Budgets stay.
  void reset(const AxisState& state) noexcept;

  /// The target is at q now and moves on at dq. @pre finite, q inside the range, |dq| below the budget.
  void set_target(double q_rad, double dq_rad_s) noexcept;

  /// Stops as fast as the limits allow; the target becomes where that ends.
  void halt() noexcept;

  /// New budgets. A target that they cannot follow slows down to 0.99 of their velocity.
  void set_budgets(const AxisBounds& budgets) noexcept;

  /// New limits, and budgets as wide. Where they are lower, the old ones end the motion that is outside the new ones.
  void set_limits(const AxisBounds& limits) noexcept;

  /// The state dt later. @pre dt > 0, finite.
  const AxisState& step(double dt_s) noexcept;

  /// The state dt later, when the reference is at (q, dq): see JointGenerator::track. @pre finite, dt > 0.
  const AxisState& track(double q_rad, double dq_rad_s, double dt_s) noexcept;

  [[nodiscard]] const AxisState& state() const noexcept { return state_; }
  [[nodiscard]] const AxisBounds& limits() const noexcept { return limits_; }
  [[nodiscard]] const AxisBounds& budgets() const noexcept { return budgets_; }

  /// Where the target is now; a moving one stays at the end of the range.
  [[nodiscard]] double target_rad() const noexcept;

  /// True when the way is over: at rest at a target that rests, or at the end of the range after one that moved.
  [[nodiscard]] bool at_rest() const noexcept { return !stale_ && elapsed_s_ >= profile_.duration_s(); }

  /// True when the state is that of the target or reference: met, and not yet left behind for the end of the range.
  [[nodiscard]] bool on_reference() const noexcept;

 private:
  /// The last sample of the reference that track() was given.
  struct Reference {
    AxisState state;
    int samples{0};  ///< since it last jumped: with one the velocity is known, with two the acceleration
  };

  void lower_limits() noexcept;
  void plan() noexcept;
  [[nodiscard]] Profile planned(double q_rad, double dq_rad_s, AxisBounds bounds) noexcept;
  [[nodiscard]] bool stays_inside(const Profile& profile) const noexcept;
  void follow(const Profile& profile) noexcept;
  void arrive(const AxisState& state, double dt_s) noexcept;

  [[nodiscard]] Reference sampled(double q_rad, double dq_rad_s, double dt_s) const noexcept;
  [[nodiscard]] bool can_go_to(const AxisState& next, double dt_s) const noexcept;
  [[nodiscard]] bool can_be_seen(const AxisState& next, double dt_s) const noexcept;
  [[nodiscard]] bool can_stop_inside(const AxisState& state) const noexcept;
  [[nodiscard]] bool merge(const Reference& now, double dt_s) noexcept;
  void chase(const AxisState& reference, double dt_s) noexcept;

  Profile profile_;
  double elapsed_s_{0.0};
  AxisState state_;
  AxisBounds limits_;
  AxisBounds budgets_;
  double lowest_rad_{-std::numeric_limits<double>::infinity()};
  double highest_rad_{std::numeric_limits<double>::infinity()};
  AxisState target_;  ///< when it was set; no acceleration
  double target_age_s_{0.0};
  bool stale_{false};     ///< plan before the next step
  bool lowering_{false};  ///< the limits become the budgets as soon as the state is inside them
  bool entering_{false};  ///< the profile goes beyond the budgets: plan anew as soon as the state is inside them

  Reference reference_;
  bool tracked_{false};  ///< the state is the reference's, not the profile's
  AxisState
      differences_;  ///< of the positions: velocity and acceleration over the last steps, as an arm would see them
  double last_dt_s_{0.0};
};

/// True when these bounds can be kept from this state on: where its acceleration has run out at their jerk, the
/// velocity is v + a·|a| / (2J).
[[nodiscard]] bool is_inside(const AxisState& state, const AxisBounds& bounds) noexcept;

}  // namespace takt::control
