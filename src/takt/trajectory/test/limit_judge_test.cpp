#include "takt/trajectory/internal/limit_judge.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace takt::trajectory::internal {
namespace {

TEST(LimitJudgeTest, TellsTheWorstAndWhereItWasPassedFirst) {
  LimitJudge judge(2);
  judge.see(1, Quantity::kVelocity, -1.5, 1.0, 0.0, 10);
  judge.see(1, Quantity::kVelocity, 2.0, 1.0, 0.0, 20);
  judge.see(1, Quantity::kVelocity, 1.2, 1.0, 0.0, 30);
  const CheckReport report = judge.report(true);
  ASSERT_EQ(report.violations.size(), 1);
  EXPECT_EQ(report.violations[0].joint, 1);
  EXPECT_EQ(report.violations[0].first_ns, 10);
  EXPECT_EQ(report.violations[0].t_ns, 20);
  EXPECT_EQ(report.violations[0].value, 2.0);
  EXPECT_EQ(report.speed_headroom, 0.5);
}

TEST(LimitJudgeTest, WhatIsNoNumberIsBeyondAll) {
  LimitJudge judge(1);
  judge.see(0, Quantity::kAcceleration, 3.0, 1.0, 0.0, 10);
  judge.see_position(0, std::numeric_limits<double>::quiet_NaN(), -1.0, 1.0, 20);
  const CheckReport report = judge.report(true);
  ASSERT_EQ(report.violations.size(), 2);
  EXPECT_EQ(report.violations[0].what, Quantity::kPosition) << "the worst first";
  EXPECT_EQ(report.speed_headroom, 0.0);
}

TEST(LimitJudgeTest, RoundingIsNoViolationAndJerkCountsWhereItShall) {
  LimitJudge judge(1);
  judge.see(0, Quantity::kVelocity, 1.0 + 0.5 * kRelativeSlack, 1.0, 0.0, 0);
  judge.see_position(0, 1.0 + 1e-10, -1.0, 1.0, 0);
  EXPECT_TRUE(judge.report(true).passed());
  judge.see(0, Quantity::kJerk, 8.0, 1.0, 0.0, 0);
  EXPECT_FALSE(judge.report(true).passed());
  EXPECT_EQ(judge.report(true).speed_headroom, 0.5) << "jerk grows with the cube of the speed";
  EXPECT_TRUE(judge.report(false).passed());
  judge.see_backward(4.0);
  EXPECT_EQ(judge.report(false).backward_headroom, 0.25);
}

}  // namespace
}  // namespace takt::trajectory::internal
