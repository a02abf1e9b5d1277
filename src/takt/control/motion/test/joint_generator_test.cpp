#include "takt/control/motion/joint_generator.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/motion/test/campaign.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

JointGenerator two_joints() {
  const std::vector limits{limits_of(2.0, 1.0, 5.0, 200.0), limits_of(1.0, 2.0, 10.0, 500.0)};
  return JointGenerator(limits);
}

TEST(JointGeneratorTest, ArrivesExactlyAndRests) {
  JointGenerator generator = two_joints();
  const core::JointVector target{0.123456789, -0.7};
  ASSERT_EQ(generator.set_target(target), Outcome::kOk);
  EXPECT_FALSE(generator.at_rest());
  for (int i = 0; i < 2000 && !generator.at_rest(); ++i) {
    generator.step(kPeriod_s);
  }
  ASSERT_TRUE(generator.at_rest());
  EXPECT_EQ(generator.setpoint().q_rad, target);
  EXPECT_EQ(generator.setpoint().dq_rad_s, core::JointVector::zero(2));
  EXPECT_EQ(generator.setpoint().ddq_rad_s2, core::JointVector::zero(2));
}

TEST(JointGeneratorTest, TakesAnyStep) {
  JointGenerator fine = two_joints();
  JointGenerator coarse = two_joints();
  ASSERT_EQ(fine.set_target({1.0, 0.5}), Outcome::kOk);
  ASSERT_EQ(coarse.set_target({1.0, 0.5}), Outcome::kOk);
  for (int i = 0; i < 300; ++i) {
    fine.step(1e-3);
  }
  coarse.step(0.1);
  coarse.step(0.2);
  EXPECT_LT(max_abs_difference(fine.setpoint().q_rad, coarse.setpoint().q_rad), 1e-12);
  const Setpoint before = coarse.setpoint();
  EXPECT_EQ(coarse.step(0.0).q_rad, before.q_rad);
  EXPECT_EQ(coarse.step(std::nan("")).q_rad, before.q_rad);
}

TEST(JointGeneratorTest, RefusesTargetsThatAreNotFiniteOutsideOrOfTheWrongSize) {
  JointGenerator generator = two_joints();
  EXPECT_EQ(generator.set_target({0.0}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0, std::nan("")}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0, std::numeric_limits<double>::infinity()}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.5, 1.1}), Outcome::kInvalid);
  EXPECT_EQ(generator.target_rad(), core::JointVector::zero(2));
  EXPECT_EQ(generator.set_target({2.0, 1.0}), Outcome::kOk);
}

TEST(JointGeneratorTest, RefusesLimitsItCannotPlanWith) {
  const auto make = [](const JointLimits& limits) { return JointGenerator(std::span(&limits, 1)); };
  EXPECT_THROW(make({}), LogicError);
  EXPECT_THROW(make(limits_of(1.0, 0.0, 1.0, 1.0)), LogicError);
  EXPECT_THROW(make(limits_of(1.0, 1.0, std::nan(""), 1.0)), LogicError);
  EXPECT_THROW(make(limits_of(-1.0, 1.0, 1.0, 1.0)), LogicError);
  EXPECT_THROW(JointGenerator(std::span<const JointLimits>()), LogicError);
}

TEST(JointGeneratorTest, HaltsOnTheFastestWayAndStaysThere) {
  JointGenerator generator = two_joints();
  generator.scale_budgets(0.5);
  ASSERT_EQ(generator.set_target({1.9, 0.9}), Outcome::kOk);
  for (int i = 0; i < 400; ++i) {
    generator.step(kPeriod_s);
  }
  const AxisState moving{.q_rad = generator.setpoint().q_rad[0],
                         .dq_rad_s = generator.setpoint().dq_rad_s[0],
                         .ddq_rad_s2 = generator.setpoint().ddq_rad_s2[0]};
  ASSERT_GT(moving.dq_rad_s, 0.4);
  const Profile stop = Profile::fastest_stop(
      moving,
      {.velocity_min_rad_s = -1.0, .velocity_max_rad_s = 1.0, .acceleration_rad_s2 = 5.0, .jerk_rad_s3 = 200.0});
  generator.halt();
  generator.step(stop.duration_s() / 2.0);
  EXPECT_NEAR(generator.setpoint().q_rad[0], stop.at(stop.duration_s() / 2.0).q_rad, 1e-12);
  generator.step(1.0);
  EXPECT_TRUE(generator.at_rest());
  EXPECT_EQ(generator.setpoint().q_rad, generator.target_rad());
  EXPECT_NEAR(generator.setpoint().q_rad[0], stop.end_rad(), 1e-12);
}

TEST(JointGeneratorTest, StartsFromAMovingState) {
  JointGenerator generator = two_joints();
  ASSERT_EQ(generator.reset({0.1, 0.2}, {0.5, -0.5}, {0.0, 1.0}), Outcome::kOk);
  EXPECT_EQ(generator.setpoint().dq_rad_s, (core::JointVector{0.5, -0.5}));
  ASSERT_EQ(generator.set_target({0.1, 0.2}), Outcome::kOk);
  generator.step(kPeriod_s);
  EXPECT_NEAR(generator.setpoint().q_rad[0], 0.1 + 0.5e-3, 1e-7);
  generator.step(5.0);
  EXPECT_EQ(generator.setpoint().q_rad, (core::JointVector{0.1, 0.2}));
  EXPECT_EQ(generator.reset({0.1, 0.2}, {0.5}, {0.0, 1.0}), Outcome::kInvalid);
  EXPECT_EQ(generator.reset({0.1, std::nan("")}), Outcome::kInvalid);
}

TEST(JointGeneratorTest, ReturnsFromOutsideItsRangeWithoutGoingFurtherOut) {
  JointGenerator generator = two_joints();
  ASSERT_EQ(generator.reset({2.2, 0.0}), Outcome::kOk);
  ASSERT_EQ(generator.set_target({1.5, 0.0}), Outcome::kOk);
  while (!generator.at_rest()) {
    generator.step(kPeriod_s);
    ASSERT_LE(generator.setpoint().q_rad[0], 2.2);
  }
  EXPECT_EQ(generator.setpoint().q_rad[0], 1.5);
}

TEST(JointGeneratorTest, StoppingForLoweredBudgetsDoesNotLeaveTheRange) {
  JointGenerator generator = two_joints();
  ASSERT_EQ(generator.set_target({2.0, 1.0}), Outcome::kOk);
  while (generator.setpoint().q_rad[0] < 1.85) {
    generator.step(kPeriod_s);
  }
  generator.scale_budgets(0.1);  // too weak to stop before 2.0 from here
  while (!generator.at_rest()) {
    generator.step(kPeriod_s);
    ASSERT_LE(generator.setpoint().q_rad[0], 2.0 + 1e-12);
  }
}

/// FR3 joint 2 as published: v_upper = min(2.62, max(0, −0.20 + √(5.17·(1.79180 − q)))).
TEST(JointGeneratorTest, KeepsAVelocityEnvelopeOnTheWayToTheEndOfTheRange) {
  JointLimits limits = limits_of(1.7918, 2.62, 10.0, 5000.0);
  limits.envelope_velocity_offset_rad_s = 0.20;
  limits.envelope_deceleration_rad_s2 = 5.17 / 2.0;
  for (const double fraction : {0.2, 0.5, 1.0}) {
    JointGenerator generator{std::span(&limits, 1)};
    generator.scale_budgets(fraction);
    EXPECT_GT(generator.highest_rad()[0], 1.5);
    for (const double target : {generator.highest_rad()[0], generator.lowest_rad()[0]}) {
      ASSERT_EQ(generator.set_target({target}), Outcome::kOk);
      while (!generator.at_rest()) {
        generator.step(kPeriod_s);
        const double q = generator.setpoint().q_rad[0];
        ASSERT_LE(generator.setpoint().dq_rad_s[0], limits.velocity_upper_rad_s(q)) << "at " << q;
        ASSERT_GE(generator.setpoint().dq_rad_s[0], limits.velocity_lower_rad_s(q)) << "at " << q;
      }
    }
  }
}

TEST(JointGeneratorTest, LoweredBudgetsDoNotLetThePresentAccelerationRunAway) {
  const JointLimits limits = limits_of(10.0, 2.0, 10.0, 100.0);
  JointGenerator generator{std::span(&limits, 1)};
  ASSERT_EQ(generator.reset({0.0}, {1.0}, {10.0}), Outcome::kOk);
  ASSERT_EQ(generator.set_target({9.0}), Outcome::kOk);
  generator.scale_budgets(0.1);
  double fastest = 0.0;
  while (!generator.at_rest()) {
    generator.step(kPeriod_s);
    fastest = std::max(fastest, generator.setpoint().dq_rad_s[0]);
  }
  EXPECT_NEAR(fastest, 1.5, 1e-3) << "the full jerk ends 10 rad/s² after 0.5 rad/s";
  EXPECT_EQ(generator.setpoint().q_rad[0], 9.0);
}

TEST(JointGeneratorTest, AllItDoesInACycleAllocatesNothing) {
  JointGenerator generator = two_joints();
  const core::JointVector a{0.5, 0.5};
  const core::JointVector b{-0.5, -0.5};
  const testing::AllocationGuard guard;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(generator.set_target(i % 20 < 10 ? a : b), Outcome::kOk);
    generator.step(kPeriod_s);
  }
  generator.scale_budgets(0.5);
  generator.halt();
  generator.step(kPeriod_s);
  ASSERT_EQ(generator.reset(a), Outcome::kOk);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
