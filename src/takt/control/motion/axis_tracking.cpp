#include <algorithm>
#include <cmath>

#include "takt/control/motion/axis_motion.hpp"

// A reference that is known one sample at a time. Three ways to go, the first that is possible:
//   1. onto it, in this step;
//   2. merging: along with it, plus what is left of the distance to it. That error e = state − reference is planned to
//      rest at 0 as any motion is, in the frame that moves with the reference, by what the reference leaves of the
//      acceleration and jerk;
//   3. chasing it as a target that moves on at its velocity, as after a jump of the reference or where it is itself too
//      fast for 2. Always possible: plans keep limits and range.

namespace takt::control {
namespace {

constexpr double kSlack = 1.0 + 1e-7;
constexpr double kRounding_rad = 1e-15;  // of a position, relative to max(1, |q|)
constexpr double kTrapezoidShare = 0.1;  // J·dt³/12 is what constant jerk may differ by
constexpr double kMergingShare = 0.9;    // of what the reference leaves: it changes while the error ends
constexpr double kLeastShare = 0.05;     // of the limits, where it leaves nothing
constexpr double kFollowedShare = 0.99;

double rounding_rad(double q_rad) noexcept {
  return kRounding_rad * std::max(1.0, std::abs(q_rad));
}

/// Whether `q` follows from q0 by the trapezoidal rule, as it does to the third order where dq is its derivative.
bool is_derivative(const AxisState& from, const AxisState& to, double dt_s, double jerk) noexcept {
  const double expected = from.q_rad + 0.5 * dt_s * (from.dq_rad_s + to.dq_rad_s);
  return std::abs(to.q_rad - expected) <= kTrapezoidShare * jerk * dt_s * dt_s * dt_s + 4.0 * rounding_rad(to.q_rad);
}

}  // namespace

const AxisState& AxisMotion::track(double q_rad, double dq_rad_s, double dt_s) noexcept {
  const Reference now = sampled(q_rad, dq_rad_s, dt_s);
  const AxisState direct{.q_rad = q_rad, .dq_rad_s = dq_rad_s, .ddq_rad_s2 = (dq_rad_s - state_.dq_rad_s) / dt_s};
  // Where it comes onto the reference with another acceleration than the reference's it might not stay there.
  const bool may_stay = tracked_ || now.samples < 2 ||
                        std::abs(direct.ddq_rad_s2 - now.state.ddq_rad_s2) <= 0.5 * limits_.jerk_rad_s3 * dt_s;
  if (may_stay && can_go_to(direct, dt_s)) {
    arrive(direct, dt_s);
    tracked_ = true;
  } else if (now.samples < 2 || !merge(now, dt_s)) {
    chase(now.state, dt_s);
  }
  stale_ = true;  // a step() goes on from here with the reference as its target
  target_ = {.q_rad = q_rad, .dq_rad_s = dq_rad_s};
  target_age_s_ = 0.0;
  reference_ = now;
  return state_;
}

AxisMotion::Reference AxisMotion::sampled(double q_rad, double dq_rad_s, double dt_s) const noexcept {
  Reference now{.state = {.q_rad = q_rad, .dq_rad_s = dq_rad_s}, .samples = 1};
  const AxisState& before = reference_.state;
  const double ddq = (dq_rad_s - before.dq_rad_s) / dt_s;
  const bool goes_on =
      reference_.samples > 0 && is_derivative(before, now.state, dt_s, limits_.jerk_rad_s3) &&
      std::abs(ddq) <= limits_.acceleration_rad_s2 * kSlack &&
      (reference_.samples == 1 || std::abs(ddq - before.ddq_rad_s2) <= limits_.jerk_rad_s3 * dt_s * kSlack);
  if (goes_on) {
    now.state.ddq_rad_s2 = ddq;
    now.samples = std::min(reference_.samples + 1, 3);
  }
  return now;
}

bool AxisMotion::can_go_to(const AxisState& next, double dt_s) const noexcept {
  const double mean_acceleration = (next.dq_rad_s - state_.dq_rad_s) / dt_s;
  if (!is_inside(next, limits_) || std::abs(mean_acceleration) > limits_.acceleration_rad_s2 * kSlack ||
      std::abs(next.ddq_rad_s2 - state_.ddq_rad_s2) > limits_.jerk_rad_s3 * dt_s * kSlack ||
      !is_derivative(state_, next, dt_s, limits_.jerk_rad_s3)) {
    return false;
  }
  return can_be_seen(next, dt_s) && can_stop_inside(next);
}

/// The limits by differences of the positions, which are all that an arm may look at: of this step, and of the next two
/// with any jerk, should the reference be left then.
bool AxisMotion::can_be_seen(const AxisState& next, double dt_s) const noexcept {
  const double rate = 1.0 / dt_s;
  const double velocity = (next.q_rad - state_.q_rad) * rate;
  const double acceleration = (velocity - differences_.dq_rad_s) * rate;
  const double change = acceleration - differences_.ddq_rad_s2;
  const double rounding = 8.0 * rounding_rad(next.q_rad) * rate * rate;
  const double most_change = limits_.jerk_rad_s3 * dt_s;
  const double most = limits_.acceleration_rad_s2;
  const bool now = velocity <= limits_.velocity_max_rad_s * kSlack && velocity >= limits_.velocity_min_rad_s * kSlack &&
                   (dt_s != last_dt_s_ || (std::abs(acceleration) <= most * kSlack + rounding &&
                                           std::abs(change) <= most_change * kSlack + rounding));
  // Without jerk; jerk adds up to a sixth of its change to that of the next step, less where it reaches the limit.
  const double coming = (next.dq_rad_s - velocity) * rate + 0.5 * next.ddq_rad_s2;
  const double rise = std::min(most_change / 6.0, 0.5 * std::max(0.0, most - next.ddq_rad_s2));
  const double fall = std::min(most_change / 6.0, 0.5 * std::max(0.0, most + next.ddq_rad_s2));
  return now && coming + rise <= most * kSlack + rounding && coming - fall >= -most * kSlack - rounding &&
         std::abs(coming - acceleration) <= most_change * (5.0 / 6.0) + rounding &&
         std::abs(coming - next.ddq_rad_s2) <= most_change / 6.0 * kSlack + rounding;
}

bool AxisMotion::can_stop_inside(const AxisState& state) const noexcept {
  // Speed never exceeds s; the acceleration runs out within |a|/J, and a stop from s takes at most s/A + A/J.
  const double a = std::abs(state.ddq_rad_s2);
  const double s = std::abs(state.dq_rad_s) + a * a / (2.0 * limits_.jerk_rad_s3);
  const double reach = s * (a / limits_.jerk_rad_s3 + 0.5 * (s / limits_.acceleration_rad_s2 +
                                                             limits_.acceleration_rad_s2 / limits_.jerk_rad_s3));
  return (state.q_rad - reach >= lowest_rad_ && state.q_rad + reach <= highest_rad_) ||
         stays_inside(Profile::fastest_stop(state, limits_));
}

bool AxisMotion::merge(const Reference& now, double dt_s) noexcept {
  const AxisState& to = now.state;
  AxisState before = reference_.state;
  if (reference_.samples < 2) {
    before.ddq_rad_s2 = to.ddq_rad_s2;
  }
  const AxisState error{.q_rad = state_.q_rad - before.q_rad,
                        .dq_rad_s = state_.dq_rad_s - before.dq_rad_s,
                        .ddq_rad_s2 = state_.ddq_rad_s2 - before.ddq_rad_s2};
  const double jerk = std::abs(to.ddq_rad_s2 - before.ddq_rad_s2) / dt_s;
  const auto left = [](double budget, double limit, double used) {
    return std::min(budget, std::max(kMergingShare * (limit - used), kLeastShare * limit));
  };
  const AxisBounds bounds{
      .velocity_min_rad_s = -left(-budgets_.velocity_min_rad_s, -limits_.velocity_min_rad_s, -to.dq_rad_s),
      .velocity_max_rad_s = left(budgets_.velocity_max_rad_s, limits_.velocity_max_rad_s, to.dq_rad_s),
      .acceleration_rad_s2 = left(budgets_.acceleration_rad_s2, limits_.acceleration_rad_s2, std::abs(to.ddq_rad_s2)),
      .jerk_rad_s3 = left(budgets_.jerk_rad_s3, limits_.jerk_rad_s3, jerk)};
  const Profile ending = Profile::to_rest_at(error, 0.0, bounds);
  const AxisState rest = ending.at(dt_s);
  const AxisState next{.q_rad = to.q_rad + rest.q_rad,
                       .dq_rad_s = to.dq_rad_s + rest.dq_rad_s,
                       .ddq_rad_s2 = to.ddq_rad_s2 + rest.ddq_rad_s2};
  if (!can_go_to(next, dt_s)) {
    return false;
  }
  arrive(next, dt_s);
  tracked_ = dt_s >= ending.duration_s();
  return true;
}

void AxisMotion::chase(const AxisState& reference, double dt_s) noexcept {
  const double dq = std::clamp(reference.dq_rad_s, kFollowedShare * limits_.velocity_min_rad_s,
                               kFollowedShare * limits_.velocity_max_rad_s);
  AxisBounds bounds = budgets_;  // beyond the reference's velocity; 0 is inside, to end at the end of the range
  bounds.velocity_min_rad_s = std::max(limits_.velocity_min_rad_s, std::min(dq, 0.0) + budgets_.velocity_min_rad_s);
  bounds.velocity_max_rad_s = std::min(limits_.velocity_max_rad_s, std::max(dq, 0.0) + budgets_.velocity_max_rad_s);
  follow(planned(reference.q_rad - dq * dt_s, dq, bounds));
  elapsed_s_ = dt_s;
  arrive(profile_.at(dt_s), dt_s);
}

}  // namespace takt::control
