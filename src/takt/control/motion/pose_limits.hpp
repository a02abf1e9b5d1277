#pragma once
namespace takt::control {
struct PoseLimits {
  double translation_velocity_m_s{0.3}, translation_acceleration_m_s2{1.0}, translation_jerk_m_s3{20.0};
  double rotation_velocity_rad_s{1.0}, rotation_acceleration_rad_s2{3.0}, rotation_jerk_rad_s3{60.0};
  [[nodiscard]] PoseLimits scaled(double f) const noexcept { return {translation_velocity_m_s*f,translation_acceleration_m_s2*f,translation_jerk_m_s3*f,rotation_velocity_rad_s*f,rotation_acceleration_rad_s2*f,rotation_jerk_rad_s3*f}; }
};
}  // namespace takt::control
