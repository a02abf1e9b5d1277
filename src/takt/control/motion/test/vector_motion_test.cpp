#include "takt/control/motion/vector_motion.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace takt::control {
namespace {

constexpr double kPeriod_s = 1e-3;
constexpr Norms kNorms{.velocity = 0.5, .acceleration = 2.0, .jerk = 50.0};

struct Watched {
  double velocity{0.0};
  double acceleration{0.0};
  double jerk{0.0};
  double off_line{0.0};
  int cycles{0};
};

Watched watch(VectorMotion& motion, const VectorWay& way) {
  Watched most;
  const Eigen::Vector3d line = way.way.normalized();
  Eigen::Vector3d before = way.acceleration;
  while (!motion.at_rest() && most.cycles < 20'000) {
    const VectorMotion::State s = motion.step(kPeriod_s);
    most.velocity = std::max(most.velocity, (s.dx + way.drift).norm());
    most.acceleration = std::max(most.acceleration, s.ddx.norm());
    most.jerk = std::max(most.jerk, (s.ddx - before).norm() / kPeriod_s);
    most.off_line = std::max(most.off_line, (s.x - line * line.dot(s.x)).norm());
    before = s.ddx;
    ++most.cycles;
  }
  return most;
}

void expect_within_norms(const Watched& most) {
  EXPECT_LE(most.velocity, kNorms.velocity * (1.0 + 1e-6));
  EXPECT_LE(most.acceleration, kNorms.acceleration * (1.0 + 1e-6));
  EXPECT_LE(most.jerk, kNorms.jerk * (1.0 + 1e-6));
}

Watched go(const VectorWay& way) {
  VectorMotion motion;
  const AxesBox box = motion.box_for(way, kNorms);
  EXPECT_TRUE(box.fits);
  motion.go(way, kNorms, box);
  const Watched most = watch(motion, way);
  EXPECT_TRUE(motion.at_rest());
  EXPECT_LE((motion.end() - way.way).norm(), 1e-12);
  return most;
}

TEST(VectorMotionTest, FromRestItGoesStraightWithNearlyAllOfItsNorms) {
  const Watched most = go({.way = {0.7, -0.9, 0.4}});
  expect_within_norms(most);
  EXPECT_LE(most.off_line, 1e-12);
  EXPECT_GE(most.velocity, 0.979 * kNorms.velocity);
  EXPECT_GE(most.acceleration, 0.979 * kNorms.acceleration);
}

TEST(VectorMotionTest, MotionAcrossIsBrakedAndThenTheFirstAxisGetsAll) {
  const VectorWay way{.way = {2.0, 0, 0}, .velocity = {0, 0.45, 0}};
  const Watched most = go(way);
  expect_within_norms(most);
  EXPECT_GE(most.velocity, 0.979 * kNorms.velocity);
  // Within twice of stopping first and then going: 0.23 + 0.04 s and 4.08 + 0.25 + 0.04 s.
  EXPECT_LE(most.cycles, 2 * 4640);
  EXPECT_GE(most.off_line, 0.02);
}

TEST(VectorMotionTest, MotionInOnePlaneStaysInIt) {
  VectorMotion motion;
  const VectorWay way{.way = {0.3, 0.2, 0}, .velocity = {-0.1, 0.3, 0}, .acceleration = {0.5, 0.2, 0}};
  motion.go(way, kNorms, motion.box_for(way, kNorms));
  for (int i = 0; i < 4000; ++i) {
    ASSERT_LE(std::abs(motion.step(kPeriod_s).x.z()), 1e-12);
  }
  EXPECT_TRUE(motion.at_rest());
}

TEST(VectorMotionTest, AnyStateOfWhatTheFirstAxisReachesFitsInAnyDirection) {
  const VectorMotion motion;
  for (int i = 0; i <= 180; ++i) {
    const double angle = 0.01745 * i;
    const Eigen::Vector3d along(std::cos(angle), std::sin(angle), 0.0);
    EXPECT_TRUE(motion.box_for({.way = {1, 0, 0}, .velocity = 0.979 * kNorms.velocity * along}, kNorms).fits) << i;
    EXPECT_TRUE(motion.box_for({.way = {1, 0, 0}, .acceleration = 0.979 * kNorms.acceleration * along}, kNorms).fits);
  }
  EXPECT_FALSE(motion.box_for({.way = {1, 0, 0}, .velocity = {0, 0.51, 0}}, kNorms).fits);
  EXPECT_FALSE(motion.box_for({.way = {1, 0, 0}, .acceleration = {0, 2.1, 0}}, kNorms).fits);
}

TEST(VectorMotionTest, ADriftIsPartOfTheVelocity) {
  const VectorWay way{.way = {0.2, 0.2, 0}, .velocity = {-0.45, 0, 0}, .drift = {0.45, 0, 0}};
  expect_within_norms(go(way));
  const VectorWay fast{.way = {0, 0, 0.1}, .velocity = {-0.499, 0, 0}, .drift = {0.499, 0, 0}};
  EXPECT_TRUE(VectorMotion().box_for(fast, kNorms).fits);
}

TEST(VectorMotionTest, StopsAlongItsVelocity) {
  VectorMotion motion;
  const VectorWay there{.way = {1, 0, 0}};
  motion.go(there, kNorms, motion.box_for(there, kNorms));
  motion.stop({0, 0.3, 0.3}, {0, 0, 0}, kNorms);
  const VectorWay way{.way = {0, 1, 1}};
  const Watched most = watch(motion, way);
  expect_within_norms({.velocity = most.velocity, .acceleration = most.acceleration, .jerk = most.jerk});
  EXPECT_LE(most.off_line, 1e-12);
  EXPECT_LE(most.cycles, 260);  // 0.424 / 1.96 s + 0.04 s
}

TEST(VectorMotionTest, GoesOnInItsAxes) {
  VectorMotion motion;
  const VectorWay way{.way = {1, 2, 3}};
  motion.go(way, kNorms, motion.box_for(way, kNorms));
  VectorMotion::State s;
  for (int i = 0; i < 300; ++i) {
    s = motion.step(kPeriod_s);
  }
  VectorMotion on = motion;
  on.go_on(way.way - s.x, s.dx, s.ddx);
  for (int i = 0; i < 300; ++i) {
    const VectorMotion::State a = motion.step(kPeriod_s);
    const VectorMotion::State b = on.step(kPeriod_s);
    ASSERT_LE((a.x - s.x - b.x).norm(), 1e-9);
  }
}

}  // namespace
}  // namespace takt::control
