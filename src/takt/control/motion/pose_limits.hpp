#pragma once

namespace takt::control {

/// What a pose may do: norms of the vectors in the base's frame B. The robot's own (a Franka's are far wider), or less.
/// Those of rotation hold where acceleration ≥ velocity·max(w, velocity/2), w that of a turning target, and jerk ≥
/// 4·velocity·acceleration; a robot's do by far.
struct PoseLimits {
  double velocity_m_s{0.5};
  double acceleration_m_s2{2.0};
  double jerk_m_s3{50.0};
  double velocity_rad_s{1.0};
  double acceleration_rad_s2{4.0};
  double jerk_rad_s3{100.0};

  /// All of them times `fraction`.
  [[nodiscard]] constexpr PoseLimits scaled(double fraction) const noexcept {
    return {.velocity_m_s = velocity_m_s * fraction,
            .acceleration_m_s2 = acceleration_m_s2 * fraction,
            .jerk_m_s3 = jerk_m_s3 * fraction,
            .velocity_rad_s = velocity_rad_s * fraction,
            .acceleration_rad_s2 = acceleration_rad_s2 * fraction,
            .jerk_rad_s3 = jerk_rad_s3 * fraction};
  }

  friend bool operator==(const PoseLimits&, const PoseLimits&) = default;
};

}  // namespace takt::control
