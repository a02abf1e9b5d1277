#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/model/test/follower_rig.hpp"
#include "takt/control/model/test/test_arms.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::kAccelerationRadS2;
using testing::kDtS;
using testing::kVelocityRadS;
using testing::line_from;
using testing::random_arm;
using testing::random_vector;
using testing::Reference;
using testing::Rig;

TEST(DifferentialIkLimitsTest, SlowsAllJointsTogetherForAVelocityLimit) {
  Rig rig(random_arm(3, 7), 3.0);
  rig.ik.reset(rig.start);
  Vector6 V = Vector6::Zero();
  V.head<3>() = Eigen::Vector3d(2.0, -1.0, 2.0);
  core::Pose X = rig.X_start;
  double slowest = 1.0;
  for (int k = 0; k < 150; ++k) {
    X.translation() += kDtS * V.head<3>();
    slowest = std::min(slowest, rig.ik.step(rig.model, X, V, kDtS).speed_factor);
    ASSERT_LE(rig.ik.dq_rad_s().eigen().cwiseAbs().maxCoeff(), kVelocityRadS + 1e-12);
  }
  EXPECT_LT(slowest, 0.9);
  rig.hold(X, 3.0);
  EXPECT_LT(rig.error(X), 1e-9);
}

TEST(DifferentialIkLimitsTest, KeepsRangeVelocityAndAccelerationWhateverItIsAsked) {
  for (unsigned seed = 1; seed <= 15; ++seed) {
    Rig rig(random_arm(seed, 1 + seed), 1.0);
    std::mt19937 random(seed);
    rig.ik.set_posture(random_vector(random, rig.model.dof(), 1.0));
    Reference wanted{.X_BE = rig.X_start};
    for (int k = 0; k < 5000; ++k) {
      if (k % 250 == 0) {  // jumps: some poses can be reached, some cannot
        wanted.X_BE = rig.model.tool_pose(random_vector(random, rig.model.dof(), 2.5));
        wanted.V_BE.setZero();
        if (k % 750 == 0) {
          wanted.X_BE.translation() *= 2.0;
          wanted.V_BE.setConstant(0.3);
        }
      }
      const JointVector before = rig.ik.dq_rad_s();
      rig.ik.step(rig.model, wanted.X_BE, wanted.V_BE, kDtS);
      ASSERT_TRUE(rig.ik.dq_rad_s().all_finite());
      for (std::size_t i = 0; i < rig.model.dof(); ++i) {
        ASSERT_GE(rig.ik.q_rad()[i], -1.0);
        ASSERT_LE(rig.ik.q_rad()[i], 1.0);
        ASSERT_LE(std::abs(rig.ik.dq_rad_s()[i]), kVelocityRadS * (1.0 + 1e-12));
      }
      ASSERT_LE(core::max_abs_difference(before, rig.ik.dq_rad_s()), 1.05 * kAccelerationRadS2 * kDtS)
          << "seed " << seed << " step " << k;
    }
  }
}

TEST(DifferentialIkLimitsTest, GoesAlongTheEndOfAJointsRangeWithTheOtherJoints) {
  Rig rig(random_arm(3, 7), 3.0);
  // The end is put right before where joint 2 would go.
  const auto line = line_from(rig.X_start, {0.1, -0.05, 0.08}, {0.1, 0.2, -0.2});
  rig.follow(line, 2.0);
  const double wants = rig.ik.q_rad()[1] - rig.start[1];
  ASSERT_GT(std::abs(wants), 0.02);
  (wants > 0.0 ? rig.highest : rig.lowest)[1] = rig.start[1] + 0.3 * wants;
  rig.ik = DifferentialIk(Rig::limits(7), rig.lowest, rig.highest);
  rig.ik.reset(rig.start);
  rig.worst_change = 0.0;
  rig.follow(line, 3.0);
  EXPECT_LT(rig.error(line(1.0).X_BE), 1e-9);
  EXPECT_NEAR(rig.ik.q_rad()[1], rig.start[1] + 0.3 * wants, 1e-3);
  EXPECT_LE(rig.worst_change, kAccelerationRadS2 * kDtS * (1.0 + 1e-9));
}

TEST(DifferentialIkLimitsTest, ComesBackFromOutsideItsRangeAndGoesNoFarther) {
  Rig rig(random_arm(3, 7), 0.7);  // joints 2, 4 and 6 start at −0.8
  JointVector before = rig.ik.q_rad();
  JointVector inside = rig.start;
  inside.eigen() *= 0.5;
  rig.ik.set_posture(inside);
  for (int k = 0; k < 3000; ++k) {
    const core::Pose X_BE = rig.model.tool_pose(k < 500 ? JointVector::constant(7, -1.5) : inside);
    rig.ik.step(rig.model, X_BE, Vector6::Zero(), kDtS);
    for (const std::size_t i : {1U, 3U, 5U}) {
      if (before[i] < -0.7) {
        ASSERT_GE(rig.ik.q_rad()[i], before[i]) << k;
      } else {
        ASSERT_GE(rig.ik.q_rad()[i], -0.7) << k;
      }
    }
    before = rig.ik.q_rad();
  }
  EXPECT_GT(rig.ik.q_rad()[3], -0.7);
}

TEST(DifferentialIkLimitsTest, WorksWithoutAnyLimit) {
  const Model model(random_arm(3, 7));
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  DifferentialIk ik(std::vector<JointLimits>(7), JointVector::constant(7, -kInfinity),
                    JointVector::constant(7, kInfinity));
  JointVector q{0.6, -0.8, 0.6, -0.8, 0.6, -0.8, 0.6};
  ik.reset(q);
  q.eigen().array() += 0.05;
  for (int k = 0; k < 2000; ++k) {
    ik.step(model, model.tool_pose(q), Vector6::Zero(), kDtS);
  }
  EXPECT_LT(pose_error(model.tool_pose(ik.q_rad()), model.tool_pose(q)).norm(), 1e-9);
}

}  // namespace
}  // namespace takt::control
