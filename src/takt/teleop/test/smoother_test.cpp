#include "takt/teleop/smoother.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kMillisecond = 1'000'000;

messages::RobotState sample(core::Nanoseconds stamp_ns, const core::JointVector& positions) {
  messages::RobotState state;
  state.stamp_ns = stamp_ns;
  state.joint_positions = positions;
  return state;
}

double smoothed(EmaSmoother& smoother, core::Nanoseconds stamp_ns, double value) {
  messages::RobotState state = sample(stamp_ns, {value});
  smoother.apply(state);
  return state.joint_positions[0];
}

TEST(EmaSmootherTest, LetsTheFirstSamplePass) {
  EmaSmoother smoother(0.1);
  EXPECT_EQ(smoothed(smoother, 5 * kMillisecond, 0.7), 0.7);
}

TEST(EmaSmootherTest, AnswersAStepByTheClosedForm) {
  EmaSmoother smoother(0.050);
  smoothed(smoother, 0, 0.0);
  for (int i = 1; i <= 40; ++i) {
    const double y = smoothed(smoother, i * 10 * kMillisecond, 1.0);
    EXPECT_NEAR(y, 1.0 - std::exp(-0.010 * i / 0.050), 1e-12) << "after " << i << " samples";
  }
}

TEST(EmaSmootherTest, AnswersAStepAlikeAtAnyRateEvenAnUnevenOne) {
  EmaSmoother slow(0.080);
  EmaSmoother fast(0.080);
  EmaSmoother uneven(0.080);
  for (EmaSmoother* each : {&slow, &fast, &uneven}) {
    smoothed(*each, 0, 0.0);
  }
  for (int i = 1; i <= 100; ++i) {
    smoothed(fast, i * kMillisecond, 1.0);
  }
  for (const core::Nanoseconds at : {3, 4, 31, 77}) {
    smoothed(uneven, at * kMillisecond, 1.0);
  }
  const double at_slow = smoothed(slow, 100 * kMillisecond, 1.0);
  EXPECT_NEAR(smoothed(fast, 100 * kMillisecond, 1.0), at_slow, 1e-12);
  EXPECT_NEAR(smoothed(uneven, 100 * kMillisecond, 1.0), at_slow, 1e-12);
}

TEST(EmaSmootherTest, LagsASteadyMotionByItsTimeConstant) {
  EmaSmoother smoother(0.050);
  double y = 0.0;
  for (int i = 0; i <= 5000; ++i) {
    y = smoothed(smoother, i * kMillisecond / 10, i * 1e-4);
  }
  // The sample counts for the whole interval before it, which takes half an interval off the lag.
  EXPECT_NEAR(0.5 - y, 0.050 - 0.5e-4, 1e-5);
}

TEST(EmaSmootherTest, PassesEverythingWithATimeConstantOfZero) {
  EmaSmoother smoother(0.0);
  EXPECT_EQ(smoothed(smoother, 0, 0.1), 0.1);
  EXPECT_EQ(smoothed(smoother, 1, 0.3), 0.3);
  EXPECT_EQ(smoothed(smoother, 1, -7.7), -7.7);
}

TEST(EmaSmootherTest, BeginsAnewAfterAReset) {
  EmaSmoother smoother(1.0);
  smoothed(smoother, 0, 0.0);
  smoother.reset();
  EXPECT_EQ(smoothed(smoother, kMillisecond, 0.9), 0.9);
}

TEST(EmaSmootherTest, BeginsAnewWhenTheJointCountChanges) {
  EmaSmoother smoother(1.0);
  smoothed(smoother, 0, 0.0);
  messages::RobotState state = sample(kMillisecond, {0.4, 0.5});
  smoother.apply(state);
  EXPECT_EQ(state.joint_positions, (core::JointVector{0.4, 0.5}));
}

TEST(EmaSmootherTest, ChangesNothingForARepeatedOrOlderStamp) {
  EmaSmoother smoother(0.1);
  smoothed(smoother, 0, 0.0);
  const double y = smoothed(smoother, 10 * kMillisecond, 1.0);
  EXPECT_EQ(smoothed(smoother, 10 * kMillisecond, 1.0), y);
  EXPECT_EQ(smoothed(smoother, 3 * kMillisecond, 55.0), y);
  // Time goes on from the latest stamp, not from the old one.
  EXPECT_NEAR(smoothed(smoother, 20 * kMillisecond, 1.0), 1.0 - std::exp(-0.2), 1e-12);
}

TEST(EmaSmootherTest, LetsASamplePassAfterAGapOfAnyLength) {
  EmaSmoother smoother(1e-3);
  constexpr auto kFirst = std::numeric_limits<core::Nanoseconds>::min();
  constexpr auto kLast = std::numeric_limits<core::Nanoseconds>::max();
  smoothed(smoother, kFirst, 0.0);
  EXPECT_EQ(smoothed(smoother, kLast, 0.3), 0.3);
}

TEST(EmaSmootherTest, SmoothsVelocitiesAndGripperWithTheSameFactor) {
  EmaSmoother smoother(0.1);
  messages::RobotState state = sample(0, {0.0});
  state.joint_velocities = {0.0};
  state.gripper_position = 0.0;
  smoother.apply(state);
  state = sample(100 * kMillisecond, {2.0});
  state.joint_velocities = {4.0};
  state.gripper_position = 1.0;
  smoother.apply(state);
  const double alpha = 1.0 - std::exp(-1.0);
  EXPECT_NEAR(state.joint_positions[0], 2.0 * alpha, 1e-12);
  EXPECT_NEAR(state.joint_velocities[0], 4.0 * alpha, 1e-12);
  EXPECT_NEAR(*state.gripper_position, alpha, 1e-12);
}

TEST(EmaSmootherTest, IsNotPoisonedByANumberThatIsNotFinite) {
  EmaSmoother smoother(0.1);
  smoothed(smoother, 0, 0.0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(smoothed(smoother, 50 * kMillisecond, nan)));
  EXPECT_NEAR(smoothed(smoother, 100 * kMillisecond, 1.0), 1.0 - std::exp(-1.0), 1e-12);
}

TEST(EmaSmootherTest, RefusesATimeConstantThatIsNoTime) {
  EXPECT_THROW(EmaSmoother{-0.1}, LogicError);
  EXPECT_THROW(EmaSmoother{std::numeric_limits<double>::quiet_NaN()}, LogicError);
  EXPECT_THROW(EmaSmoother{std::numeric_limits<double>::infinity()}, LogicError);
}

TEST(EmaSmootherTest, AllocatesNothing) {
  EmaSmoother smoother(0.02);
  messages::RobotState state = sample(0, core::JointVector::constant(7, 0.1));
  state.joint_velocities = core::JointVector::constant(7, 0.2);
  state.gripper_position = 0.3;
  const testing::AllocationGuard guard;
  for (int i = 0; i < 1000; ++i) {
    state.stamp_ns += kMillisecond;
    state.joint_positions[3] = 0.001 * i;
    smoother.apply(state);
  }
  smoother.reset();
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::teleop
