#pragma once

#include "takt/control/motion/profile.hpp"

// One change of velocity, (v0, a0) → (v1, 0), under |a| ≤ A, |j| ≤ J. Letting the acceleration run out leads to
//   v_b = v0 + a0·|a0| / (2J).
// With s = +1 if v1 ≥ v_b, else −1, and â = s·a0: the acceleration rises at s·J to s·a_p, stays, and falls back to 0.
// Rise and fall alone change the velocity by s·((a_p² − â²)/(2J) + a_p²/(2J)), hence
//   w = J·|v1 − v_b| + max(0, â)²,   a_p = min(A, √w),
//   t_rise = (a_p − â)/J,   t_flat = (w − a_p²)/(J·A),   t_fall = a_p/J.
// Its distance x grows with the velocity it leads to as   dx/dv1 = s·v1/a_p + a_p/(2J).

namespace takt::control {

/// Acceleration, jerk, and their inverses: divisions are what a plan's time goes to.
struct Rates {
  double a_max;
  double j_max;
  double inverse_a;
  double inverse_j;

  explicit Rates(const AxisBounds& bounds) noexcept
      : a_max(bounds.acceleration_rad_s2),
        j_max(bounds.jerk_rad_s3),
        inverse_a(1.0 / bounds.acceleration_rad_s2),
        inverse_j(1.0 / bounds.jerk_rad_s3) {}
};

struct VelocityChange {
  double sign;
  double peak;  ///< of the acceleration, ≥ 0
  double rise_s;
  double flat_s;
  double fall_s;
};

[[nodiscard]] double coasted_velocity(const AxisState& start, const Rates& rates) noexcept;
[[nodiscard]] VelocityChange change_of(const AxisState& start, double v1, const Rates& rates) noexcept;

/// Distance of the change (v, 0) → (0, 0): its velocity is antisymmetric about the middle, so it is v/2 · duration.
[[nodiscard]] double stop_distance(double v, const Rates& rates) noexcept;

/// The velocity v_p such that the change to v_p, a cruise at v_p of a few nanoseconds, and the change to rest go
/// `distance`; or velocity_max or velocity_min where the cruise must be longer. `tolerance_rad` is what rounding makes
/// of positions here. @pre |start.ddq| ≤ A.
[[nodiscard]] double peak_velocity(const AxisState& start, double distance, const AxisBounds& bounds,
                                   const Rates& rates, double tolerance_rad) noexcept;

}  // namespace takt::control
