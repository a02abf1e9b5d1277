#include "takt/teleop/command_guard.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

/// Differences of doubles near a limit are off by some ulps; a motion exactly at the limit is inside.
constexpr double kSlack = 1.0 + 1e-9;

double clamp_to(double value, double bound) noexcept {
  return std::clamp(value, -bound, bound);
}

/// The largest velocity for one more step of dt after which a constant deceleration still stops within `distance`:
/// v·dt + v²/(2a) = distance.
double braking_velocity(double distance, double deceleration, double dt_s) noexcept {
  return deceleration * (std::sqrt(dt_s * dt_s + 2.0 * std::max(0.0, distance) / deceleration) - dt_s);
}

}  // namespace

CommandGuard::CommandGuard(CommandGuardOptions options) : options_(std::move(options)) {
  if (options_.limits.empty() || options_.limits.size() > core::kMaxJoints) {
    throw LogicError("CommandGuard: limits for " + std::to_string(options_.limits.size()) + " joints, want 1 to " +
                     std::to_string(core::kMaxJoints));
  }
  const auto zero = core::JointVector::zero(options_.limits.size());
  reset(zero, zero, 0);
}

void CommandGuard::reset(const core::JointVector& position_rad, const core::JointVector& velocity_rad_s,
                         core::Nanoseconds stamp_ns) noexcept {
  sent_rad_ = position_rad;
  wanted_rad_ = position_rad;
  sent_velocity_rad_s_ = velocity_rad_s;
  stamp_ns_ = stamp_ns;
}

Verdict CommandGuard::check(core::JointVector& position_rad, core::Nanoseconds stamp_ns,
                            GuardCounters& counters) noexcept {
  const double dt_s = std::max(core::to_seconds(stamp_ns - stamp_ns_), std::max(options_.min_step_s, 1e-6));
  core::JointVector allowed = position_rad;
  Hits hits;
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    allowed[i] = bounded(i, position_rad[i], dt_s, hits);
  }
  counters.count(Guard::kPosition, hits.position ? 1 : 0);
  counters.count(Guard::kVelocity, hits.velocity ? 1 : 0);
  counters.count(Guard::kAcceleration, hits.acceleration ? 1 : 0);
  if (rejects(hits)) {
    return Verdict::kRejected;
  }
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    sent_velocity_rad_s_[i] = (allowed[i] - sent_rad_[i]) / dt_s;
  }
  wanted_rad_ = position_rad;
  stamp_ns_ = stamp_ns;
  sent_rad_ = allowed;
  position_rad = allowed;
  return hits.position || hits.velocity || hits.acceleration ? Verdict::kClamped : Verdict::kPassed;
}

bool CommandGuard::rejects(const Hits& hits) const noexcept {
  const auto refused = [](bool hit, LimitPolicy policy) { return hit && policy == LimitPolicy::kReject; };
  return refused(hits.position, options_.position) || refused(hits.velocity, options_.velocity) ||
         refused(hits.acceleration, options_.acceleration);
}

double CommandGuard::bounded(std::size_t joint, double wanted_rad, double dt_s, Hits& hits) const noexcept {
  const control::JointLimits& limits = options_.limits[joint];
  double inside = wanted_rad;
  if (options_.position != LimitPolicy::kOff) {
    inside = std::clamp(wanted_rad, limits.position_min_rad, limits.position_max_rad);
    hits.position |= inside != wanted_rad;
  }
  double step_end = sent_rad_[joint] + limited_velocity(joint, inside, dt_s, hits) * dt_s;
  if (options_.position != LimitPolicy::kOff) {
    step_end = std::clamp(step_end, limits.position_min_rad, limits.position_max_rad);
  }
  // The exact wanted value when nothing bound, so that passing changes no bit.
  return std::abs(step_end - inside) <= 1e-12 ? inside : step_end;
}

double CommandGuard::limited_velocity(std::size_t joint, double wanted_rad, double dt_s, Hits& hits) const noexcept {
  const control::JointLimits& limits = options_.limits[joint];
  const double direct = (wanted_rad - sent_rad_[joint]) / dt_s;
  double velocity = direct;
  if (options_.acceleration != LimitPolicy::kOff) {
    const double last = sent_velocity_rad_s_[joint];
    const double most = limits.acceleration_rad_s2 * dt_s;
    hits.acceleration |= std::abs(direct - last) > most * kSlack;
    velocity = last + clamp_to(closing_velocity(joint, wanted_rad, dt_s) - last, most);
    velocity = std::clamp(
        velocity, -braking_velocity(sent_rad_[joint] - limits.position_min_rad, limits.acceleration_rad_s2, dt_s),
        braking_velocity(limits.position_max_rad - sent_rad_[joint], limits.acceleration_rad_s2, dt_s));
  }
  if (options_.velocity != LimitPolicy::kOff) {
    const double upper = limits.velocity_upper_rad_s(sent_rad_[joint]);
    const double lower = limits.velocity_lower_rad_s(sent_rad_[joint]);
    hits.velocity |= direct > upper * kSlack || direct < lower * kSlack;
    velocity = std::clamp(velocity, lower, upper);
  }
  return velocity;
}

double CommandGuard::closing_velocity(std::size_t joint, double wanted_rad, double dt_s) const noexcept {
  const double wanted_velocity = (wanted_rad - wanted_rad_[joint]) / dt_s;
  const double gap = wanted_rad_[joint] - sent_rad_[joint];
  return wanted_velocity +
         std::copysign(braking_velocity(std::abs(gap), options_.limits[joint].acceleration_rad_s2, dt_s), gap);
}

}  // namespace takt::teleop
