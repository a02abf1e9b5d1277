#include "takt/teleop/smoother.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

void smooth(double alpha, core::JointVector& average, core::JointVector& sample) noexcept {
  if (average.size() == sample.size() && alpha < 1.0) {
    average.eigen() += alpha * (sample.eigen() - average.eigen());
    sample = average;
  } else {
    average = sample;
  }
}

/// How much later `now` is [s], 0 when it is not. Stamps may be foreign: the difference must not overflow.
double seconds_after(core::Nanoseconds last_ns, core::Nanoseconds now_ns) noexcept {
  return now_ns <= last_ns
             ? 0.0
             : 1e-9 * static_cast<double>(static_cast<std::uint64_t>(now_ns) - static_cast<std::uint64_t>(last_ns));
}

}  // namespace

EmaSmoother::EmaSmoother(double tau_s) : tau_s_(tau_s) {
  if (!(tau_s >= 0.0) || !std::isfinite(tau_s)) {
    throw LogicError("EmaSmoother: tau_s must be finite and not negative, is " + std::to_string(tau_s));
  }
}

void EmaSmoother::apply(messages::RobotState& state) noexcept {
  if (!state.joint_positions.all_finite() || !state.joint_velocities.all_finite() ||
      !std::isfinite(state.gripper_position.value_or(0.0))) {
    return;
  }
  double alpha = 1.0;
  if (has_last_ && tau_s_ > 0.0) {
    alpha = -std::expm1(-seconds_after(last_stamp_ns_, state.stamp_ns) / tau_s_);
  }
  last_stamp_ns_ = has_last_ ? std::max(last_stamp_ns_, state.stamp_ns) : state.stamp_ns;
  has_last_ = true;
  smooth(alpha, positions_, state.joint_positions);
  smooth(alpha, velocities_, state.joint_velocities);
  if (state.gripper_position && gripper_) {
    state.gripper_position = *gripper_ + alpha * (*state.gripper_position - *gripper_);
  }
  gripper_ = state.gripper_position;
}

}  // namespace takt::teleop
