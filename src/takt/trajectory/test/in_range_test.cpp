#include "takt/trajectory/internal/in_range.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/trajectory/check.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

using internal::keep_in_range;

std::vector<control::JointLimits> range(double lowest, double highest) {
  return {{.position_min_rad = lowest,
           .position_max_rad = highest,
           .velocity_rad_s = 20.0,
           .acceleration_rad_s2 = 200.0,
           .jerk_rad_s3 = 1e6}};
}

/// From fully open to closed in 0.4 s with the least jerk (Flash, Hogan 1985), held, and open again.
double jaw(double t_s) {
  const double s = std::clamp(t_s < 1.0 ? (t_s - 0.2) / 0.4 : (1.8 - t_s) / 0.4, 0.0, 1.0);
  return 1.0 - s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
}

double lowest_of(const Curve& curve) {
  double lowest = curve.q_rad.front();
  for (std::size_t i = 0; i + 1 < curve.t_ns.size(); ++i) {
    const double h = core::to_seconds(curve.t_ns[i + 1] - curve.t_ns[i]);
    const double b = h * curve.dq_rad_s[i];
    const double c = 3.0 * (curve.q_rad[i + 1] - curve.q_rad[i]) - 2.0 * b - h * curve.dq_rad_s[i + 1];
    const double d = b + h * curve.dq_rad_s[i + 1] - 2.0 * (curve.q_rad[i + 1] - curve.q_rad[i]);
    for (int k = 0; k <= 100; ++k) {
      const double s = 0.01 * k;
      lowest = std::min(lowest, curve.q_rad[i] + s * (b + s * (c + s * d)));
    }
  }
  return lowest;
}

TEST(InRangeTest, AJawThatClosesAndOpensFullyStaysInItsRange) {
  for (const double rate_hz : {30.0, 59.0, 200.0}) {
    const Trajectory grasp = sampled(jaw, 2.0, 1.0 / rate_hz, 1, "grasp");
    Curve curve = curve_of(grasp);
    ASSERT_LT(lowest_of(curve), -1e-9) << "or there were nothing to do";
    const std::vector<double> before = curve.dq_rad_s;
    keep_in_range(curve, range(0.0, 1.0));
    EXPECT_GE(lowest_of(curve), -1e-10) << rate_hz;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const bool near = std::min(curve.q_rad[i], 1.0 - curve.q_rad[i]) < 0.05;
      EXPECT_TRUE(near || curve.dq_rad_s[i] == before[i]) << "only where it is at an end";
      EXPECT_LE(std::abs(curve.dq_rad_s[i]), std::abs(before[i]));
      kept += near ? 0 : 1;
    }
    EXPECT_GT(kept, before.size() / 8);
    const CheckReport report = check(grasp, range(0.0, 1.0), {.jerk = false});
    EXPECT_TRUE(report.passed()) << report.text();
  }
}

TEST(InRangeTest, WhatStaysInsideAndWhatHasNoRangeIsNotTouched) {
  const Trajectory wave = sampled([](double t) { return std::sin(3.0 * t); }, 2.0, 0.02, 1, "wave");
  Curve curve = curve_of(wave);
  const Curve before = curve;
  keep_in_range(curve, range(-1.001, 1.001));
  EXPECT_EQ(curve, before);
  keep_in_range(curve, range(-std::numeric_limits<double>::infinity(), 1.001));
  EXPECT_EQ(curve, before);
}

TEST(InRangeTest, FramesThatAreOutsideStayOutsideAndAreRefused) {
  const Trajectory wave = sampled([](double t) { return std::sin(3.0 * t); }, 2.0, 0.02, 1, "wave");
  const CheckReport report = check(wave, range(-0.9, 0.9), {.jerk = false});
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.violations.front().what, Quantity::kPosition);
}

TEST(InRangeTest, WhatBeginsInMotionAtAnEndBeginsAtRest) {
  Curve curve = curve_of(sampled([](double t) { return 0.5 * t; }, 1.0, 0.02, 1, "leaves its end"));
  ASSERT_NEAR(curve.dq_rad_s.front(), 0.5, 1e-9);
  keep_in_range(curve, range(0.0, 3.0));
  EXPECT_EQ(curve.dq_rad_s.front(), 0.0);
  EXPECT_NEAR(curve.dq_rad_s[1], 0.5, 1e-9);
}

TEST(InRangeTest, OneFrameAndNoneAreLeftAlone) {
  Curve none{.joints = 1};
  keep_in_range(none, range(0.0, 1.0));
  Curve one{.joints = 1, .t_ns = {0}, .q_rad = {0.0}, .dq_rad_s = {0.0}};
  keep_in_range(one, range(0.0, 1.0));
  EXPECT_EQ(one.dq_rad_s.front(), 0.0);
}

}  // namespace
}  // namespace takt::trajectory
