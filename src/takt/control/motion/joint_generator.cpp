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

double clamped_fraction(double fraction) noexcept {
  return fraction > kSmallestFraction ? std::min(fraction, 1.0) : kSmallestFraction;  // NaN, too
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
    : target_rad_(core::JointVector::zero(limits.size())),
      lowest_rad_(target_rad_),
      highest_rad_(target_rad_),
      zero_(target_rad_) {
  if (limits.empty()) {
    throw LogicError("JointGenerator: no joints");
  }
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const JointLimits narrowed = within_envelope(limits[i]);
    check(narrowed, i);
    lowest_rad_[i] = narrowed.position_min_rad;
    highest_rad_[i] = narrowed.position_max_rad;
    axes_[i] = AxisMotion({.velocity_min_rad_s = -narrowed.velocity_rad_s,
                           .velocity_max_rad_s = narrowed.velocity_rad_s,
                           .acceleration_rad_s2 = narrowed.acceleration_rad_s2,
                           .jerk_rad_s3 = narrowed.jerk_rad_s3},
                          narrowed.position_min_rad, narrowed.position_max_rad);
  }
  setpoint_ = {.q_rad = target_rad_, .dq_rad_s = target_rad_, .ddq_rad_s2 = target_rad_};
}

Outcome JointGenerator::reset(const core::JointVector& q_rad) noexcept {
  return reset(q_rad, zero_, zero_);
}

Outcome JointGenerator::reset(const core::JointVector& q_rad, const core::JointVector& dq_rad_s,
                              const core::JointVector& ddq_rad_s2) noexcept {
  if (!is_valid(q_rad) || !is_valid(dq_rad_s) || !is_valid(ddq_rad_s2)) {
    return Outcome::kInvalid;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    axes_[i].reset({.q_rad = q_rad[i], .dq_rad_s = dq_rad_s[i], .ddq_rad_s2 = ddq_rad_s2[i]});
    target_rad_[i] = axes_[i].target_rad();
  }
  setpoint_ = {.q_rad = q_rad, .dq_rad_s = dq_rad_s, .ddq_rad_s2 = ddq_rad_s2};
  return Outcome::kOk;
}

Outcome JointGenerator::set_target(const core::JointVector& q_rad) noexcept {
  return set_target(q_rad, zero_);
}

Outcome JointGenerator::set_target(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) noexcept {
  if (!is_valid(q_rad) || !is_valid(dq_rad_s)) {
    return Outcome::kInvalid;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    if (q_rad[i] < lowest_rad_[i] || q_rad[i] > highest_rad_[i] ||
        std::abs(dq_rad_s[i]) >= axes_[i].budgets().velocity_max_rad_s) {
      return Outcome::kInvalid;
    }
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    axes_[i].set_target(q_rad[i], dq_rad_s[i]);
    target_rad_[i] = q_rad[i];
  }
  return Outcome::kOk;
}

void JointGenerator::halt() noexcept {
  for (std::size_t i = 0; i < dof(); ++i) {
    axes_[i].halt();
    target_rad_[i] = axes_[i].target_rad();
  }
}

void JointGenerator::scale_budgets(double fraction) noexcept {
  for (std::size_t i = 0; i < dof(); ++i) {
    scale_budgets(i, fraction, fraction, fraction);
  }
}

void JointGenerator::set_budgets(const core::JointVector& velocity, const core::JointVector& acceleration,
                                 const core::JointVector& jerk) noexcept {
  if (velocity.size() != dof() || acceleration.size() != dof() || jerk.size() != dof()) {
    return;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    scale_budgets(i, velocity[i], acceleration[i], jerk[i]);
  }
}

void JointGenerator::scale_budgets(std::size_t joint, double velocity, double acceleration, double jerk) noexcept {
  AxisBounds budgets = axes_[joint].limits();
  budgets.velocity_min_rad_s *= clamped_fraction(velocity);
  budgets.velocity_max_rad_s *= clamped_fraction(velocity);
  budgets.acceleration_rad_s2 *= clamped_fraction(acceleration);
  budgets.jerk_rad_s3 *= clamped_fraction(jerk);
  axes_[joint].set_budgets(budgets);
}

const Setpoint& JointGenerator::step(double dt_s) noexcept {
  if (!(dt_s > 0.0) || !std::isfinite(dt_s)) {
    return setpoint_;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    take(i, axes_[i].step(dt_s));
  }
  return setpoint_;
}

const Setpoint& JointGenerator::track(const core::JointVector& q_rad, const core::JointVector& dq_rad_s,
                                      double dt_s) noexcept {
  if (!is_valid(q_rad) || !is_valid(dq_rad_s) || !(dt_s > 0.0) || !std::isfinite(dt_s)) {
    return step(dt_s);
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    take(i, axes_[i].track(q_rad[i], dq_rad_s[i], dt_s));
  }
  return setpoint_;
}

bool JointGenerator::at_rest() const noexcept {
  return std::all_of(axes_.begin(), axes_.begin() + static_cast<std::ptrdiff_t>(dof()),
                     [](const AxisMotion& axis) { return axis.at_rest(); });
}

bool JointGenerator::on_reference() const noexcept {
  return std::all_of(axes_.begin(), axes_.begin() + static_cast<std::ptrdiff_t>(dof()),
                     [](const AxisMotion& axis) { return axis.on_reference(); });
}

bool JointGenerator::is_valid(const core::JointVector& values) const noexcept {
  return values.size() == dof() && values.all_finite();
}

void JointGenerator::take(std::size_t joint, const AxisState& state) noexcept {
  setpoint_.q_rad[joint] = state.q_rad;
  setpoint_.dq_rad_s[joint] = state.dq_rad_s;
  setpoint_.ddq_rad_s2[joint] = state.ddq_rad_s2;
  target_rad_[joint] = axes_[joint].target_rad();
}

}  // namespace takt::control
