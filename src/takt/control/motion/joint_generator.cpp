#include "takt/control/motion/joint_generator.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

constexpr double kSmallestFraction = 0.001;
constexpr double kEnvelopeShare = 0.8;  // of the envelope's deceleration; more costs range, less costs time
constexpr int kEnvelopeSamples = 200;
constexpr double kRounding_rad = 1e-12;
constexpr double kBudgetSlack = 1e-8;  // what rounding makes of a state at its budgets

void check(const JointLimits& limits, std::size_t joint) {
  const auto require = [joint](double value, const char* what) {
    if (!std::isfinite(value) || value <= 0.0) {
      throw LogicError("JointGenerator: joint " + std::to_string(joint + 1) + " needs a finite, positive " + what +
                       " limit, has " + std::to_string(value));
    }
  };
  require(limits.velocity_rad_s, "velocity");
  require(limits.acceleration_rad_s2, "acceleration");
  require(limits.jerk_rad_s3, "jerk");
  if (!(limits.position_min_rad < limits.position_max_rad)) {
    throw LogicError("JointGenerator: joint " + std::to_string(joint + 1) + " has an empty range, " +
                     std::to_string(limits.position_min_rad) + " … " + std::to_string(limits.position_max_rad) +
                     " rad (after its velocity envelope's margin, if it has one)");
  }
}

AxisBounds scaled(const AxisBounds& bounds, double fraction) noexcept {
  return {.velocity_min_rad_s = bounds.velocity_min_rad_s * fraction,
          .velocity_max_rad_s = bounds.velocity_max_rad_s * fraction,
          .acceleration_rad_s2 = bounds.acceleration_rad_s2 * fraction,
          .jerk_rad_s3 = bounds.jerk_rad_s3 * fraction};
}

/// True when the bounds can be kept from this state on: where its acceleration has run out at their jerk, the velocity
/// is v + a·|a| / (2J).
bool is_inside(const AxisState& state, const AxisBounds& bounds) noexcept {
  const double a = state.ddq_rad_s2;
  const double coasted = state.dq_rad_s + a * std::abs(a) / (2.0 * bounds.jerk_rad_s3);
  const double slack = kBudgetSlack * bounds.velocity_max_rad_s;
  return std::abs(a) <= bounds.acceleration_rad_s2 * (1.0 + kBudgetSlack) &&
         std::max(state.dq_rad_s, coasted) <= bounds.velocity_max_rad_s + slack &&
         std::min(state.dq_rad_s, coasted) >= bounds.velocity_min_rad_s - slack;
}

}  // namespace

double envelope_margin_rad(const JointLimits& limits) noexcept {
  if (limits.envelope_deceleration_rad_s2 <= 0.0) {
    return 0.0;
  }
  // Both terms grow with v, so the ends of an interval bound all that is inside it.
  const auto needed = [&limits](double v) {
    const double room = v + limits.envelope_velocity_offset_rad_s;
    return room * room / (2.0 * limits.envelope_deceleration_rad_s2);
  };
  double margin = needed(0.0);
  for (int i = 0; i < kEnvelopeSamples; ++i) {
    const double slower = limits.velocity_rad_s * i / kEnvelopeSamples;
    const double faster = limits.velocity_rad_s * (i + 1) / kEnvelopeSamples;
    margin =
        std::max(margin, needed(faster) - shortest_stop_rad(slower, limits.acceleration_rad_s2, limits.jerk_rad_s3));
  }
  return margin;
}

JointLimits within_envelope(const JointLimits& limits) noexcept {
  JointLimits narrowed = limits;
  if (limits.envelope_deceleration_rad_s2 > 0.0) {
    narrowed.acceleration_rad_s2 =
        std::min(limits.acceleration_rad_s2, kEnvelopeShare * limits.envelope_deceleration_rad_s2);
    const double margin = envelope_margin_rad(narrowed);
    narrowed.position_min_rad += margin;
    narrowed.position_max_rad -= margin;
  }
  return narrowed;
}

JointGenerator::JointGenerator(std::span<const JointLimits> limits)
    : target_rad_(core::JointVector::zero(limits.size())), lowest_rad_(target_rad_), highest_rad_(target_rad_) {
  if (limits.empty()) {
    throw LogicError("JointGenerator: no joints");
  }
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const JointLimits narrowed = within_envelope(limits[i]);
    check(narrowed, i);
    lowest_rad_[i] = narrowed.position_min_rad;
    highest_rad_[i] = narrowed.position_max_rad;
    axes_[i].limits = {.velocity_min_rad_s = -narrowed.velocity_rad_s,
                       .velocity_max_rad_s = narrowed.velocity_rad_s,
                       .acceleration_rad_s2 = narrowed.acceleration_rad_s2,
                       .jerk_rad_s3 = narrowed.jerk_rad_s3};
    axes_[i].budgets = axes_[i].limits;
  }
  setpoint_ = {.q_rad = target_rad_, .dq_rad_s = target_rad_, .ddq_rad_s2 = target_rad_};
}

Outcome JointGenerator::reset(const core::JointVector& q_rad) noexcept {
  if (q_rad.size() != dof() || !q_rad.all_finite()) {
    return Outcome::kInvalid;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    axes_[i].profile = Profile::rest(q_rad[i]);
    axes_[i].elapsed_s = 0.0;
    axes_[i].stale = false;
    axes_[i].entering = false;
    setpoint_.dq_rad_s[i] = 0.0;
    setpoint_.ddq_rad_s2[i] = 0.0;
  }
  setpoint_.q_rad = q_rad;
  target_rad_ = q_rad;
  return Outcome::kOk;
}

Outcome JointGenerator::reset(const core::JointVector& q_rad, const core::JointVector& dq_rad_s,
                              const core::JointVector& ddq_rad_s2) noexcept {
  if (dq_rad_s.size() != dof() || ddq_rad_s2.size() != dof() || !dq_rad_s.all_finite() || !ddq_rad_s2.all_finite() ||
      reset(q_rad) != Outcome::kOk) {
    return Outcome::kInvalid;
  }
  setpoint_.dq_rad_s = dq_rad_s;
  setpoint_.ddq_rad_s2 = ddq_rad_s2;
  halt();
  return Outcome::kOk;
}

Outcome JointGenerator::set_target(const core::JointVector& q_rad) noexcept {
  if (q_rad.size() != dof()) {
    return Outcome::kInvalid;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    if (!std::isfinite(q_rad[i]) || q_rad[i] < lowest_rad_[i] || q_rad[i] > highest_rad_[i]) {
      return Outcome::kInvalid;
    }
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    axes_[i].stale = axes_[i].stale || q_rad[i] != target_rad_[i];
    target_rad_[i] = q_rad[i];
  }
  return Outcome::kOk;
}

void JointGenerator::halt() noexcept {
  for (std::size_t i = 0; i < dof(); ++i) {
    Axis& axis = axes_[i];
    axis.profile = Profile::fastest_stop(state_of(i), axis.limits);
    axis.elapsed_s = 0.0;
    axis.stale = false;
    axis.entering = false;
    target_rad_[i] = axis.profile.end_rad();
  }
}

void JointGenerator::scale_budgets(double fraction) noexcept {
  const double clamped = fraction > kSmallestFraction ? std::min(fraction, 1.0) : kSmallestFraction;
  for (std::size_t i = 0; i < dof(); ++i) {
    axes_[i].budgets = scaled(axes_[i].limits, clamped);
    axes_[i].stale = true;
  }
}

const Setpoint& JointGenerator::step(double dt_s) noexcept {
  if (!(dt_s > 0.0) || !std::isfinite(dt_s)) {
    return setpoint_;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    Axis& axis = axes_[i];
    if (axis.stale || (axis.entering && is_inside(state_of(i), axis.budgets))) {
      plan(i);
    }
    axis.elapsed_s = std::min(axis.elapsed_s + dt_s, axis.profile.duration_s());
    const AxisState state = axis.profile.at(axis.elapsed_s);
    setpoint_.q_rad[i] = state.q_rad;
    setpoint_.dq_rad_s[i] = state.dq_rad_s;
    setpoint_.ddq_rad_s2[i] = state.ddq_rad_s2;
  }
  return setpoint_;
}

bool JointGenerator::at_rest() const noexcept {
  for (std::size_t i = 0; i < dof(); ++i) {
    if (axes_[i].stale || axes_[i].elapsed_s < axes_[i].profile.duration_s()) {
      return false;
    }
  }
  return true;
}

void JointGenerator::plan(std::size_t joint) noexcept {
  Axis& axis = axes_[joint];
  const AxisState start = state_of(joint);
  AxisBounds bounds = axis.budgets;
  axis.entering = !is_inside(start, bounds);
  if (axis.entering) {
    bounds.jerk_rad_s3 = axis.limits.jerk_rad_s3;
  }
  axis.profile = Profile::to_rest_at(start, target_rad_[joint], bounds);
  if (!stays_inside(axis.profile, joint)) {
    axis.entering = true;
    bounds.acceleration_rad_s2 = axis.limits.acceleration_rad_s2;
    bounds.jerk_rad_s3 = axis.limits.jerk_rad_s3;
    axis.profile = Profile::to_rest_at(start, target_rad_[joint], bounds);
  }
  axis.elapsed_s = 0.0;
  axis.stale = false;
}

AxisState JointGenerator::state_of(std::size_t joint) const noexcept {
  return {.q_rad = setpoint_.q_rad[joint],
          .dq_rad_s = setpoint_.dq_rad_s[joint],
          .ddq_rad_s2 = setpoint_.ddq_rad_s2[joint]};
}

bool JointGenerator::stays_inside(const Profile& profile, std::size_t joint) const noexcept {
  const Profile::Extent extent = profile.extent();
  const double start = setpoint_.q_rad[joint];
  return extent.lowest_rad >= std::min(lowest_rad_[joint], start) - kRounding_rad &&
         extent.highest_rad <= std::max(highest_rad_[joint], start) + kRounding_rad;
}

}  // namespace takt::control
