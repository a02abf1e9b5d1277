#pragma once

#include <array>
#include <cstddef>

namespace takt::control {

/// How one joint moves at an instant.
struct AxisState {
  double q_rad{0.0};
  double dq_rad_s{0.0};
  double ddq_rad_s2{0.0};
};

/// What one joint may do on its way. @pre velocity_min < 0 < velocity_max, acceleration > 0, jerk > 0, all finite.
struct AxisBounds {
  double velocity_min_rad_s{0.0};
  double velocity_max_rad_s{0.0};
  double acceleration_rad_s2{0.0};
  double jerk_rad_s3{0.0};
};

struct Rates;

/// The way of one joint from any state of motion to rest, or onto a target that moves and along with it: pieces of
/// constant jerk, evaluated at any time.
///
/// The shape: a change of velocity (v0, a0) → (v_p, 0), a stretch at v_p, a change (v_p, 0) → (0, 0). Each change is
/// the fastest one under |a| ≤ a_max, |j| ≤ j_max; v_p is chosen so that the joint ends at the target. The joint passes
/// a target only when it cannot stop before it, and then no further than its fastest stop would. A start outside the
/// bounds (they were lowered meanwhile) is brought inside on the fastest way.
///
/// Time-optimal when v_p lies outside the span of 0 and the velocity that the joint reaches by letting its acceleration
/// run out; inside that span the acceleration passes through zero
/// once more than it had to (never more than twice a lower bound of the time, in 10⁶ random cases with similar velocity
/// limits either way). Background: Berscheid & Kröger, "Jerk-limited Real-time Trajectory Generation with Arbitrary
/// Target States", 2021. The equations are derived in velocity_change.hpp and velocity_change.cpp.
///
/// A value; every member is real-time safe.
class Profile {
 public:
  /// Rest at 0.
  Profile() = default;

  /// Rest at `q_rad`.
  [[nodiscard]] static Profile rest(double q_rad) noexcept;

  /// From `start` to rest at `target_rad`. All arguments finite; unchecked.
  [[nodiscard]] static Profile to_rest_at(const AxisState& start, double target_rad, const AxisBounds& bounds) noexcept;

  /// From `start` onto a target that is at `target_rad` now and moves on at `target_rad_s`, along with it, and to rest
  /// at `last_rad`, the end of its way (on the side it moves to; ±infinity: it moves on for ever). In the frame that
  /// moves with the target, this is to_rest_at. Where the target cannot be met before braking for last_rad must begin,
  /// it is to_rest_at(last_rad). @pre velocity_min < target_rad_s < velocity_max; all but last_rad finite.
  [[nodiscard]] static Profile to_meet(const AxisState& start, double target_rad, double target_rad_s,
                                       const AxisBounds& bounds, double last_rad) noexcept;

  /// From `start` to rest, wherever that is, as soon as can be.
  [[nodiscard]] static Profile fastest_stop(const AxisState& start, const AxisBounds& bounds) noexcept;

  /// The state `time_s` ≥ 0 after the start. From duration_s() on it is rest at exactly end_rad().
  [[nodiscard]] AxisState at(double time_s) const noexcept;

  [[nodiscard]] double duration_s() const noexcept { return duration_s_; }
  [[nodiscard]] double end_rad() const noexcept { return end_rad_; }

  /// From when until when the state is the target's: the end of the way, or the stretch along with a moving target.
  [[nodiscard]] bool on_target(double time_s) const noexcept { return time_s >= meets_s_ && time_s <= leaves_s_; }

  /// The lowest and the highest position on the way, both ends included.
  struct Extent {
    double lowest_rad{0.0};
    double highest_rad{0.0};
  };
  [[nodiscard]] Extent extent() const noexcept;

 private:
  static constexpr std::size_t kMaxSegments = 12;  // one back inside a_max, three + one + three, one along + three

  struct Segment {
    double end_s{0.0};  ///< since the start of the profile
    AxisState start;
    double jerk{0.0};
  };

  void append_way(const AxisState& start, double target_rad, const AxisBounds& bounds, const Rates& rates) noexcept;
  void append_along(const AxisState& met, double along_s, double last_rad, const Rates& rates) noexcept;
  void finish(double end_rad) noexcept;
  void append(AxisState& state, double duration_s, double jerk) noexcept;
  void append_change(AxisState& state, double velocity, const Rates& rates) noexcept;
  void enter_acceleration_bound(AxisState& state, const Rates& rates) noexcept;

  std::array<Segment, kMaxSegments> segments_{};
  std::size_t count_{0};
  double duration_s_{0.0};
  double end_rad_{0.0};
  double meets_s_{0.0};
  double leaves_s_{0.0};
};

/// The distance a joint needs from `speed` ≥ 0 to rest when it already decelerates as hard as it may [rad]: the
/// shortest of all stopping distances at that speed. Real-time safe.
[[nodiscard]] double shortest_stop_rad(double speed_rad_s, double acceleration_rad_s2, double jerk_rad_s3) noexcept;

}  // namespace takt::control
