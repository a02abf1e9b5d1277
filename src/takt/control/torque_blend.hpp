#pragma once

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// Makes a switch bumpless: when another law, or another model, takes over, the difference between the last torque and
/// its first one is added, and fades as 1 − (3 s² − 2 s³) over the switch time. So the torque is unchanged in the
/// switching cycle, and in each of the next ones differs from the new law's by at most 1.5 · period / switch time of that
/// difference more. Real-time safe.
class TorqueBlend {
 public:
  TorqueBlend(std::size_t dof, core::Nanoseconds period_ns, double switch_time_s);

  /// Begins at no torque, nothing to fade.
  void restart() noexcept;

  /// The next torque comes from something else.
  void begin() noexcept { begins_ = true; }

  /// Adds what is left of the difference. Call once per cycle. @pre finite, one number per joint.
  void apply(core::JointVector& tau_nm) noexcept;

  /// The torque of this cycle as it was limited: what the next switch starts from.
  void sent(const core::JointVector& tau_nm) noexcept { last_nm_ = tau_nm; }

 private:
  core::JointVector last_nm_;
  core::JointVector offset_nm_;
  double step_;
  double passed_{1.0};  ///< of the switch time
  bool begins_{false};
};

}  // namespace takt::control
