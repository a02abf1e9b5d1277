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
  return torque[0];
}

TEST(TorqueBlendTest, ChangesNothingWithoutASwitch) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  EXPECT_EQ(passed(blend, 3.0), 3.0);
  EXPECT_EQ(passed(blend, -30.0), -30.0);
}

TEST(TorqueBlendTest, TheSwitchingCycleSaysWhatTheOldLawSays) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  blend.begin({10.0}, {-10.0});
  EXPECT_EQ(passed(blend, -10.0), 10.0);
}

TEST(TorqueBlendTest, EachStepIsAtMostItsShareOfTheDifferenceAndTheEndIsExact) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  blend.begin({10.0}, {-10.0});
  double last = passed(blend, -10.0);
  double widest = 0.0;
  for (int i = 0; i < 1000; ++i) {
    const double tau = passed(blend, -10.0);
    widest = std::max(widest, std::abs(tau - last));
    last = tau;
    if (i == 99) {
      EXPECT_NEAR(tau, -10.0, 0.05 * 20.0) << "95 % after the switch time";
    }
  }
  EXPECT_LE(widest, 3.0 / 100.0 * 20.0);
  EXPECT_GT(widest, 0.5);
  EXPECT_EQ(last, -10.0);
}

TEST(TorqueBlendTest, SwitchesAddUp) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  blend.begin({10.0}, {-10.0});
  const double left = passed(blend, -10.0) + 10.0;
  blend.begin({-10.0}, {5.0});
  EXPECT_NEAR(passed(blend, 5.0), -10.0 + left * std::exp(-0.03), 1e-12);
}

TEST(TorqueBlendTest, ALawThatIsReplacedByItselfIsNotHeldUp) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  for (int i = 0; i < 100; ++i) {
    const auto tau = static_cast<double>(i);
    blend.begin({tau}, {tau});
    EXPECT_EQ(passed(blend, tau), tau);
  }
}

TEST(TorqueBlendTest, ClearingDropsWhatIsLeft) {
  TorqueBlend blend(1, kPeriod_ns, 0.1);
  blend.begin({10.0}, {-10.0});
  blend.clear();
  EXPECT_EQ(passed(blend, 1.0), 1.0);
}

TEST(TorqueBlendTest, AllocatesNothing) {
  TorqueBlend blend(7, kPeriod_ns, 0.1);
  core::JointVector tau = core::JointVector::constant(7, 1.0);
  const core::JointVector other = core::JointVector::constant(7, 2.0);
  const testing::AllocationGuard guard;
  blend.begin(other, tau);
  for (int i = 0; i < 200; ++i) {
    blend.apply(tau);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
