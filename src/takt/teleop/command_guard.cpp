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
constexpr double kRounding_rad = 1e-12;

bool beyond(double value, double bound, double dt_s) noexcept {
  return value > bound * kSlack + kRounding_rad / dt_s;
}

double clamp_to(double value, double bound) noexcept {
  return std::clamp(value, -bound, bound);
}

/// The largest velocity for one more step of dt after which a constant deceleration still stops within `distance`:
/// v·dt + v²/(2a) = distance, solved in the form that also bears an infinite a.
double braking_velocity(double distance, double deceleration, double dt_s) noexcept {
  if (!(distance > 0.0)) {
    return 0.0;
  }
  return std::isinf(distance) ? distance
                              : 2.0 * distance / (dt_s + std::sqrt(dt_s * dt_s + 2.0 * distance / deceleration));
}

/// The same for a joint with a velocity envelope, v ≤ −o + √(2A·d) at distance d, which decelerates by A·v/(v + o):
/// more than a above v* = a·o/(A − a). So up to v*, at d* = (v* + o)²/(2A), the envelope itself can be followed, and
/// from farther away the joint must come down to v* at d*:   v·dt + (v² − v*²)/(2a) = d − d*.
double envelope_braking_velocity(const control::JointLimits& limits, double distance, double dt_s) noexcept {
  const double a = limits.acceleration_rad_s2;
  const double envelope = limits.envelope_deceleration_rad_s2;
  const double offset = limits.envelope_velocity_offset_rad_s;
  if (envelope <= 0.0 || std::isinf(distance)) {
    return braking_velocity(distance, a, dt_s);
  }
  if (envelope > a) {
    const double v_star = a * offset / (envelope - a);
    const double d_star = (v_star + offset) * (v_star + offset) / (2.0 * envelope);
    if (distance - v_star * dt_s >= d_star) {
      return braking_velocity(distance - d_star + v_star * v_star / (2.0 * a), a, dt_s);
    }
  }
  // (v + o)² = 2A·(d − v·dt)
  const double room = 2.0 * envelope * distance - offset * offset;
  const double half = offset + envelope * dt_s;
  return room > 0.0 ? room / (half + std::sqrt(half * half + room)) : 0.0;
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
  sent_velocity_rad_s_ = velocity_rad_s;
  for (std::size_t i = 0; i < std::min(position_rad.size(), options_.limits.size()); ++i) {
    sent_rad_[i] = reachable(i, position_rad[i]);
    sent_velocity_rad_s_[i] = sent_rad_[i] == position_rad[i] ? velocity_rad_s[i] : 0.0;
  }
  wanted_rad_ = sent_rad_;
  stamp_ns_ = stamp_ns;
}

Verdict CommandGuard::check(core::JointVector& position_rad, core::Nanoseconds stamp_ns,
                            GuardCounters& counters) noexcept {
  const double dt_s = std::max(std::min(core::to_seconds(stamp_ns - stamp_ns_), options_.max_step_s),
                               std::max(options_.min_step_s, 1e-6));
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
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    wanted_rad_[i] = reachable(i, position_rad[i]);
  }
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

double CommandGuard::reachable(std::size_t joint, double wanted_rad) const noexcept {
  const control::JointLimits& limits = options_.limits[joint];
  return options_.position == LimitPolicy::kOff
             ? wanted_rad
             : std::clamp(wanted_rad, limits.position_min_rad, limits.position_max_rad);
}

double CommandGuard::bounded(std::size_t joint, double wanted_rad, double dt_s, Hits& hits) const noexcept {
  const double inside = reachable(joint, wanted_rad);
  hits.position |= inside != wanted_rad;
  const double step_end = reachable(joint, sent_rad_[joint] + limited_velocity(joint, inside, dt_s, hits) * dt_s);
  // The exact wanted value when nothing bound, so that passing changes no bit.
  return std::abs(step_end - inside) <= kRounding_rad ? inside : step_end;
}

double CommandGuard::limited_velocity(std::size_t joint, double wanted_rad, double dt_s, Hits& hits) const noexcept {
  const control::JointLimits& limits = options_.limits[joint];
  const double direct = (wanted_rad - sent_rad_[joint]) / dt_s;
  double velocity = direct;
  const double last = sent_velocity_rad_s_[joint];
  const double most = limits.acceleration_rad_s2 * dt_s;
  if (options_.acceleration != LimitPolicy::kOff) {
    hits.acceleration |= beyond(std::abs(direct - last), most, dt_s);
  }
  if (options_.acceleration == LimitPolicy::kClamp) {
    velocity = last + clamp_to(closing_velocity(joint, wanted_rad, dt_s) - last, most);
    hits.acceleration |= beyond(std::abs(velocity - direct), 0.0, dt_s);
    velocity = stoppable(joint, velocity, dt_s, hits);
  }
  if (options_.velocity != LimitPolicy::kOff) {
    const double upper = limits.velocity_upper_rad_s(sent_rad_[joint]);
    const double lower = limits.velocity_lower_rad_s(sent_rad_[joint]);
    hits.velocity |= beyond(direct, upper, dt_s) || beyond(-direct, -lower, dt_s);
    velocity = std::clamp(velocity, lower, upper);
  }
  return velocity;
}

double CommandGuard::stoppable(std::size_t joint, double velocity, double dt_s, Hits& hits) const noexcept {
  const control::JointLimits& limits = options_.limits[joint];
  const double above = limits.position_max_rad - sent_rad_[joint];
  const double below = sent_rad_[joint] - limits.position_min_rad;
  const auto bind = [&velocity, dt_s](double lower, double upper, bool& hit) {
    const double bounded = std::clamp(velocity, lower, upper);
    hit |= beyond(std::abs(velocity - bounded), 0.0, dt_s);
    velocity = bounded;
  };
  if (options_.position != LimitPolicy::kOff) {
    // The next step lasts at least min_step: what is slow enough to stop in it needs no distance.
    const double slow = limits.acceleration_rad_s2 * options_.min_step_s;
    const auto bound = [&](double distance) {
      const double direct = std::max(0.0, distance) / dt_s;
      return std::max(braking_velocity(distance, limits.acceleration_rad_s2, dt_s), std::min(slow, direct));
    };
    bind(-bound(below), bound(above), hits.position);
  }
  if (options_.velocity != LimitPolicy::kOff && limits.envelope_deceleration_rad_s2 > 0.0) {
    bind(-envelope_braking_velocity(limits, below, dt_s), envelope_braking_velocity(limits, above, dt_s),
         hits.velocity);
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
