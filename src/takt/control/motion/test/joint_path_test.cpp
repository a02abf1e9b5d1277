#include "takt/control/motion/joint_path.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr core::Nanoseconds kSecond = core::kNanosecondsPerSecond;

PathPoint point(double t_s, core::JointVector q_rad, core::JointVector dq_rad_s = {}) {
  return {.due_ns = core::from_seconds(t_s), .q_rad = q_rad, .dq_rad_s = dq_rad_s};
}

TEST(JointPathTest, GoesThroughItsPointsWithTheirVelocities) {
  const JointPath path({point(1.0, {0.0, 1.0}), point(2.0, {0.5, 1.5}, {0.2, -0.3}), point(4.0, {1.0, 0.0})});
  EXPECT_EQ(path.at(kSecond).q_rad, (core::JointVector{0.0, 1.0}));
  EXPECT_EQ(path.at(2 * kSecond).q_rad, (core::JointVector{0.5, 1.5}));
  EXPECT_NEAR(path.at(2 * kSecond).dq_rad_s[0], 0.2, 1e-12);
  EXPECT_NEAR(path.at(2 * kSecond).dq_rad_s[1], -0.3, 1e-12);
  EXPECT_EQ(path.at(4 * kSecond).q_rad, (core::JointVector{1.0, 0.0}));
}

TEST(JointPathTest, RestsBeforeAndAfter) {
  const JointPath path({point(1.0, {0.3}, {0.7}), point(2.0, {1.0})});
  for (const core::Nanoseconds now_ns : {kSecond / 2, 3 * kSecond}) {
    EXPECT_EQ(path.at(now_ns).dq_rad_s, (core::JointVector{0.0}));
  }
  EXPECT_EQ(path.at(0).q_rad, (core::JointVector{0.3}));
  EXPECT_EQ(path.at(9 * kSecond).q_rad, (core::JointVector{1.0}));
}

TEST(JointPathTest, WithoutVelocitiesAPointHasTheSlopeOfItsNeighbours) {
  const JointPath path({point(0.0, {0.0}), point(1.0, {0.2}), point(4.0, {0.8})});
  EXPECT_NEAR(path.at(kSecond).dq_rad_s[0], 0.2, 1e-12);
  EXPECT_EQ(path.at(0).dq_rad_s[0], 0.0);
}

TEST(JointPathTest, ItsVelocityIsTheDerivativeOfItsPosition) {
  const JointPath path({point(0.0, {0.0}, {0.4}), point(0.7, {0.9}), point(1.5, {-0.4}), point(2.0, {0.1})});
  constexpr core::Nanoseconds kStep = 10'000;
  for (core::Nanoseconds t_ns = 10'000'000; t_ns < 1'990'000'000; t_ns += 7'000'000) {
    const double slope =
        (path.at(t_ns + kStep).q_rad[0] - path.at(t_ns - kStep).q_rad[0]) / core::to_seconds(2 * kStep);
    EXPECT_NEAR(path.at(t_ns).dq_rad_s[0], slope, 1e-3) << t_ns;
  }
}

TEST(JointPathTest, ItsExtentIsWhatFineSamplesFindAndNoLess) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> position(-2.0, 2.0);
  for (int round = 0; round < 200; ++round) {
    std::vector<PathPoint> points;
    for (int i = 0; i < 5; ++i) {
      points.push_back(point(0.3 * i, {position(random)},
                             round % 2 == 0 ? core::JointVector{position(random)} : core::JointVector{}));
    }
    const JointPath path(points);
    const JointPath::Extent extent = path.extent(0);
    JointPath::Extent seen{.lowest_rad = 10.0, .highest_rad = -10.0, .speed_rad_s = 0.0};
    for (core::Nanoseconds t_ns = 0; t_ns < path.end_ns(); t_ns += 500'000) {
      const auto reference = path.at(t_ns);
      seen.lowest_rad = std::min(seen.lowest_rad, reference.q_rad[0]);
      seen.highest_rad = std::max(seen.highest_rad, reference.q_rad[0]);
      seen.speed_rad_s = std::max(seen.speed_rad_s, std::abs(reference.dq_rad_s[0]));
    }
    EXPECT_LE(extent.lowest_rad, seen.lowest_rad + 1e-12);
    EXPECT_GE(extent.highest_rad, seen.highest_rad - 1e-12);
    EXPECT_GE(extent.speed_rad_s, seen.speed_rad_s - 1e-12);
    EXPECT_NEAR(extent.lowest_rad, seen.lowest_rad, 1e-2);
    EXPECT_NEAR(extent.highest_rad, seen.highest_rad, 1e-2);
    EXPECT_NEAR(extent.speed_rad_s, seen.speed_rad_s, 0.2);
  }
}

TEST(JointPathTest, AStraightLineAndAStandstillHaveExtentsToo) {
  const JointPath line({point(0.0, {0.0, 0.5}, {1.0, 0.0}), point(2.0, {2.0, 0.5}, {1.0, 0.0})});
  EXPECT_DOUBLE_EQ(line.extent(0).highest_rad, 2.0);
  EXPECT_DOUBLE_EQ(line.extent(0).speed_rad_s, 1.0);
  EXPECT_EQ(line.extent(1).speed_rad_s, 0.0);
  EXPECT_EQ(line.extent(1).lowest_rad, 0.5);
}

TEST(JointPathTest, WhatIsTooLargeToComputeWithMayBeAnywhere) {
  for (const double huge : {1e308, -1e308, 1e200, -1e200}) {
    for (const JointPath& path : {JointPath({point(0.0, {0.0}), point(1.0, {huge}), point(2.0, {-huge})}),
                                  JointPath({point(0.0, {huge}), point(1.0, {-huge})}),
                                  JointPath({point(0.0, {0.0}, {huge}), point(1.0, {0.0}, {-huge})}),
                                  JointPath({point(0.0, {0.0}), point(1.0, {0.0}, {huge}), point(2.0, {0.0})})}) {
      const JointPath::Extent extent = path.extent(0);
      EXPECT_LT(extent.lowest_rad, -1e100);
      EXPECT_GT(extent.highest_rad, 1e100);
      EXPECT_GT(extent.speed_rad_s, 1e100);
    }
  }
}

TEST(JointPathTest, RefusesWhatIsNoPath) {
  EXPECT_THROW(JointPath({}), LogicError);
  EXPECT_THROW(JointPath({point(0.0, {1.0})}), LogicError);
  EXPECT_THROW(JointPath({point(0.0, {1.0}), point(0.0, {2.0})}), LogicError);
  EXPECT_THROW(JointPath({point(0.0, {1.0}), point(1.0, {2.0, 3.0})}), LogicError);
  EXPECT_THROW(JointPath({point(0.0, {1.0}), point(1.0, {2.0}, {1.0, 1.0})}), LogicError);
  EXPECT_THROW(JointPath({point(0.0, {1.0}), point(1.0, {std::numeric_limits<double>::quiet_NaN()})}), LogicError);
}

TEST(JointPathTest, LookingUpAllocatesNothing) {
  const JointPath path({point(0.0, {0.0}), point(1.0, {0.2}), point(4.0, {0.8})});
  const testing::AllocationGuard guard;
  static_cast<void>(path.at(2 * kSecond));
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
