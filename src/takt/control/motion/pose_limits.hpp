#pragma once

namespace takt::control {

/// What a pose may do: norms of the vectors in the base's frame B. The robot's own (a Franka's are far wider), or less.
/// Those of rotation hold where acceleration ≥ velocity²/2 and jerk ≥ 4·velocity·acceleration; a robot's do by far.
struct PoseLimits {
  double velocity_m_s{0.5};
  double acceleration_m_s2{2.0};
  double jerk_m_s3{50.0};
  double velocity_rad_s{1.0};
  double acceleration_rad_s2{4.0};
  double jerk_rad_s3{100.0};

  friend bool operator==(const PoseLimits&, const PoseLimits&) = default;
};

}  // namespace takt::control
