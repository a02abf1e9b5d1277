#include "takt/control/motion/profile.hpp"

#include <algorithm>
#include <cmath>

// One change of velocity, (v0, a0) → (v1, 0), under |a| ≤ A, |j| ≤ J. Letting the acceleration run out leads to
//   v_b = v0 + a0·|a0| / (2J).
// With s = +1 if v1 ≥ v_b, else −1, and â = s·a0, Δ = s·(v1 − v0): the acceleration rises at s·J to s·a_p, stays, and
// falls back to 0. Rise and fall alone change the velocity by (a_p² − â²)/(2J) + a_p²/(2J), hence
//   a_p = min(A, √(J·Δ + â²/2)),   t_rise = (a_p − â)/J,   t_fall = a_p/J,   t_flat = (Δ − (2A² − â²)/(2J)) / A if a_p
//   = A.
//
// The whole way: D = target − q0 = d(v_p) + v_p·t_cruise, where d is the distance of the two changes over v_p. d is
// continuous. It grows with v_p above max(0, v_b) and below min(0, v_b). In between it may have a hump: there the
// second change starts again from a = 0, which takes longer than running on. So the range of v_p is cut at {v_min,
// min(0, v_b), max(0, v_b), v_max}, and the uppermost piece whose ends have D between them is searched. Above d(v_max)
// and below d(v_min) the rest is cruised.

namespace takt::control {
namespace {

constexpr int kMaxIterations = 100;
constexpr double kCruiseTolerance_s = 1e-8;   // what the search may leave to the cruise, and the time it may cost
constexpr double kPositionTolerance = 4e-15;  // relative to max(1, |q|): what rounding makes of a sum of seven pieces

double position_tolerance(double a_rad, double b_rad) noexcept {
  return kPositionTolerance * std::max({1.0, std::abs(a_rad), std::abs(b_rad)});
}

struct Change {
  double jerk{0.0};  ///< signed, of the rise; the fall has the opposite
  double rise_s{0.0};
  double flat_s{0.0};
  double fall_s{0.0};
};

Change change_of(double v0, double a0, double v1, double a_max, double j_max) noexcept {
  const double coasted = v0 + a0 * std::abs(a0) / (2.0 * j_max);
  const double sign = v1 >= coasted ? 1.0 : -1.0;
  const double a = sign * a0;
  const double delta = sign * (v1 - v0);
  const double wanted = std::sqrt(std::max(0.0, j_max * delta + 0.5 * a * a));
  const double peak = std::min(wanted, a_max);
  Change change{.jerk = sign * j_max, .rise_s = std::max(0.0, (peak - a) / j_max), .fall_s = peak / j_max};
  if (wanted > a_max) {
    change.flat_s = std::max(0.0, (delta - (2.0 * a_max * a_max - a * a) / (2.0 * j_max)) / a_max);
  }
  return change;
}

AxisState moved(const AxisState& s, double t, double j) noexcept {
  return {.q_rad = s.q_rad + t * (s.dq_rad_s + t * (s.ddq_rad_s2 / 2.0 + t * j / 6.0)),
          .dq_rad_s = s.dq_rad_s + t * (s.ddq_rad_s2 + t * j / 2.0),
          .ddq_rad_s2 = s.ddq_rad_s2 + t * j};
}

/// Distance of the change (v, 0) → (0, 0): its velocity is antisymmetric about the middle, so it is v/2 · duration.
double stop_distance(double v, double a_max, double j_max) noexcept {
  const double speed = std::abs(v);
  const double duration =
      speed <= a_max * a_max / j_max ? 2.0 * std::sqrt(speed / j_max) : speed / a_max + a_max / j_max;
  return 0.5 * v * duration;
}

/// d(v_p) − D of the comment above, from `start` (|a0| ≤ A).
struct Miss {
  AxisState start;
  double target;
  double a_max;
  double j_max;

  double operator()(double v_p) const noexcept {
    const Change change = change_of(start.dq_rad_s, start.ddq_rad_s2, v_p, a_max, j_max);
    AxisState state = moved(start, change.rise_s, change.jerk);
    state = moved(state, change.flat_s, 0.0);
    state = moved(state, change.fall_s, -change.jerk);
    return (state.q_rad - target) + stop_distance(v_p, a_max, j_max);
  }
};

/// Finds v_p in [low, high] with miss(low) ≤ 0 < miss(high), by the Illinois variant of regula falsi with bisection
/// where that is slow. Returns the end of the last bracket from which a short cruise at v_p goes the rest: low for a
/// forward stretch (both ends ≥ 0), high for a backward one.
double search(const Miss& miss, double low, double high, double miss_low, double miss_high) noexcept {
  const bool forward = low >= 0.0;
  const double tolerance_rad = 0.1 * position_tolerance(miss.start.q_rad, miss.target);
  double weight_low = miss_low;  // halved while their end stays, as Illinois does
  double weight_high = miss_high;
  double width = high - low;
  for (int i = 0; i < kMaxIterations; ++i) {
    const double rest = std::abs(forward ? miss_low : miss_high);
    if (rest <= std::max(kCruiseTolerance_s * std::abs(forward ? low : high), tolerance_rad)) {
      break;
    }
    const bool slow = i % 4 == 3 && high - low > 0.25 * width;
    width = i % 4 == 3 ? high - low : width;
    double v = slow ? 0.5 * (low + high) : low - weight_low * (high - low) / (weight_high - weight_low);
    if (!(v > low && v < high)) {
      v = 0.5 * (low + high);
      if (!(v > low && v < high)) {
        break;  // the ends are neighbours
      }
    }
    const double found = miss(v);
    if (found <= 0.0) {
      low = v;
      miss_low = weight_low = found;
      weight_high *= 0.5;
    } else {
      high = v;
      miss_high = weight_high = found;
      weight_low *= 0.5;
    }
  }
  return forward ? low : high;
}

double peak_velocity(const Miss& miss, const AxisBounds& bounds) noexcept {
  const double a0 = miss.start.ddq_rad_s2;
  const double coasted = std::clamp(miss.start.dq_rad_s + a0 * std::abs(a0) / (2.0 * bounds.jerk_rad_s3),
                                    bounds.velocity_min_rad_s, bounds.velocity_max_rad_s);
  const std::array<double, 4> ends{bounds.velocity_min_rad_s, std::min(0.0, coasted), std::max(0.0, coasted),
                                   bounds.velocity_max_rad_s};
  double high = ends[3];
  double miss_high = miss(high);
  if (miss_high <= 0.0) {
    return high;
  }
  for (int piece = 2; piece >= 0; --piece) {
    const double low = ends[static_cast<std::size_t>(piece)];
    const double miss_low = miss(low);
    if (miss_low <= 0.0) {
      return low < high ? search(miss, low, high, miss_low, miss_high) : low;
    }
    high = low;
    miss_high = miss_low;
  }
  return high;
}

}  // namespace

void Profile::append(AxisState& state, double duration_s, double jerk) noexcept {
  if (duration_s > 0.0 && count_ < kMaxSegments) {
    duration_s_ += duration_s;
    segments_[count_++] = {.end_s = duration_s_, .start = state, .jerk = jerk};
    state = moved(state, duration_s, jerk);
  }
}

void Profile::append_change(AxisState& state, double velocity, const AxisBounds& bounds) noexcept {
  const Change change =
      change_of(state.dq_rad_s, state.ddq_rad_s2, velocity, bounds.acceleration_rad_s2, bounds.jerk_rad_s3);
  append(state, change.rise_s, change.jerk);
  append(state, change.flat_s, 0.0);
  append(state, change.fall_s, -change.jerk);
  state.dq_rad_s = velocity;  // but for rounding it is there already
  state.ddq_rad_s2 = 0.0;
}

void Profile::enter_acceleration_bound(AxisState& state, const AxisBounds& bounds) noexcept {
  const double excess = std::abs(state.ddq_rad_s2) - bounds.acceleration_rad_s2;
  if (excess > 1e-12 * bounds.acceleration_rad_s2) {
    append(state, excess / bounds.jerk_rad_s3, -std::copysign(bounds.jerk_rad_s3, state.ddq_rad_s2));
  }
}

Profile Profile::rest(double q_rad) noexcept {
  Profile profile;
  profile.end_rad_ = q_rad;
  return profile;
}

Profile Profile::to_rest_at(const AxisState& start, double target_rad, const AxisBounds& bounds) noexcept {
  Profile profile = rest(target_rad);
  if (start.q_rad == target_rad && start.dq_rad_s == 0.0 && start.ddq_rad_s2 == 0.0) {
    return profile;
  }
  AxisState state = start;
  profile.enter_acceleration_bound(state, bounds);
  const Miss miss{
      .start = state, .target = target_rad, .a_max = bounds.acceleration_rad_s2, .j_max = bounds.jerk_rad_s3};
  const double v_p = peak_velocity(miss, bounds);
  profile.append_change(state, v_p, bounds);
  if (v_p != 0.0) {
    const double left = target_rad - state.q_rad - stop_distance(v_p, miss.a_max, miss.j_max);
    if (std::abs(left) > position_tolerance(start.q_rad, target_rad)) {  // never cruise off what is only rounding
      profile.append(state, left / v_p, 0.0);
    }
    profile.append_change(state, 0.0, bounds);
  }
  return profile;
}

Profile Profile::fastest_stop(const AxisState& start, const AxisBounds& bounds) noexcept {
  Profile profile;
  AxisState state = start;
  profile.enter_acceleration_bound(state, bounds);
  profile.append_change(state, 0.0, bounds);
  profile.end_rad_ = state.q_rad;
  return profile;
}

AxisState Profile::at(double time_s) const noexcept {
  if (time_s < duration_s_) {
    double begin_s = 0.0;
    for (std::size_t i = 0; i < count_; ++i) {
      const Segment& segment = segments_[i];
      if (time_s < segment.end_s) {
        return moved(segment.start, time_s - begin_s, segment.jerk);
      }
      begin_s = segment.end_s;
    }
  }
  return {.q_rad = end_rad_};
}

Profile::Extent Profile::extent() const noexcept {
  Extent extent{.lowest_rad = end_rad_, .highest_rad = end_rad_};
  const auto include = [&extent](double q) {
    extent.lowest_rad = std::min(extent.lowest_rad, q);
    extent.highest_rad = std::max(extent.highest_rad, q);
  };
  double begin_s = 0.0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Segment& segment = segments_[i];
    const double duration = segment.end_s - begin_s;
    begin_s = segment.end_s;
    include(segment.start.q_rad);
    // Turning points: v + a·t + j·t²/2 = 0. With q = −(a + sign(a)·√(a² − 2·j·v)) the roots are q/j and 2v/q.
    const double v = segment.start.dq_rad_s;
    const double a = segment.start.ddq_rad_s2;
    const double discriminant = a * a - 2.0 * segment.jerk * v;
    if (discriminant < 0.0) {
      continue;
    }
    const double q = -(a + std::copysign(std::sqrt(discriminant), a));
    for (const double root : {q / segment.jerk, 2.0 * v / q}) {
      if (root > 0.0 && root < duration) {  // false for the NaN and infinity of a vanishing divisor
        include(moved(segment.start, root, segment.jerk).q_rad);
      }
    }
  }
  return extent;
}

double shortest_stop_rad(double speed_rad_s, double acceleration_rad_s2, double jerk_rad_s3) noexcept {
  // At the end the deceleration must fade: from v1 = A²/(2J) on, v = J·t²/2 and x = J·t³/6 counted back from rest.
  const double fading = acceleration_rad_s2 * acceleration_rad_s2 / (2.0 * jerk_rad_s3);
  const double faded = std::min(speed_rad_s, fading);
  const double t = std::sqrt(2.0 * faded / jerk_rad_s3);
  const double braked = speed_rad_s * speed_rad_s - faded * faded;
  return jerk_rad_s3 * t * t * t / 6.0 + braked / (2.0 * acceleration_rad_s2);
}

}  // namespace takt::control
