#include "takt/teleop/replay/speed_ramp.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace takt::teleop::replay {
namespace {

std::vector<control::JointLimits> limits() {
  control::JointLimits one;
  one.velocity_rad_s = 2.0;
  one.acceleration_rad_s2 = 10.0;
  one.jerk_rad_s3 = 500.0;
  return {one, one};
}

TEST(SpeedRampTest, GoesFromOneSpeedToTheOtherAndItsWayIsTheIntegral) {
  SpeedRamp ramp(1.0, -0.5, {0.8, 0.1}, limits(), 0.3);
  EXPECT_DOUBLE_EQ(ramp.speed(), 1.0);
  double way_s = 0.0;
  double expected_s = 0.0;
  const double dt_s = 1e-4;
  while (!ramp.done()) {
    const double before = ramp.speed();
    way_s += ramp.step(dt_s);
    expected_s += 0.5 * (before + ramp.speed()) * dt_s;
  }
  EXPECT_DOUBLE_EQ(ramp.speed(), -0.5);
  EXPECT_NEAR(way_s, expected_s, 2e-4);
  EXPECT_NEAR(ramp.step(0.1), -0.05, 1e-12) << "and goes on so";
}

TEST(SpeedRampTest, WhatItCostsTheJointsStaysBelowTheFraction) {
  for (const double rate : {0.01, 0.3, 1.9}) {
    SpeedRamp ramp(0.0, 1.0, {rate, 0.5 * rate}, limits(), 0.3);
    const double dt_s = 1e-4;
    double speed = 0.0;
    double change = 0.0;
    while (!ramp.done()) {
      static_cast<void>(ramp.step(dt_s));
      const double now = (ramp.speed() - speed) / dt_s;
      if (!ramp.done()) {
        EXPECT_LE(rate * now, 0.3 * 10.0 * 1.001);
        EXPECT_LE(rate * std::abs(now - change) / dt_s, 0.3 * 500.0 * 1.01);
      }
      change = now;
      speed = ramp.speed();
    }
  }
}

TEST(SpeedRampTest, FromASpeedToItselfIsDoneAtOnce) {
  SpeedRamp ramp(0.7, 0.7, {1.0, 1.0}, limits(), 0.3);
  EXPECT_TRUE(ramp.done());
  EXPECT_NEAR(ramp.step(0.01), 0.007, 1e-15);
}

TEST(SpeedRampTest, AStepAcrossItsEndIsSplitThere) {
  SpeedRamp ramp(0.0, 1.0, {0.01, 0.01}, limits(), 0.3);
  const double duration_s = ramp.duration_s();
  EXPECT_NEAR(ramp.step(duration_s + 1.0), 0.5 * duration_s + 1.0, 1e-9);
}

}  // namespace
}  // namespace takt::teleop::replay
