#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/motion/joint_generator.hpp"
#include "takt/control/motion/test/campaign.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

JointGenerator one_joint(double range = 2.0) {
  const JointLimits limits = limits_of(range, 2.0, 10.0, 5000.0);
  return JointGenerator(std::span(&limits, 1));
}

/// q(t) = 0.8·sin(1.5·t), the rate of its cosine.
struct Sine {
  double offset{0.0};
  [[nodiscard]] core::JointVector q(int cycle) const { return {offset + 0.8 * std::sin(1.5e-3 * cycle)}; }
  [[nodiscard]] core::JointVector dq(int cycle) const { return {1.2 * std::cos(1.5e-3 * cycle)}; }
};

TEST(MovingTargetTest, IsMetAndThenGoneAlongWithExactly) {
  JointGenerator generator = one_joint();
  ASSERT_EQ(generator.set_target({0.2}, {0.25}), Outcome::kOk);
  bool met = false;
  for (int i = 1; i <= 4000; ++i) {
    const Setpoint& setpoint = generator.step(kPeriod_s);
    met = met || generator.on_reference();
    if (met) {
      ASSERT_NEAR(setpoint.q_rad[0], 0.2 + 0.25e-3 * i, 1e-12) << "cycle " << i;
      ASSERT_EQ(setpoint.dq_rad_s[0], 0.25);
      ASSERT_EQ(setpoint.ddq_rad_s2[0], 0.0);
    }
    ASSERT_NEAR(generator.target_rad()[0], 0.2 + 0.25e-3 * i, 1e-12);
    ASSERT_FALSE(generator.at_rest());
  }
  EXPECT_TRUE(met);
}

TEST(MovingTargetTest, IsLeftForTheEndOfTheRangeInTimeToRestThere) {
  for (const double direction : {1.0, -1.0}) {
    JointGenerator generator = one_joint(1.0);
    ASSERT_EQ(generator.set_target({0.0}, {direction * 1.5}), Outcome::kOk);
    bool met = false;
    int cycles = 0;
    for (; cycles < 5000 && !generator.at_rest(); ++cycles) {
      ASSERT_LE(std::abs(generator.step(kPeriod_s).q_rad[0]), 1.0);
      met = met || generator.on_reference();
    }
    EXPECT_TRUE(met);
    EXPECT_LT(cycles, 900) << "it is there soon after the target, which takes 667 cycles";
    EXPECT_EQ(generator.setpoint().q_rad[0], direction);
    EXPECT_EQ(generator.setpoint().dq_rad_s[0], 0.0);
    EXPECT_EQ(generator.target_rad()[0], direction);
  }
}

TEST(MovingTargetTest, GoesOnForEverWhereThereIsNoEnd) {
  JointGenerator generator = one_joint(kInfinity);
  ASSERT_EQ(generator.set_target({1.0}, {-1.0}), Outcome::kOk);
  generator.step(5.0);
  EXPECT_TRUE(generator.on_reference());
  generator.step(995.0);
  EXPECT_NEAR(generator.setpoint().q_rad[0], -999.0, 1e-9);
}

TEST(MovingTargetTest, IsRefusedWhenItsVelocityIsNotBelowTheBudget) {
  JointGenerator generator = one_joint();
  EXPECT_EQ(generator.set_target({0.0}, {2.0}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0}, {std::nan("")}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0}, {0.1, 0.1}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({3.0}, {-0.1}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0}, {-1.9}), Outcome::kOk);
  generator.scale_budgets(0.5);
  EXPECT_EQ(generator.set_target({0.0}, {1.0}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0}, {0.9}), Outcome::kOk);
}

TEST(MovingTargetTest, SlowsDownToWhatLoweredBudgetsCanFollow) {
  JointGenerator generator = one_joint();
  ASSERT_EQ(generator.set_target({-1.0}, {1.0}), Outcome::kOk);
  generator.step(1.0);
  generator.set_budgets({0.1}, {1.0}, {1.0});
  for (int i = 0; i < 1000; ++i) {
    generator.step(kPeriod_s);
  }
  EXPECT_NEAR(generator.setpoint().dq_rad_s[0], 0.2, 0.0021);
}

TEST(MovingTargetTest, BudgetsHoldForEachJointOnItsOwn) {
  const std::vector limits{limits_of(9.0, 2.0, 10.0, 500.0), limits_of(9.0, 2.0, 10.0, 500.0)};
  JointGenerator generator(limits);
  generator.set_budgets({0.5, 0.25}, {1.0, 0.5}, {1.0, std::nan("")});
  generator.set_budgets({1.0}, {1.0}, {1.0});  // no joint's
  ASSERT_EQ(generator.set_target({8.0, 8.0}), Outcome::kOk);
  generator.step(0.5);
  EXPECT_NEAR(generator.setpoint().dq_rad_s[0], 1.0, 1e-12);
  EXPECT_LT(generator.setpoint().dq_rad_s[1], 0.1) << "at a thousandth of the jerk it is still accelerating";
}

TEST(TrackingTest, PutsTheSetpointOntoAFeasibleReferenceAtOnceAndKeepsItThere) {
  JointGenerator generator = one_joint();
  const Sine sine;
  ASSERT_EQ(generator.reset(sine.q(0), sine.dq(0), {0.0}), Outcome::kOk);
  for (int i = 1; i < 10'000; ++i) {
    const double before = generator.setpoint().dq_rad_s[0];
    const Setpoint& setpoint = generator.track(sine.q(i), sine.dq(i), kPeriod_s);
    ASSERT_TRUE(generator.on_reference()) << "cycle " << i;
    ASSERT_EQ(setpoint.q_rad, sine.q(i));
    ASSERT_EQ(setpoint.dq_rad_s, sine.dq(i));
    ASSERT_EQ(setpoint.ddq_rad_s2[0], (setpoint.dq_rad_s[0] - before) / kPeriod_s);
    ASSERT_FALSE(generator.at_rest());
  }
}

TEST(TrackingTest, ReturnsToAReferenceThatJumpedAndStays) {
  for (const double jump : {1e-7, 1e-5, 1e-3, 0.1, 0.7}) {
    JointGenerator generator = one_joint();
    ASSERT_EQ(generator.reset({0.0}, {1.2}, {0.0}), Outcome::kOk);
    const JointLimits limits = limits_of(2.0, 2.0, 10.0, 5000.0);
    int left = 0;
    bool on = true;
    for (int i = 1; i < 6000; ++i) {
      const Sine sine{.offset = i < 500 ? 0.0 : jump};
      generator.track(sine.q(i), sine.dq(i), kPeriod_s);
      left += on && !generator.on_reference() ? 1 : 0;
      on = generator.on_reference();
      ASSERT_LE(std::abs(generator.setpoint().dq_rad_s[0]), limits.velocity_rad_s * (1.0 + 1e-6));
      ASSERT_LE(std::abs(generator.setpoint().ddq_rad_s2[0]), limits.acceleration_rad_s2 * (1.0 + 1e-6));
    }
    EXPECT_LE(left, 1) << "jump " << jump;
    EXPECT_TRUE(on) << "jump " << jump;
  }
}

TEST(TrackingTest, ReturnsToAReferenceWhoseAccelerationTakesMoreThanACycleToReach) {
  const JointLimits limits = limits_of(2.0, 2.0, 10.0, 100.0);  // 0.1 rad/s² per cycle; the sine has up to 1.8
  JointGenerator generator{std::span(&limits, 1)};
  int left = 0;
  bool on = true;
  for (int i = 1; i < 6000; ++i) {
    const Sine sine{.offset = i < 900 ? -0.5 : 0.0};
    generator.track(sine.q(i), sine.dq(i), kPeriod_s);
    left += on && !generator.on_reference() ? 1 : 0;
    on = generator.on_reference();
  }
  EXPECT_LE(left, 2);
  EXPECT_TRUE(on);
}

TEST(TrackingTest, BrakesForTheEndOfTheRangeAndTakesTheReferenceUpAgainWhenItIsBack) {
  JointGenerator generator = one_joint(0.5);
  bool away = false;
  for (int i = 1; i < 4000; ++i) {
    const Sine sine;
    generator.track(sine.q(i), sine.dq(i), kPeriod_s);
    ASSERT_LE(std::abs(generator.setpoint().q_rad[0]), 0.5 + 1e-12);
    away = away || (generator.setpoint().q_rad[0] > 0.4999 && !generator.on_reference());
    if (i == 2094) {  // half a period: through the middle
      EXPECT_TRUE(generator.on_reference());
    }
  }
  EXPECT_TRUE(away);
}

TEST(TrackingTest, GoesOnWithTheLastReferenceWhenThereIsNoNewOneOrNoNumber) {
  JointGenerator generator = one_joint();
  ASSERT_EQ(generator.reset({0.0}, {0.5}, {0.0}), Outcome::kOk);
  generator.track({0.5e-3}, {0.5}, kPeriod_s);
  ASSERT_TRUE(generator.on_reference());
  generator.track({std::nan("")}, {0.5}, kPeriod_s);
  EXPECT_NEAR(generator.setpoint().q_rad[0], 1.0e-3, 1e-12);
  generator.track({0.0, 0.0}, {0.5}, kPeriod_s);
  generator.step(kPeriod_s);
  EXPECT_NEAR(generator.setpoint().q_rad[0], 2.0e-3, 1e-12);
  EXPECT_TRUE(generator.on_reference());
}

TEST(TrackingTest, HaltsAndNewTargetsContinueFromTheReference) {
  JointGenerator generator = one_joint();
  const Sine sine;
  ASSERT_EQ(generator.reset({0.0}, {1.2}, {0.0}), Outcome::kOk);
  for (int i = 1; i < 300; ++i) {
    generator.track(sine.q(i), sine.dq(i), kPeriod_s);
  }
  const double v = generator.setpoint().dq_rad_s[0];
  generator.halt();
  EXPECT_FALSE(generator.at_rest());
  EXPECT_NEAR(generator.step(kPeriod_s).dq_rad_s[0], v, 0.005);
  ASSERT_EQ(generator.set_target({0.1}), Outcome::kOk);
  generator.step(3.0);
  EXPECT_TRUE(generator.at_rest());
  EXPECT_EQ(generator.setpoint().q_rad[0], 0.1);
}

TEST(TrackingTest, AllocatesNothing) {
  JointGenerator generator = one_joint();
  const Sine sine;
  const std::vector<core::JointVector> fractions{{0.5}, {1.0}};
  const testing::AllocationGuard guard;
  for (int i = 0; i < 2000; ++i) {
    const Sine jumping{.offset = i % 600 < 300 ? 0.0 : 0.2};
    generator.track(jumping.q(i), jumping.dq(i), kPeriod_s);
    if (i % 500 == 0) {
      static_cast<void>(generator.set_target(sine.q(i), {0.1}));
      generator.set_budgets(fractions[0], fractions[1], fractions[1]);
      generator.step(kPeriod_s);
    }
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
