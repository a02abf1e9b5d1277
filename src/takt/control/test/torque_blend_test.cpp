#include "takt/control/torque_blend.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr core::Nanoseconds kPeriod_ns = 1'000'000;

double passed(TorqueBlend& blend, double tau) {
  core::JointVector torque{tau};
  blend.apply(torque);
  blend.sent(torque);
  return torque[0];
}

TEST(TorqueBlendTest, ChangesNothingWithoutASwitch) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  EXPECT_EQ(passed(blend, 3.0), 3.0);
  EXPECT_EQ(passed(blend, -30.0), -30.0);
}

TEST(TorqueBlendTest, TheTorqueOfTheSwitchingCycleIsTheOneBefore) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  EXPECT_EQ(passed(blend, 10.0), 10.0);
  blend.begin();
  EXPECT_EQ(passed(blend, -10.0), 10.0);
}

TEST(TorqueBlendTest, EachStepIsAtMostItsShareOfTheDifferenceAndTheEndIsExact) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  double last = passed(blend, 10.0);
  blend.begin();
  double widest = 0.0;
  for (int i = 0; i < 101; ++i) {
    const double tau = passed(blend, -10.0);
    widest = std::max(widest, std::abs(tau - last));
    last = tau;
  }
  EXPECT_LE(widest, 1.5 / 100.0 * 20.0 * (1.0 + 1e-9));
  EXPECT_GT(widest, 0.25);
  EXPECT_EQ(last, -10.0);
}

TEST(TorqueBlendTest, ASwitchWithinASwitchStartsFromWhereTheTorqueIs) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  passed(blend, 10.0);
  blend.begin();
  double tau = 0.0;
  for (int i = 0; i < 50; ++i) {
    tau = passed(blend, -10.0);
  }
  blend.begin();
  EXPECT_DOUBLE_EQ(passed(blend, 5.0), tau);
}

TEST(TorqueBlendTest, ARestartForgetsTheTorque) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  passed(blend, 10.0);
  blend.begin();
  passed(blend, -10.0);
  blend.restart();
  EXPECT_EQ(passed(blend, 1.0), 1.0);
  blend.begin();
  EXPECT_EQ(passed(blend, 9.0), 1.0);
}

TEST(TorqueBlendTest, AllocatesNothing) {
  TorqueBlend blend(7, kPeriod_ns, 0.1);
  core::JointVector tau = core::JointVector::constant(7, 1.0);
  const testing::AllocationGuard guard;
  blend.begin();
  for (int i = 0; i < 200; ++i) {
    blend.apply(tau);
    blend.sent(tau);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
