#include "takt/control/motion/pose_generator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/motion/test/campaign.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr PoseLimits kLimits{.velocity_m_s = 0.6,
                             .acceleration_m_s2 = 3.0,
                             .jerk_m_s3 = 400.0,
                             .velocity_rad_s = 1.5,
                             .acceleration_rad_s2 = 8.0,
                             .jerk_rad_s3 = 1000.0};

core::Pose pose(const Eigen::Vector3d& p, double angle_rad, const Eigen::Vector3d& axis) {
  core::Pose X = core::Pose::Identity();
  X.translation() = p;
  X.linear() = Eigen::AngleAxisd(angle_rad, axis.normalized()).toRotationMatrix();
  return X;
}

/// From `before` to `after`, per second, in B.
Eigen::Vector3d turned_by(const core::Pose& before, const core::Pose& after, double dt_s) {
  const Eigen::AngleAxisd turn(Eigen::Matrix3d(after.linear() * before.linear().transpose()));
  return turn.axis() * (turn.angle() / dt_s);
}

void expect_rotation(const core::Pose& X) {
  ASSERT_TRUE(X.matrix().allFinite());
  ASSERT_LE((X.linear().transpose() * X.linear() - Eigen::Matrix3d::Identity()).norm(), 1e-12);
}

TEST(PoseGeneratorTest, LandsOnTheTargetBitForBit) {
  PoseGenerator generator(kLimits);
  const core::Pose target = pose({0.3, -0.2, 0.5}, 2.2, {1, -2, 0.5});
  ASSERT_EQ(generator.set_target(target), Outcome::kOk);
  int cycles = 0;
  for (; cycles < 10'000 && !generator.at_rest(); ++cycles) {
    generator.step(kPeriod_s);
    ASSERT_NO_FATAL_FAILURE(expect_rotation(generator.setpoint().X_BE));
  }
  EXPECT_LT(cycles, 5'000);
  EXPECT_EQ(generator.setpoint().X_BE.matrix(), target.matrix());
  EXPECT_TRUE(generator.setpoint().v.isZero(0.0) && generator.setpoint().w.isZero(0.0));
  EXPECT_TRUE(generator.setpoint().a.isZero(0.0) && generator.setpoint().alpha.isZero(0.0));
}

TEST(PoseGeneratorTest, DoesNotMoveWhenItIsThere) {
  PoseGenerator generator(kLimits);
  const core::Pose X = pose({1, 2, 3}, 0.7, {1, 1, 1});
  ASSERT_EQ(generator.reset(X), Outcome::kOk);
  EXPECT_TRUE(generator.at_rest());
  ASSERT_EQ(generator.set_target(X), Outcome::kOk);
  EXPECT_EQ(generator.step(kPeriod_s).X_BE.matrix(), X.matrix());
  EXPECT_TRUE(generator.at_rest());
}

TEST(PoseGeneratorTest, ItsVelocitiesAreTheDerivativesOfItsPoses) {
  PoseGenerator generator(kLimits);
  ASSERT_EQ(generator.set_target(pose({0.5, 0.1, -0.4}, 2.8, {0.2, 1, -0.6}), {0.1, 0.0, -0.1}, {0.3, 0.2, -0.1}),
            Outcome::kOk);
  PoseSetpoint before = generator.setpoint();
  for (int i = 0; i < 3000; ++i) {
    const PoseSetpoint now = generator.step(kPeriod_s);
    const Eigen::Vector3d w = turned_by(before.X_BE, now.X_BE, kPeriod_s);
    ASSERT_LE((w - 0.5 * (before.w + now.w)).norm(), 1.2e-4) << "cycle " << i;  // J·dt²/12
    ASSERT_LE(((now.w - before.w) / kPeriod_s - 0.5 * (before.alpha + now.alpha)).norm(), 0.5) << "cycle " << i;
    before = now;
  }
}

TEST(PoseGeneratorTest, FromRestToRestIsAStraightLineAndATurnAboutOneAxisAtFullSpeed) {
  PoseGenerator generator(kLimits);
  const core::Pose begin = pose({0.3, 0.1, -0.2}, 1.1, {1, -1, 2});
  core::Pose end = pose({-0.9, 0.8, 0.5}, 0.0, {1, 0, 0});
  const Eigen::Vector3d axis = Eigen::Vector3d(1, 2, -3).normalized();
  end.linear() = Eigen::AngleAxisd(3.0, axis).toRotationMatrix() * begin.linear();
  ASSERT_EQ(generator.reset(begin), Outcome::kOk);
  ASSERT_EQ(generator.set_target(end), Outcome::kOk);
  const Eigen::Vector3d line = (end.translation() - begin.translation()).normalized();
  double v = 0.0;
  double w = 0.0;
  for (int i = 0; i < 10'000 && !generator.at_rest(); ++i) {
    const PoseSetpoint& now = generator.step(kPeriod_s);
    const Eigen::Vector3d gone = now.X_BE.translation() - begin.translation();
    ASSERT_LE((gone - line * line.dot(gone)).norm(), 1e-12) << "cycle " << i;
    ASSERT_LE((now.w - axis * axis.dot(now.w)).norm(), 1e-12) << "cycle " << i;
    const Eigen::Matrix3d turn = now.X_BE.linear() * begin.linear().transpose();
    ASSERT_LE((turn * axis - axis).norm(), 1e-12) << "cycle " << i;
    v = std::max(v, now.v.norm());
    w = std::max(w, now.w.norm());
  }
  EXPECT_TRUE(generator.at_rest());
  EXPECT_EQ(generator.setpoint().X_BE.matrix(), end.matrix());
  EXPECT_GE(v, 0.979 * kLimits.velocity_m_s);
  EXPECT_GE(w, 0.959 * kLimits.velocity_rad_s);
  EXPECT_LE(v, kLimits.velocity_m_s);
  EXPECT_LE(w, kLimits.velocity_rad_s);
}

TEST(PoseGeneratorTest, TargetsFurtherAlongTheLineDoNotSlowItDown) {
  PoseGenerator generator(kLimits);
  const Eigen::Vector3d line = Eigen::Vector3d(1, 2, -1).normalized();
  for (int i = 0; i < 2000; ++i) {
    if (i % 10 == 0) {
      ASSERT_EQ(generator.set_target(pose(line * (1.0 + 0.6e-3 * i), 0.0, {1, 0, 0})), Outcome::kOk);
    }
    const PoseSetpoint& now = generator.step(kPeriod_s);
    const double off = (now.X_BE.translation() - line * line.dot(now.X_BE.translation())).norm();
    ASSERT_LE(off, 1e-9) << "cycle " << i;
    if (i > 400) {
      ASSERT_NEAR(now.v.norm(), 0.98 * kLimits.velocity_m_s, 0.01 * kLimits.velocity_m_s) << "cycle " << i;
    }
  }
}

TEST(PoseGeneratorTest, ATargetToTheSideIsGoneToWithoutALongDetour) {
  PoseGenerator generator(kLimits);
  ASSERT_EQ(generator.set_target(pose({2, 0, 0}, 0.0, {1, 0, 0})), Outcome::kOk);
  for (int i = 0; i < 1000; ++i) {
    generator.step(kPeriod_s);
  }
  const double x = generator.setpoint().X_BE.translation().x();
  ASSERT_EQ(generator.set_target(pose({x, 0.6, 0}, 0.0, {1, 0, 0})), Outcome::kOk);
  int cycles = 0;
  for (; cycles < 10'000 && !generator.at_rest(); ++cycles) {
    generator.step(kPeriod_s);
    ASSERT_LE(generator.setpoint().X_BE.translation().x(), x + 0.15);
  }
  EXPECT_LE(cycles, 1600);  // 1.2 s from rest, and 0.2 s to stop first
}

TEST(PoseGeneratorTest, MeetsAMovingTargetAndGoesAlongWithItExactly) {
  PoseGenerator generator(kLimits);
  const core::Pose X = pose({0.2, 0.0, 0.1}, 1.0, {0, 1, 1});
  const Eigen::Vector3d v(0.2, -0.1, 0.05);
  const Eigen::Vector3d w(0.4, 0.3, -0.2);
  ASSERT_EQ(generator.set_target(X, v, w), Outcome::kOk);
  int met = 0;
  for (int i = 1; i <= 6000; ++i) {
    generator.step(kPeriod_s);
    if (generator.on_target()) {
      ++met;
      const double t = i * kPeriod_s;
      const Eigen::Matrix3d R = Eigen::AngleAxisd(w.norm() * t, w.normalized()).toRotationMatrix() * X.linear();
      ASSERT_LE((generator.setpoint().X_BE.translation() - X.translation() - v * t).norm(), 1e-11);
      ASSERT_LE((generator.setpoint().X_BE.linear() - R).norm(), 1e-11);
      ASSERT_EQ(generator.setpoint().v, v);
      ASSERT_EQ(generator.setpoint().w, w);
      ASSERT_FALSE(generator.at_rest());
    }
  }
  EXPECT_GT(met, 2000);
}

TEST(PoseGeneratorTest, TurnsByHalfATurnAndNearlyAsFarWithoutLosingItsWay) {
  for (const double angle : {3.1, std::numbers::pi - 1e-9, std::numbers::pi, std::numbers::pi + 1e-9, 3.2}) {
    for (const Eigen::Vector3d& axis :
         {Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(0, -1, 0), Eigen::Vector3d(1, 2, -3)}) {
      PoseGenerator generator(kLimits);
      const core::Pose target = pose({0, 0, 0}, angle, axis);
      ASSERT_EQ(generator.set_target(target), Outcome::kOk);
      for (int i = 0; i < 10'000 && !generator.at_rest(); ++i) {
        generator.step(kPeriod_s);
        ASSERT_NO_FATAL_FAILURE(expect_rotation(generator.setpoint().X_BE));
        ASSERT_LE(generator.setpoint().w.norm(), kLimits.velocity_rad_s);
      }
      EXPECT_TRUE(generator.at_rest()) << "angle " << angle;
      EXPECT_EQ(generator.setpoint().X_BE.matrix(), target.matrix());
    }
  }
}

TEST(PoseGeneratorTest, HaltsOnTheWayAndRests) {
  PoseGenerator generator(kLimits);
  ASSERT_EQ(generator.set_target(pose({1, 1, 1}, 2.0, {0, 0, 1})), Outcome::kOk);
  for (int i = 0; i < 500; ++i) {
    generator.step(kPeriod_s);
  }
  const Eigen::Vector3d w = generator.setpoint().w;
  generator.halt();
  EXPECT_LE((generator.step(kPeriod_s).w - w).norm(), 1e-2);
  generator.step(2.0);
  EXPECT_TRUE(generator.at_rest());
  EXPECT_TRUE(generator.setpoint().w.isZero(0.0));
  EXPECT_LT(generator.setpoint().X_BE.translation().norm(), 0.6);
}

TEST(PoseGeneratorTest, StartsFromAMovingState) {
  PoseGenerator generator(kLimits);
  const PoseSetpoint start{.X_BE = pose({0, 0, 1}, 0.5, {1, 0, 0}), .v = {0.3, 0, 0}, .w = {0, 0.5, 0}};
  ASSERT_EQ(generator.reset(start), Outcome::kOk);
  EXPECT_FALSE(generator.at_rest());
  EXPECT_NEAR(generator.step(kPeriod_s).X_BE.translation().x(), 0.3e-3, 1e-6);
  generator.step(2.0);
  EXPECT_TRUE(generator.at_rest());
}

TEST(PoseGeneratorTest, RefusesWhatItCannotGoTo) {
  PoseGenerator generator(kLimits);
  const double nan = std::nan("");
  core::Pose sheared = core::Pose::Identity();
  sheared.linear()(0, 1) = 0.002;
  core::Pose mirrored = core::Pose::Identity();
  mirrored.linear()(0, 0) = -1.0;
  const core::Pose here = core::Pose::Identity();
  EXPECT_EQ(generator.set_target(sheared), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target(mirrored), Outcome::kInvalid);
  EXPECT_EQ(generator.reset(pose({nan, 0, 0}, 0.0, {1, 0, 0})), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target(here, {0.6, 0, 0}, {0, 0, 0}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target(here, {0, 0, 0}, {0, nan, 0}), Outcome::kInvalid);
  EXPECT_EQ(generator.reset(PoseSetpoint{.v = {0, nan, 0}}), Outcome::kInvalid);
  PoseLimits limits = kLimits;
  limits.jerk_rad_s3 = 0.0;
  EXPECT_EQ(generator.set_limits(limits), Outcome::kInvalid);
  EXPECT_THROW(PoseGenerator{limits}, LogicError);
  EXPECT_TRUE(generator.at_rest());
  EXPECT_EQ(generator.step(nan).X_BE.matrix(), here.matrix());
}

TEST(PoseGeneratorTest, AllItDoesInACycleAllocatesNothing) {
  PoseGenerator generator(kLimits);
  const core::Pose a = pose({0.1, 0, 0}, 2.0, {1, 0, 0});
  const core::Pose b = pose({0, 0.1, 0}, 3.0, {0, 1, 0});
  PoseLimits lower = kLimits;
  lower.velocity_rad_s = 0.2;
  const testing::AllocationGuard guard;
  for (int i = 0; i < 2000; ++i) {
    if (i % 300 == 0) {
      ASSERT_EQ(generator.set_target(i % 600 == 0 ? a : b, {0.1, 0, 0}, {0, 0.1, 0}), Outcome::kOk);
    }
    generator.step(kPeriod_s);
  }
  ASSERT_EQ(generator.set_limits(lower), Outcome::kOk);
  generator.step(kPeriod_s);
  generator.halt();
  ASSERT_EQ(generator.reset(a), Outcome::kOk);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
