#include "takt/trajectory/bridge.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/curve.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

using core::JointVector;

JointVector drawn(Random& random, std::size_t joints, double size) {
  JointVector values = JointVector::zero(joints);
  for (double& value : values) {
    value = random.uniform(-size, size);
  }
  return values;
}

TEST(BridgeTest, BeginsAndEndsBitForBitAtRestWhereItShall) {
  const std::vector<control::JointLimits> limits(2, limits_of(3, 2, 10, 100));
  const Trajectory way = bridge(info_of(2), {.q_rad = {0.1, -0.3}, .gripper = 0.0},
                                {.q_rad = {1.3, 0.7}, .gripper = 1.0}, limits, {.fraction = 1.0});
  EXPECT_EQ(way.q_rad(0), (JointVector{0.1, -0.3}));
  EXPECT_EQ(way.q_rad(way.size() - 1), (JointVector{1.3, 0.7}));
  EXPECT_EQ(way.frame(0).dq_rad_s, (JointVector{0, 0}));
  EXPECT_EQ(way.frame(way.size() - 1).dq_rad_s, (JointVector{0, 0}));
  EXPECT_EQ(way.frame(0).gripper, 0.0);
  EXPECT_EQ(way.frame(way.size() - 1).gripper, 1.0);
  EXPECT_EQ(way.time_ns(1), 10'000'000);
  EXPECT_TRUE(check(way, limits).passed()) << check(way, limits).text();
  // On a straight line.
  for (std::size_t k = 0; k < way.size(); ++k) {
    EXPECT_NEAR((way.q_rad(k)[0] - 0.1) / 1.2, (way.q_rad(k)[1] + 0.3) / 1.0, 1e-12);
  }
}

TEST(BridgeTest, IsHardlySlowerThanTheLimitsAllow) {
  const std::vector<control::JointLimits> limits{limits_of(3, 2, 10, 100)};
  // 4 rad: 0.1 s of jerk, 0.1 s of acceleration, the way is left at 2 rad/s: 4/2 + 0.3 s.
  const Trajectory way = bridge(info_of(1), {.q_rad = {-2}}, {.q_rad = {2}}, limits, {.fraction = 1.0});
  EXPECT_NEAR(core::to_seconds(way.duration_ns()), 2.3, 0.02);
  const CheckReport report = check(way, limits);
  EXPECT_TRUE(report.passed()) << report.text();
  EXPECT_LT(report.speed_headroom, 1.02);
}

TEST(BridgeTest, TheSplineThroughItsFramesIsTheWay) {
  Random random(11);
  const std::vector<control::JointLimits> limits(3, limits_of(3, 2, 10, 200));
  const Trajectory way = bridge(info_of(3), {.q_rad = drawn(random, 3, 2), .dq_rad_s = drawn(random, 3, 1)},
                                {.q_rad = drawn(random, 3, 2), .dq_rad_s = drawn(random, 3, 1)}, limits);
  const Curve curve = curve_of(way);
  for (std::size_t k = 0; k < way.size(); ++k) {
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(curve.dq_rad_s[3 * k + i], way.frame(k).dq_rad_s[i], 1e-11) << k;
    }
  }
}

TEST(BridgeTest, EveryOneFromAnyMotionToAnyOtherPassesTheChecker) {
  Random random(5);
  for (int i = 0; i < campaign_size(200); ++i) {
    const auto joints = static_cast<std::size_t>(random.uniform(1.0, 8.99));
    std::vector<control::JointLimits> limits;
    for (std::size_t j = 0; j < joints; ++j) {
      limits.push_back(
          limits_of(1e3, random.log_uniform(0.1, 10), random.log_uniform(0.5, 50), random.log_uniform(1, 1e4)));
    }
    BridgeEnd from{.q_rad = drawn(random, joints, 3)};
    BridgeEnd to{.q_rad = random.chance(0.1) ? from.q_rad : drawn(random, joints, random.log_uniform(1e-6, 3))};
    for (BridgeEnd* end : {&from, &to}) {
      if (random.chance(0.5)) {
        end->dq_rad_s = drawn(random, joints, 1.0);
        for (std::size_t j = 0; j < joints; ++j) {
          end->dq_rad_s[j] *= limits[j].velocity_rad_s;
        }
      }
    }
    const BridgeOptions options{.fraction = random.uniform(0.1, 1.0),
                                .stopping_fraction = random.uniform(0.1, 1.0),
                                .period_ns = core::from_seconds(random.log_uniform(0.001, 0.05))};
    const Trajectory way = bridge(info_of(joints), from, to, limits, options);
    ASSERT_EQ(way.q_rad(0), from.q_rad);
    ASSERT_EQ(way.q_rad(way.size() - 1), to.q_rad);
    const CheckReport report = check(way, limits);
    ASSERT_TRUE(report.passed()) << i << ": " << report.text();
  }
}

TEST(BridgeTest, KeepsAVelocityEnvelope) {
  Random random(6);
  const std::vector<control::JointLimits> limits = envelope_limits();
  for (int i = 0; i < campaign_size(60); ++i) {
    BridgeEnd from{.q_rad = JointVector::zero(3)};
    BridgeEnd to = from;
    for (std::size_t j = 0; j < 3; ++j) {
      // As near to the end of the range as the envelope lets an arm go.
      const double room = limits[j].envelope_velocity_offset_rad_s * limits[j].envelope_velocity_offset_rad_s /
                          (2.0 * limits[j].envelope_deceleration_rad_s2);
      const double end = limits[j].position_max_rad - 1.05 * room;
      from.q_rad[j] = random.chance(0.3) ? end : random.uniform(-end, end);
      to.q_rad[j] = random.chance(0.3) ? -end : random.uniform(-end, end);
    }
    const Trajectory way = bridge(info_of(3), from, to, limits, {.fraction = 1.0});
    const CheckReport report = check(way, limits);
    ASSERT_TRUE(report.passed()) << i << ": " << report.text();
  }
}

TEST(BridgeTest, ToTheSamePlaceLastsAPeriod) {
  const std::vector<control::JointLimits> limits{limits_of(3, 2, 10, 100)};
  const Trajectory way = bridge(info_of(1), {.q_rad = {1}}, {.q_rad = {1}}, limits, {.period_ns = 7});
  EXPECT_EQ(way.size(), 2U);
  EXPECT_EQ(way.duration_ns(), 7);
}

TEST(BridgeTest, RunsOutToRestWithinTheLimits) {
  const std::vector<control::JointLimits> limits(2, limits_of(3, 2, 10, 100));
  const Trajectory way = run_out(info_of(2), {.q_rad = {0, 1}, .dq_rad_s = {1.5, -0.5}, .gripper = 0.4}, limits);
  EXPECT_EQ(way.frame(0).dq_rad_s, (JointVector{1.5, -0.5}));
  EXPECT_EQ(way.frame(way.size() - 1).dq_rad_s, (JointVector{0, 0}));
  EXPECT_EQ(way.frame(way.size() - 1).gripper, 0.4);
  EXPECT_TRUE(check(way, limits).passed()) << check(way, limits).text();
  EXPECT_EQ(run_out(info_of(1), {.q_rad = {1}}, {{limits_of(3, 2, 10, 100)}}).size(), 1U);
}

TEST(BridgeTest, WhereLimitsAreNotKnownItIsAModestWalk) {
  const std::vector<control::JointLimits> unknown(2);
  const Trajectory way = bridge(info_of(2), {.q_rad = {0, 0}}, {.q_rad = {2, -1}}, unknown, {.fraction = 1.0});
  const CheckReport report = check(way, modest_limits(2));
  EXPECT_TRUE(report.passed()) << report.text();
}

TEST(BridgeTest, WhatCannotBeIsRefused) {
  const std::vector<control::JointLimits> limits{limits_of(3, 2, 10, 100)};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(bridge(info_of(2), {.q_rad = {0}}, {.q_rad = {1}}, limits)), LogicError);
  EXPECT_THROW(static_cast<void>(bridge(info_of(1), {.q_rad = {0, 0}}, {.q_rad = {1}}, limits)), LogicError);
  EXPECT_THROW(static_cast<void>(bridge(info_of(1), {.q_rad = {nan}}, {.q_rad = {1}}, limits)), LogicError);
  EXPECT_THROW(static_cast<void>(bridge(info_of(1), {.q_rad = {0}}, {.q_rad = {1}}, limits, {.fraction = 0})),
               LogicError);
  EXPECT_THROW(static_cast<void>(bridge(info_of(1), {.q_rad = {0}}, {.q_rad = {1}}, limits, {.period_ns = 0})),
               LogicError);
  EXPECT_THROW(static_cast<void>(bridge(info_of(1), {.q_rad = {0}}, {.q_rad = {1}}, {{limits_of(3, 0, 1, 1)}})),
               LogicError);
  EXPECT_THROW(static_cast<void>(bridge(info_of(1), {.q_rad = {0}}, {.q_rad = {1}}, {{limits_of(3, 1e-9, 1, 1)}})),
               ConfigError);
}

}  // namespace
}  // namespace takt::trajectory
