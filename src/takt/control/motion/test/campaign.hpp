#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "takt/control/motion/limits.hpp"

namespace takt::control {

inline constexpr double kPeriod_s = 1e-3;

inline JointLimits limits_of(double range, double v, double a, double j) {
  return {.position_min_rad = -range,
          .position_max_rad = range,
          .velocity_rad_s = v,
          .acceleration_rad_s2 = a,
          .jerk_rad_s3 = j};
}

/// How many cases a campaign runs: `usual` times the number in TAKT_CAMPAIGN.
inline int campaign_size(int usual) {
  const char* factor = std::getenv("TAKT_CAMPAIGN");
  return static_cast<int>(usual * (factor == nullptr ? 1.0 : std::atof(factor)));
}

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }
  double log_uniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }

 private:
  std::mt19937_64 engine_;
};

/// Watches what comes out, as an arm would that differentiates: v, a and j by backward differences of the positions.
class Differences {
 public:
  void restart(double q) {
    q_ = q;
    v_ = 0.0;
    a_ = 0.0;
  }

  void expect_within(double q, const JointLimits& limits, double fraction) {
    constexpr double kSlack = 1.0 + 1e-6;
    const double v = (q - q_) / kPeriod_s;
    const double a = (v - v_) / kPeriod_s;
    const double j = (a - a_) / kPeriod_s;
    // Positions carry about 4e-16 of rounding; three differences make of it 8/dt³ times as much.
    constexpr double kRounding = 4e-16 * 8.0 / (kPeriod_s * kPeriod_s * kPeriod_s);
    ASSERT_LE(std::abs(v), limits.velocity_rad_s * fraction * kSlack);
    ASSERT_LE(std::abs(a), limits.acceleration_rad_s2 * fraction * kSlack);
    ASSERT_LE(std::abs(j), limits.jerk_rad_s3 * fraction * kSlack + kRounding * std::max(1.0, std::abs(q)));
    q_ = q;
    v_ = v;
    a_ = a;
  }

 private:
  double q_{0.0};
  double v_{0.0};
  double a_{0.0};
};

}  // namespace takt::control
