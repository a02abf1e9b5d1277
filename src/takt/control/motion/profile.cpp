#include "takt/control/motion/profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "takt/control/motion/velocity_change.hpp"

namespace takt::control {
namespace {

constexpr double kPositionTolerance = 4e-15;  // relative to max(1, |q|): what rounding makes of a sum of seven pieces

double position_tolerance(double a_rad, double b_rad) noexcept {
  return kPositionTolerance * std::max({1.0, std::abs(a_rad), std::abs(b_rad)});
}

AxisState moved(const AxisState& s, double t, double j) noexcept {
  return {.q_rad = s.q_rad + t * (s.dq_rad_s + t * (s.ddq_rad_s2 / 2.0 + t * j / 6.0)),
          .dq_rad_s = s.dq_rad_s + t * (s.ddq_rad_s2 + t * j / 2.0),
          .ddq_rad_s2 = s.ddq_rad_s2 + t * j};
}

}  // namespace

void Profile::append(AxisState& state, double duration_s, double jerk) noexcept {
  if (duration_s > 0.0 && count_ < kMaxSegments) {
    duration_s_ += duration_s;
    segments_[count_++] = {.end_s = duration_s_, .start = state, .jerk = jerk};
    state = moved(state, duration_s, jerk);
  }
}

void Profile::append_change(AxisState& state, double velocity, const Rates& rates) noexcept {
  const VelocityChange change = change_of(state, velocity, rates);
  append(state, change.rise_s, change.sign * rates.j_max);
  append(state, change.flat_s, 0.0);
  append(state, change.fall_s, -change.sign * rates.j_max);
  state.dq_rad_s = velocity;  // but for rounding it is there already
  state.ddq_rad_s2 = 0.0;
}

void Profile::enter_acceleration_bound(AxisState& state, const Rates& rates) noexcept {
  const double excess = std::abs(state.ddq_rad_s2) - rates.a_max;
  if (excess > 1e-12 * rates.a_max) {
    append(state, excess * rates.inverse_j, -std::copysign(rates.j_max, state.ddq_rad_s2));
  }
}

Profile Profile::rest(double q_rad) noexcept {
  Profile profile;
  profile.finish(q_rad);
  return profile;
}

void Profile::finish(double end_rad) noexcept {
  end_rad_ = end_rad;
  meets_s_ = duration_s_;
  leaves_s_ = std::numeric_limits<double>::infinity();
}

Profile Profile::to_rest_at(const AxisState& start, double target_rad, const AxisBounds& bounds) noexcept {
  Profile profile;
  if (start.q_rad != target_rad || start.dq_rad_s != 0.0 || start.ddq_rad_s2 != 0.0) {
    profile.append_way(start, target_rad, bounds, Rates(bounds));
  }
  profile.finish(target_rad);
  return profile;
}

void Profile::append_way(const AxisState& start, double target_rad, const AxisBounds& bounds,
                         const Rates& rates) noexcept {
  const double tolerance_rad = position_tolerance(start.q_rad, target_rad);
  AxisState state = start;
  enter_acceleration_bound(state, rates);
  const double v_p = peak_velocity(state, target_rad - state.q_rad, bounds, rates, 0.1 * tolerance_rad);
  append_change(state, v_p, rates);
  if (v_p != 0.0) {
    const double left = target_rad - state.q_rad - stop_distance(v_p, rates);
    if (std::abs(left) > tolerance_rad) {  // never cruise off what is only rounding
      append(state, left / v_p, 0.0);
    }
    append_change(state, 0.0, rates);
  }
}

Profile Profile::to_meet(const AxisState& start, double target_rad, double target_rad_s, const AxisBounds& bounds,
                         double last_rad) noexcept {
  if (target_rad_s == 0.0) {
    return to_rest_at(start, target_rad, bounds);
  }
  const Rates rates(bounds);
  const AxisState relative{
      .q_rad = start.q_rad - target_rad, .dq_rad_s = start.dq_rad_s - target_rad_s, .ddq_rad_s2 = start.ddq_rad_s2};
  AxisBounds relative_bounds = bounds;
  relative_bounds.velocity_min_rad_s -= target_rad_s;
  relative_bounds.velocity_max_rad_s -= target_rad_s;
  Profile profile = to_rest_at(relative, 0.0, relative_bounds);
  const AxisState met{.q_rad = target_rad + target_rad_s * profile.duration_s_, .dq_rad_s = target_rad_s};
  const double along_s = (last_rad - stop_distance(target_rad_s, rates) - met.q_rad) / target_rad_s;
  if (!(along_s >= 0.0)) {
    return to_rest_at(start, last_rad, bounds);
  }
  double begin_s = 0.0;
  for (std::size_t i = 0; i < profile.count_; ++i) {
    profile.segments_[i].start.q_rad += target_rad + target_rad_s * begin_s;
    profile.segments_[i].start.dq_rad_s += target_rad_s;
    begin_s = profile.segments_[i].end_s;
  }
  profile.append_along(met, along_s, last_rad, rates);
  return profile;
}

void Profile::append_along(const AxisState& met, double along_s, double last_rad, const Rates& rates) noexcept {
  const double meets_s = duration_s_;
  AxisState state = met;
  append(state, along_s, 0.0);
  const double leaves_s = duration_s_;
  if (std::isfinite(along_s)) {
    append_change(state, 0.0, rates);
  }
  end_rad_ = last_rad;
  meets_s_ = meets_s;
  leaves_s_ = leaves_s;
}

Profile Profile::fastest_stop(const AxisState& start, const AxisBounds& bounds) noexcept {
  const Rates rates(bounds);
  Profile profile;
  AxisState state = start;
  profile.enter_acceleration_bound(state, rates);
  profile.append_change(state, 0.0, rates);
  profile.finish(state.q_rad);
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
    const double v_end = segment.start.dq_rad_s + duration * (segment.start.ddq_rad_s2 + 0.5 * duration * segment.jerk);
    const double a_end = segment.start.ddq_rad_s2 + duration * segment.jerk;
    if (segment.start.dq_rad_s * v_end > 0.0 && segment.start.ddq_rad_s2 * a_end >= 0.0) {
      continue;  // the velocity changes in one direction and keeps its sign
    }
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
