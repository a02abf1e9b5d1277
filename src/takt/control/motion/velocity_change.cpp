#include "takt/control/motion/velocity_change.hpp"

#include <algorithm>
#include <cmath>

// The whole way: D = d(v_p) + v_p·t_cruise, where d is the distance of the two changes over v_p. d is continuous. It
// grows with v_p above max(0, v_b) and below min(0, v_b). In between it may have a hump: there the second change starts
// again from a = 0, which takes longer than running on. So the range of v_p is cut at {v_min, min(0, v_b), max(0, v_b),
// v_max}, and the uppermost piece whose ends have D between them is searched. The lowest piece, and the middle one when
// v_b < 0, are searched in the mirror, so that v_p ≥ 0 in every search.
//
// Where both changes have a flat part, slope d' = 2·v/A + A/J: d is a parabola, and the first guess is its root. From
// there Newton's method, kept inside the bracket by bisection.

namespace takt::control {
namespace {

constexpr int kMaxIterations = 100;
constexpr double kCruiseTolerance_s = 1e-8;  // what the search may leave to the cruise, and the time it may cost

/// d(v_p) − D, from velocity v0 and acceleration a0.
struct Way {
  double v0;
  double a0;
  double distance;

  struct Miss {
    double rad;
    double sign;  ///< and peak acceleration of the first change
    double peak;
    double slope;  ///< of d: over v_p [s] where the first change has a flat part, else over a_p
    bool flat;

    /// The velocity at which Newton's method expects the miss to be `wanted`, from the one with this miss.
    [[nodiscard]] double next(double v_p, double wanted, const Rates& r) const noexcept {
      const double step = (wanted - rad) / slope;
      return v_p + (flat ? step : sign * step * (2.0 * peak + step) * r.inverse_j);
    }

    [[nodiscard]] Miss mirrored() const noexcept {
      return {.rad = -rad, .sign = -sign, .peak = peak, .slope = flat ? slope : -slope, .flat = flat};
    }
  };

  [[nodiscard]] Miss miss(double v_p, const Rates& r) const noexcept {
    const VelocityChange change = change_of({.dq_rad_s = v0, .ddq_rad_s2 = a0}, v_p, r);
    const double s = change.sign;
    const double a = s * a0;
    const double t1 = change.rise_s;
    const double after_rise = s * v0 + t1 * (a + 0.5 * r.j_max * t1);
    double way = t1 * (s * v0 + t1 * (0.5 * a + r.j_max * t1 * (1.0 / 6.0)));
    way += change.flat_s * (after_rise + 0.5 * change.peak * change.flat_s);
    way += change.fall_s * (s * v_p - change.peak * change.fall_s * (1.0 / 6.0));
    const double speed = std::abs(v_p);
    double stop_s = speed * r.inverse_a;  // half its duration
    double stop_slope_s = stop_s;
    if (speed * r.j_max <= r.a_max * r.a_max) {
      stop_s = std::sqrt(speed * r.inverse_j);
      stop_slope_s = 1.5 * stop_s;
    } else {
      stop_s = 0.5 * (stop_s + r.a_max * r.inverse_j);
      stop_slope_s += 0.5 * r.a_max * r.inverse_j;
    }
    const bool flat = change.flat_s > 0.0;
    return {.rad = s * way + v_p * stop_s - distance,
            .sign = s,
            .peak = change.peak,
            .slope = flat ? s * v_p * r.inverse_a + 0.5 * change.fall_s + stop_slope_s
                          : 2.0 * r.inverse_j * (v_p + s * change.peak * (0.5 * change.fall_s + stop_slope_s)),
            .flat = flat};
  }

  [[nodiscard]] Way mirrored() const noexcept { return {.v0 = -v0, .a0 = -a0, .distance = -distance}; }
};

/// The root of the parabola for two changes with a flat part each, both forward.
double parabola_root(const Way& way, const Rates& r) noexcept {
  const double t1 = (r.a_max - way.a0) * r.inverse_j;
  const double fall_s = r.a_max * r.inverse_j;
  const double v = way.v0 + t1 * (way.a0 + 0.5 * r.j_max * t1) + 0.5 * r.a_max * fall_s;  // where the flat part begins
  const double at_v =
      t1 * (way.v0 + t1 * (0.5 * way.a0 + r.j_max * t1 * (1.0 / 6.0))) + fall_s * (v - r.a_max * fall_s * (1.0 / 6.0));
  const double constant = at_v - 0.5 * v * (v * r.inverse_a + fall_s) - way.distance;
  return 0.5 * (std::sqrt(std::max(0.0, r.a_max * (r.a_max * fall_s * fall_s - 4.0 * constant))) - r.a_max * fall_s);
}

struct Bracket {
  double low;        ///< ≥ 0
  Way::Miss at_low;  ///< ≤ 0
  double high;
  bool high_known;  ///< that miss(high) > 0
};

/// Where to look first. The parabola lies above d, its root below the one that is searched.
double first_guess(const Way& way, const Rates& rates, const Bracket& b) noexcept {
  double v = parabola_root(way, rates);
  if (!(v > b.low)) {
    v = b.at_low.slope > 0.0 ? b.at_low.next(b.low, 0.0, rates)
                             : std::cbrt(0.25 * rates.j_max * b.at_low.rad * b.at_low.rad);  // from rest to rest
  }
  return v > b.low ? std::min(v, b.high) : 0.5 * (b.low + b.high);
}

/// Finds v_p with miss(v_p) just below 0: what is missing is cruised. `high` where even that is too slow.
double search(const Way& way, const Rates& rates, Bracket b, double tolerance_rad) noexcept {
  if (!(b.low < b.high) || -b.at_low.rad <= std::max(kCruiseTolerance_s * b.low, tolerance_rad)) {
    return b.low;
  }
  double v = first_guess(way, rates, b);
  double width = b.high - b.low;
  for (int i = 0; i < kMaxIterations; ++i) {
    const Way::Miss miss = way.miss(v, rates);
    const double tolerance = std::max(kCruiseTolerance_s * v, tolerance_rad);
    if (miss.rad <= 0.0) {
      if (miss.rad >= -tolerance || v == b.high) {
        return v;
      }
      b.low = v;
    } else {
      b.high = v;
      b.high_known = true;
    }
    const double from = v;
    v = miss.next(v, -0.5 * tolerance, rates);
    if (v >= b.high && !b.high_known && from != b.high) {
      v = b.high;
      continue;
    }
    const bool slow = i % 4 == 3 && b.high - b.low > 0.25 * width;
    width = i % 4 == 3 ? b.high - b.low : width;
    if (slow || !(v > b.low && v < b.high)) {
      v = 0.5 * (b.low + b.high);
      if (!(v > b.low && v < b.high)) {
        break;  // the ends are neighbours
      }
    }
  }
  return b.low;
}

}  // namespace

double coasted_velocity(const AxisState& start, const Rates& rates) noexcept {
  return start.dq_rad_s + 0.5 * start.ddq_rad_s2 * std::abs(start.ddq_rad_s2) * rates.inverse_j;
}

VelocityChange change_of(const AxisState& start, double v1, const Rates& rates) noexcept {
  const double beyond = v1 - coasted_velocity(start, rates);
  const double sign = beyond >= 0.0 ? 1.0 : -1.0;
  const double a = sign * start.ddq_rad_s2;
  const double rising = std::max(0.0, a);
  const double wanted = rates.j_max * std::abs(beyond) + rising * rising;  // a_p², without a difference that cancels
  const bool flat = wanted > rates.a_max * rates.a_max;
  const double peak = flat ? rates.a_max : std::sqrt(wanted);
  return {.sign = sign,
          .peak = peak,
          .rise_s = std::max(0.0, (peak - a) * rates.inverse_j),
          .flat_s = flat ? (wanted - peak * peak) * rates.inverse_a * rates.inverse_j : 0.0,
          .fall_s = peak * rates.inverse_j};
}

double stop_distance(double v, const Rates& rates) noexcept {
  const double speed = std::abs(v);
  const double half_s = speed * rates.j_max <= rates.a_max * rates.a_max
                            ? std::sqrt(speed * rates.inverse_j)
                            : 0.5 * (speed * rates.inverse_a + rates.a_max * rates.inverse_j);
  return v * half_s;
}

double peak_velocity(const AxisState& start, double distance, const AxisBounds& bounds, const Rates& rates,
                     double tolerance_rad) noexcept {
  const Way way{.v0 = start.dq_rad_s, .a0 = start.ddq_rad_s2, .distance = distance};
  const double coasted =
      std::clamp(coasted_velocity(start, rates), bounds.velocity_min_rad_s, bounds.velocity_max_rad_s);
  const double upper = std::max(0.0, coasted);
  const double lower = std::min(0.0, coasted);
  const Way::Miss at_upper = way.miss(upper, rates);
  if (at_upper.rad <= 0.0) {
    const Bracket upwards{.low = upper, .at_low = at_upper, .high = bounds.velocity_max_rad_s, .high_known = false};
    return search(way, rates, upwards, tolerance_rad);
  }
  // Seen in the mirror, where what lies beyond v_b lies above it: there the change of velocity is the same.
  const Way mirror = way.mirrored();
  const Way::Miss at_lower = mirror.miss(-lower, rates);
  if (at_lower.rad >= 0.0 && coasted >= 0.0) {
    const Bracket between{.low = 0.0, .at_low = at_lower.mirrored(), .high = upper, .high_known = true};
    return search(way, rates, between, tolerance_rad);
  }
  const Bracket downwards =
      at_lower.rad >= 0.0
          ? Bracket{.low = 0.0, .at_low = at_upper.mirrored(), .high = -lower, .high_known = true}
          : Bracket{.low = -lower, .at_low = at_lower, .high = -bounds.velocity_min_rad_s, .high_known = false};
  return -search(mirror, rates, downwards, tolerance_rad);
}

}  // namespace takt::control
