#include "takt/control/motion/axis_motion.hpp"

#include <algorithm>
#include <cmath>

namespace takt::control {
namespace {

constexpr double kRounding_rad = 1e-12;
constexpr double kBudgetSlack = 1e-8;    // what rounding makes of a state at its budgets
constexpr double kFollowedShare = 0.99;  // of the velocity, for a target that is too fast: to meet it takes the rest

}  // namespace

bool is_inside(const AxisState& state, const AxisBounds& bounds) noexcept {
  const double a = state.ddq_rad_s2;
  const double coasted = state.dq_rad_s + a * std::abs(a) / (2.0 * bounds.jerk_rad_s3);
  const double slack = kBudgetSlack * (bounds.velocity_max_rad_s - bounds.velocity_min_rad_s);
  return std::abs(a) <= bounds.acceleration_rad_s2 * (1.0 + kBudgetSlack) &&
         std::max(state.dq_rad_s, coasted) <= bounds.velocity_max_rad_s + slack &&
         std::min(state.dq_rad_s, coasted) >= bounds.velocity_min_rad_s - slack;
}

void AxisMotion::reset(const AxisState& state) noexcept {
  state_ = state;
  differences_ = state;
  halt();
}

void AxisMotion::set_target(double q_rad, double dq_rad_s) noexcept {
  stale_ = stale_ || dq_rad_s != 0.0 || q_rad != target_.q_rad || target_.dq_rad_s != 0.0;
  target_ = {.q_rad = q_rad, .dq_rad_s = dq_rad_s};
  target_age_s_ = 0.0;
  tracked_ = false;
}

void AxisMotion::halt() noexcept {
  lower_limits();
  follow(Profile::fastest_stop(state_, limits_));
  entering_ = false;
  target_ = {.q_rad = profile_.end_rad()};
  target_age_s_ = 0.0;
}

void AxisMotion::set_budgets(const AxisBounds& budgets) noexcept {
  budgets_ = budgets;
  stale_ = true;
}

void AxisMotion::set_limits(const AxisBounds& limits) noexcept {
  limits_ = {.velocity_min_rad_s = std::min(limits_.velocity_min_rad_s, limits.velocity_min_rad_s),
             .velocity_max_rad_s = std::max(limits_.velocity_max_rad_s, limits.velocity_max_rad_s),
             .acceleration_rad_s2 = std::max(limits_.acceleration_rad_s2, limits.acceleration_rad_s2),
             .jerk_rad_s3 = std::max(limits_.jerk_rad_s3, limits.jerk_rad_s3)};
  lowering_ = true;
  set_budgets(limits);
}

/// Only where a new profile begins: one that was made with the old limits needs them to its end.
void AxisMotion::lower_limits() noexcept {
  if (lowering_ && is_inside(state_, budgets_)) {
    limits_ = budgets_;
    lowering_ = false;
  }
}

const AxisState& AxisMotion::step(double dt_s) noexcept {
  reference_.samples = 0;
  if (stale_ || (entering_ && is_inside(state_, budgets_))) {
    plan();
  }
  elapsed_s_ = std::min(elapsed_s_ + dt_s, profile_.duration_s());
  target_age_s_ += dt_s;
  arrive(profile_.at(elapsed_s_), dt_s);
  return state_;
}

double AxisMotion::target_rad() const noexcept {
  return target_.dq_rad_s == 0.0
             ? target_.q_rad
             : std::clamp(target_.q_rad + target_.dq_rad_s * target_age_s_, lowest_rad_, highest_rad_);
}

bool AxisMotion::on_reference() const noexcept {
  return tracked_ || (!stale_ && profile_.on_target(elapsed_s_));
}

void AxisMotion::plan() noexcept {
  const double followed = std::clamp(target_.dq_rad_s, kFollowedShare * budgets_.velocity_min_rad_s,
                                     kFollowedShare * budgets_.velocity_max_rad_s);
  const bool too_fast =
      target_.dq_rad_s >= budgets_.velocity_max_rad_s || target_.dq_rad_s <= budgets_.velocity_min_rad_s;
  if (too_fast) {
    target_ = {.q_rad = target_rad(), .dq_rad_s = followed};
    target_age_s_ = 0.0;
  }
  follow(planned(target_rad(), target_.dq_rad_s, budgets_));
}

/// From the state to what is at q now and moves on at dq, under bounds that the limits contain.
Profile AxisMotion::planned(double q_rad, double dq_rad_s, AxisBounds bounds) noexcept {
  lower_limits();
  const double nearest = std::clamp(q_rad, lowest_rad_, highest_rad_);
  const double dq = nearest == q_rad ? dq_rad_s : 0.0;
  const double last = dq > 0.0 ? highest_rad_ : lowest_rad_;
  entering_ = !is_inside(state_, bounds);
  if (entering_) {
    bounds.jerk_rad_s3 = limits_.jerk_rad_s3;
  }
  Profile profile = Profile::to_meet(state_, nearest, dq, bounds, last);
  if (!stays_inside(profile)) {
    entering_ = true;
    bounds.acceleration_rad_s2 = limits_.acceleration_rad_s2;
    bounds.jerk_rad_s3 = limits_.jerk_rad_s3;
    profile = Profile::to_meet(state_, nearest, dq, bounds, last);
  }
  return profile;
}

bool AxisMotion::stays_inside(const Profile& profile) const noexcept {
  const Profile::Extent extent = profile.extent();
  return extent.lowest_rad >= std::min(lowest_rad_, state_.q_rad) - kRounding_rad &&
         extent.highest_rad <= std::max(highest_rad_, state_.q_rad) + kRounding_rad;
}

void AxisMotion::follow(const Profile& profile) noexcept {
  profile_ = profile;
  elapsed_s_ = 0.0;
  stale_ = false;
  tracked_ = false;
}

void AxisMotion::arrive(const AxisState& state, double dt_s) noexcept {
  const double rate = 1.0 / dt_s;
  const double velocity = (state.q_rad - state_.q_rad) * rate;
  differences_.ddq_rad_s2 = (velocity - differences_.dq_rad_s) * rate;
  differences_.dq_rad_s = velocity;
  last_dt_s_ = dt_s;
  state_ = state;
}

}  // namespace takt::control
