#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "takt/control/motion/limits.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

inline control::JointLimits limits_of(double range, double v, double a, double j) {
  control::JointLimits limits;
  limits.position_min_rad = -range;
  limits.position_max_rad = range;
  limits.velocity_rad_s = v;
  limits.acceleration_rad_s2 = a;
  limits.jerk_rad_s3 = j;
  return limits;
}

/// Of the first three joints of a Franka FR3 (its data sheet; the envelope is that of libfranka).
inline std::vector<control::JointLimits> envelope_limits() {
  std::vector<control::JointLimits> limits(3, limits_of(0, 2.62, 10.0, 5000.0));
  const double ranges[3][4] = {
      {-2.9007, 2.9007, 0.6599, 6.0}, {-1.8361, 1.8361, 0.2517, 2.585}, {-2.9007, 2.9007, 0.2, 3.5}};
  for (std::size_t i = 0; i < 3; ++i) {
    limits[i].position_min_rad = ranges[i][0];
    limits[i].position_max_rad = ranges[i][1];
    limits[i].envelope_velocity_offset_rad_s = ranges[i][2];
    limits[i].envelope_deceleration_rad_s2 = ranges[i][3];
  }
  return limits;
}

inline TrajectoryInfo info_of(std::size_t joints, std::string name = "a") {
  TrajectoryInfo info{.name = std::move(name)};
  for (std::size_t i = 0; i < joints; ++i) {
    info.joint_names.push_back("j" + std::to_string(i + 1));
  }
  return info;
}

/// q(t) of all joints alike but for an offset of 0.1 rad from one to the next, every `period_s` for `duration_s`.
inline Trajectory sampled(const std::function<double(double)>& q, double duration_s, double period_s,
                          std::size_t joints = 1, std::string name = "a") {
  Trajectory trajectory(info_of(joints, std::move(name)));
  const auto frames = static_cast<std::size_t>(std::llround(duration_s / period_s));
  for (std::size_t k = 0; k <= frames; ++k) {
    const double t = static_cast<double>(k) * period_s;
    Frame frame{.t_ns = core::from_seconds(t), .q_rad = core::JointVector::zero(joints)};
    for (std::size_t i = 0; i < joints; ++i) {
      frame.q_rad[i] = q(t) + 0.1 * static_cast<double>(i);
    }
    trajectory.append(frame);
  }
  return trajectory;
}

/// How many cases a campaign runs: `usual` times the number in TAKT_CAMPAIGN; a fifth under a sanitizer, which has less
/// to say of numbers and takes longer.
inline int campaign_size(int usual) {
  const char* factor = std::getenv("TAKT_CAMPAIGN");
  return static_cast<int>(usual * (factor == nullptr ? 1.0 : std::atof(factor)) * (TAKT_SANITIZED ? 0.2 : 1.0));
}

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }
  double log_uniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }
  bool chance(double share) { return uniform(0.0, 1.0) < share; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace takt::trajectory
