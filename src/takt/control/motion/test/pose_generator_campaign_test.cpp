#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "takt/control/motion/pose_generator.hpp"
#include "takt/control/motion/test/campaign.hpp"

namespace takt::control {
namespace {

/// Targets at rest and moving, anywhere up to half a turn away, halts and limits lowered and raised, taken up anywhere.
class PoseCampaign : public ::testing::Test {
 protected:
  Eigen::Vector3d direction() {
    const Eigen::Vector3d d(random_.uniform(-1, 1), random_.uniform(-1, 1), random_.uniform(-1, 1));
    return random_.uniform(0, 1) < 0.2 ? Eigen::Vector3d::UnitX()
                                       : Eigen::Vector3d((d + d.cwiseSign() * 1e-6).normalized());
  }

  PoseLimits some_limits() {
    const double w = random_.log_uniform(0.1, 3.0);
    return {.velocity_m_s = random_.log_uniform(0.05, 2.0),
            .acceleration_m_s2 = random_.log_uniform(1.0, 20.0),
            .jerk_m_s3 = random_.log_uniform(100.0, 10'000.0),
            .velocity_rad_s = w,
            .acceleration_rad_s2 = w * w * random_.log_uniform(0.6, 10.0),
            .jerk_rad_s3 = w * w * w * random_.log_uniform(40.0, 1000.0)};
  }

  void begin() {
    most_ = some_limits();
    generator_ = PoseGenerator(most_);
    restart();
  }

  void restart() {
    before_ = generator_.setpoint();
    dv_.setZero();
    steps_ = 0;
  }

  void interfere() {
    const double which = random_.uniform(0.0, 1.0);
    if (which < 0.15) {
      generator_.halt();
      target_moves_ = false;
      target_ = core::Pose();
    } else if (which < 0.3) {
      const PoseLimits next = some_limits();
      ASSERT_EQ(generator_.set_limits(next), Outcome::kOk);
      most_ = {.velocity_m_s = std::max(most_.velocity_m_s, next.velocity_m_s),
               .acceleration_m_s2 = std::max(most_.acceleration_m_s2, next.acceleration_m_s2),
               .jerk_m_s3 = std::max(most_.jerk_m_s3, next.jerk_m_s3),
               .velocity_rad_s = std::max(most_.velocity_rad_s, next.velocity_rad_s),
               .acceleration_rad_s2 = std::max(most_.acceleration_rad_s2, next.acceleration_rad_s2),
               .jerk_rad_s3 = std::max(most_.jerk_rad_s3, next.jerk_rad_s3)};
    }
  }

  void expect_limits() {
    const PoseSetpoint& s = generator_.setpoint();
    ASSERT_TRUE(s.X_BE.matrix().allFinite());
    ASSERT_LE(s.v.norm(), most_.velocity_m_s * (1.0 + 1e-6));
    ASSERT_LE(s.w.norm(), most_.velocity_rad_s * (1.0 + 1e-6));
    ASSERT_LE(s.a.norm(), most_.acceleration_m_s2 * (1.0 + 1e-6));
    ASSERT_LE(s.alpha.norm(), most_.acceleration_rad_s2 * (1.0 + 1e-6));
    ASSERT_LE((s.alpha - before_.alpha).norm() / kPeriod_s, most_.jerk_rad_s3 * (1.0 + 1e-6));
    ASSERT_LE((s.a - before_.a).norm() / kPeriod_s, most_.jerk_m_s3 * (1.0 + 1e-6));
    // By differences of the poses, as an arm sees them.
    const Eigen::Vector3d v = (s.X_BE.translation() - before_.X_BE.translation()) / kPeriod_s;
    const Eigen::AngleAxisd turn(Eigen::Matrix3d(s.X_BE.linear() * before_.X_BE.linear().transpose()));
    ASSERT_LE(v.norm(), most_.velocity_m_s * (1.0 + 1e-6));
    ASSERT_LE(std::abs(turn.angle()) / kPeriod_s, most_.velocity_rad_s * (1.0 + 1e-6) + 1e-7);
    if (++steps_ > 1) {
      ASSERT_LE((v - dv_).norm() / kPeriod_s, most_.acceleration_m_s2 * (1.0 + 1e-6) + 1e-8);
    }
    dv_ = v;
    before_ = s;
  }

  void go() {
    const PoseLimits& limits = generator_.limits();
    target_ = core::Pose::Identity();
    target_.translation() = direction() * random_.log_uniform(1e-6, 1.0);
    const double angle = random_.uniform(0, 1) < 0.2 ? std::numbers::pi : random_.log_uniform(1e-6, 3.1);
    target_.linear() = Eigen::AngleAxisd(angle, direction()).toRotationMatrix();
    target_moves_ = random_.uniform(0.0, 1.0) < 0.4;
    const Eigen::Vector3d v = target_moves_ ? direction() * random_.uniform(0.0, 0.9) * limits.velocity_m_s
                                            : Eigen::Vector3d(Eigen::Vector3d::Zero());
    const Eigen::Vector3d w = target_moves_ ? direction() * random_.uniform(0.0, 0.5) * limits.velocity_rad_s
                                            : Eigen::Vector3d(Eigen::Vector3d::Zero());
    ASSERT_EQ(generator_.set_target(target_, v, w), Outcome::kOk);
    const int count = random_.uniform(0.0, 1.0) < 0.1 ? 20'000 : static_cast<int>(random_.log_uniform(1.0, 200.0));
    for (int k = 1; k <= count; ++k) {
      generator_.step(kPeriod_s);
      ASSERT_NO_FATAL_FAILURE(expect_limits());
      if (generator_.on_target()) {
        const double t = kPeriod_s * k;
        const double turned = w.norm() * t;
        const Eigen::Matrix3d R =
            Eigen::AngleAxisd(turned, turned > 0.0 ? Eigen::Vector3d(w.normalized()) : Eigen::Vector3d::UnitX()) *
            target_.linear();
        ASSERT_LE((generator_.setpoint().X_BE.translation() - target_.translation() - v * t).norm(), 1e-9);
        ASSERT_LE((generator_.setpoint().X_BE.linear() - R).norm(), 1e-9);
        met_ += target_moves_ ? 1 : 0;
        if (random_.uniform(0.0, 1.0) < 0.05) {
          break;
        }
      }
    }
    if (generator_.at_rest()) {
      ++landed_;
      ASSERT_EQ(generator_.setpoint().X_BE.matrix(), target_.matrix());
      most_ = generator_.limits();
    }
  }

  Random random_{43};
  PoseLimits most_;
  PoseGenerator generator_{PoseLimits{}};
  PoseSetpoint before_;
  Eigen::Vector3d dv_;
  int steps_{0};
  core::Pose target_;
  bool target_moves_{false};
  long met_{0};
  long landed_{0};
};

TEST_F(PoseCampaign, PosesKeepTheNormsOfTheirLimitsAndLandExactly) {
  const int legs = campaign_size(1'000);
  for (int leg = 0; leg < legs; ++leg) {
    if (leg % 50 == 0) {
      begin();
    }
    ASSERT_NO_FATAL_FAILURE(interfere());
    ASSERT_NO_FATAL_FAILURE(go()) << "leg " << leg;
  }
  EXPECT_GT(met_, legs / 50);
  EXPECT_GT(landed_, legs / 50);
}

}  // namespace
}  // namespace takt::control
