#include "takt/control/motion/axis_motion.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "takt/control/motion/test/campaign.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr AxisBounds kBounds{
    .velocity_min_rad_s = -1.0, .velocity_max_rad_s = 1.0, .acceleration_rad_s2 = 5.0, .jerk_rad_s3 = 200.0};

void step_for(AxisMotion& axis, double time_s) {
  for (int i = 0; i < static_cast<int>(time_s / kPeriod_s); ++i) {
    axis.step(kPeriod_s);
  }
}

TEST(AxisMotionTest, IsInsideBoundsThatCanBeKeptFromThereOn) {
  EXPECT_TRUE(is_inside({.dq_rad_s = 1.0}, kBounds));
  EXPECT_TRUE(is_inside({.dq_rad_s = 0.9, .ddq_rad_s2 = 5.0}, kBounds)) << "25/400 rad/s are still to come";
  EXPECT_FALSE(is_inside({.dq_rad_s = 0.95, .ddq_rad_s2 = 5.0}, kBounds));
  EXPECT_TRUE(is_inside({.dq_rad_s = 0.95, .ddq_rad_s2 = -5.0}, kBounds));
  EXPECT_FALSE(is_inside({.dq_rad_s = 0.0, .ddq_rad_s2 = 5.1}, kBounds));
  EXPECT_FALSE(is_inside({.dq_rad_s = -1.1}, kBounds));
}

TEST(AxisMotionTest, GoesToATargetAndKeepsItWithoutPlanningAgain) {
  AxisMotion axis(kBounds, -2.0, 2.0);
  EXPECT_TRUE(axis.at_rest());
  axis.set_target(0.5, 0.0);
  EXPECT_FALSE(axis.at_rest());
  step_for(axis, 1.5);
  EXPECT_TRUE(axis.at_rest());
  EXPECT_TRUE(axis.on_reference());
  axis.set_target(0.5, 0.0);
  EXPECT_TRUE(axis.at_rest());
  EXPECT_EQ(axis.state().q_rad, 0.5);
}

TEST(AxisMotionTest, BoundsThatAreNotAboutZeroSufficeForATargetThatMoves) {
  AxisMotion axis(kBounds, -kInfinity, kInfinity);
  AxisBounds narrow = kBounds;
  narrow.velocity_min_rad_s = 0.4;
  narrow.velocity_max_rad_s = 0.6;
  ASSERT_TRUE(axis.at_rest());
  axis.set_limits(narrow);
  axis.set_target(0.05, 0.5);
  step_for(axis, 3.0);
  EXPECT_TRUE(axis.on_reference());
  EXPECT_NEAR(axis.state().q_rad, 0.05 + 0.5 * 3.0, 1e-11);
}

TEST(AxisMotionTest, LowerLimitsEndTheMotionWithWhatItWasAllowedAndHoldThen) {
  AxisMotion axis(kBounds, -kInfinity, kInfinity);
  axis.set_target(50.0, 0.0);
  step_for(axis, 1.0);
  AxisBounds lower = kBounds;
  lower.velocity_min_rad_s = -0.1;
  lower.velocity_max_rad_s = 0.1;
  lower.acceleration_rad_s2 = 1.0;
  lower.jerk_rad_s3 = 2.0;
  axis.set_limits(lower);
  step_for(axis, 2.0);  // 0.9 s of braking at 1 rad/s²
  EXPECT_NEAR(axis.state().dq_rad_s, 0.1, 1e-9);
  EXPECT_EQ(axis.limits().jerk_rad_s3, 2.0);
  axis.halt();
  step_for(axis, 0.1);
  EXPECT_GT(axis.state().dq_rad_s, 0.085) << "0.01 rad/s less at 2 rad/s³";
}

TEST(AxisMotionTest, AllocatesNothing) {
  AxisMotion axis(kBounds, -2.0, 2.0);
  const testing::AllocationGuard guard;
  axis.set_target(1.0, 0.1);
  axis.step(kPeriod_s);
  axis.set_limits(kBounds);
  axis.track(0.1, 0.0, kPeriod_s);
  axis.halt();
  axis.step(kPeriod_s);
  axis.reset({});
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
