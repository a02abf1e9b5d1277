#pragma once

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// Makes a switch bumpless. In the switching cycle both laws (or the law with both models) are asked about the same
/// state; their difference is added to what the new one says from then on, and fades with the time constant
/// switch time / 3. So the torque of the switching cycle is what the old law wants, and afterwards each cycle adds at
/// most 3 · period / switch time of the difference to what the new law does by itself. Switches add up: however often
/// the law is given anew, its feedback is never held up. Real-time safe.
class TorqueBlend {
 public:
  TorqueBlend(std::size_t dof, core::Nanoseconds period_ns, double switch_time_s);

  /// Nothing to fade.
  void clear() noexcept;

  /// From this cycle on `next` is said instead of `before`. @pre finite, one number per joint each.
  void begin(const core::JointVector& before_nm, const core::JointVector& next_nm) noexcept;

  /// Adds what is left of the differences. Call once per cycle, after begin(). @pre finite, one number per joint.
  void apply(core::JointVector& tau_nm) noexcept;

 private:
  core::JointVector offset_nm_;
  double kept_;  ///< of the offset, from one cycle to the next
};

}  // namespace takt::control
