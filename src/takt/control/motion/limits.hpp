#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace takt::control {

/// What one joint may do. Symmetric where only one number is given. Infinity means "not limited".
struct JointLimits {
  double position_min_rad{-std::numeric_limits<double>::infinity()};
  double position_max_rad{std::numeric_limits<double>::infinity()};
  double velocity_rad_s{std::numeric_limits<double>::infinity()};
  double acceleration_rad_s2{std::numeric_limits<double>::infinity()};
  double jerk_rad_s3{std::numeric_limits<double>::infinity()};
  double torque_nm{std::numeric_limits<double>::infinity()};
  double torque_rate_nm_s{std::numeric_limits<double>::infinity()};

  /// The position-dependent velocity envelope of Franka's FR3 (libfranka, joint velocity limits computation):
  ///   v_upper(q) = min(v_max, max(0, −v_offset + √(2·a_dec·(q_max − q)))). No envelope while deceleration is 0.
  double envelope_velocity_offset_rad_s{0.0};
  double envelope_deceleration_rad_s2{0.0};

  /// Largest velocity towards position_max at q [rad/s], ≥ 0. Real-time safe.
  [[nodiscard]] double velocity_upper_rad_s(double q_rad) const noexcept { return envelope(position_max_rad - q_rad); }

  /// Smallest (most negative) velocity towards position_min at q [rad/s], ≤ 0. Real-time safe.
  [[nodiscard]] double velocity_lower_rad_s(double q_rad) const noexcept { return -envelope(q_rad - position_min_rad); }

 private:
  [[nodiscard]] double envelope(double distance_rad) const noexcept {
    if (envelope_deceleration_rad_s2 <= 0.0) {
      return velocity_rad_s;
    }
    const double braking = std::sqrt(std::max(0.0, 2.0 * envelope_deceleration_rad_s2 * distance_rad));
    return std::min(velocity_rad_s, std::max(0.0, braking - envelope_velocity_offset_rad_s));
  }
};

}  // namespace takt::control
