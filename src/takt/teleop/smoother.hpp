#pragma once

#include <optional>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"

namespace takt::teleop {

/// Exponential moving average with a time constant, so that it smooths alike at any rate, even or uneven:
///
///   y ← y + α·(x − y),   α = 1 − exp(−Δt/τ),   Δt between the stamps of this sample and the last.
///
/// It lags a steady motion by τ at high rates and answers a step by 1 − exp(−t/τ), whatever the rate. The first sample
/// passes. A repeated or older stamp counts as Δt = 0 and changes nothing; a gap of many τ lets the new sample pass.
///
/// One thread at a time. Real-time safe: no heap, no lock, no throw.
class EmaSmoother {
 public:
  /// @param tau_s  time constant [s]; 0 lets everything pass. @throws LogicError when negative or not finite.
  explicit EmaSmoother(double tau_s);

  /// Smooths positions, velocities and the gripper of `state` in place, by state.stamp_ns. Each begins anew when it
  /// appears or changes its size. A state with a number that is not finite is left as it is and forgotten: guards come
  /// first.
  void apply(messages::RobotState& state) noexcept;

  /// The next sample is a first one.
  void reset() noexcept { has_last_ = false; }

  [[nodiscard]] double tau_s() const noexcept { return tau_s_; }

 private:
  double tau_s_;
  bool has_last_{false};
  core::Nanoseconds last_stamp_ns_{0};
  core::JointVector positions_;
  core::JointVector velocities_;
  std::optional<double> gripper_;
};

}  // namespace takt::teleop
