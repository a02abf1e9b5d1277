#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/model/differential_ik.hpp"
#include "takt/control/model/inverse_kinematics.hpp"
#include "takt/control/model/pose_task.hpp"
#include "takt/control/model/self_collision.hpp"
#include "takt/control/motion/joint_generator.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/models/so101.hpp"

// The kinematics of control/model on the arms that exist.

namespace takt::robots::models {
namespace {

using control::DifferentialIk;
using control::IkError;
using control::Model;
using control::Vector6;
using core::JointVector;

constexpr double kPi = std::numbers::pi;

std::vector<control::JointLimits> limits_of(const control::ModelData& data) {
  std::vector<control::JointLimits> limits;
  for (const control::JointData& joint : data.joints) {
    limits.push_back(joint.limits);
  }
  return limits;
}

/// An arm with the range that its generator works in.
struct Arm {
  explicit Arm(const control::ModelData& data) : model(data) {
    const control::JointGenerator generator(limits_of(data));
    lowest = generator.lowest_rad();
    highest = generator.highest_rad();
    middle = lowest;
    middle.eigen() = 0.5 * (lowest.eigen() + highest.eigen());
    home = JointVector(data.home_rad);
  }
  JointVector random_posture(std::mt19937& random) const {
    JointVector q = middle;
    for (std::size_t i = 0; i < q.size(); ++i) {
      q[i] = std::uniform_real_distribution<double>(lowest[i], highest[i])(random);
    }
    return q;
  }
  Model model;
  JointVector lowest, highest, middle, home;
};

/// Random postures of which the pose was found again from the middle of the range, in thousandths.
double found_per_mille(const Arm& arm, int count) {
  std::mt19937 random(7);
  int found = 0;
  for (int i = 0; i < count; ++i) {
    const core::Pose X_BE = arm.model.tool_pose(arm.random_posture(random));
    const auto q = control::solve_pose(arm.model, X_BE, arm.middle, arm.lowest, arm.highest);
    if (!q) {
      continue;
    }
    ++found;
    const Vector6 error = control::pose_error(arm.model.tool_pose(*q), X_BE);
    EXPECT_LE(error.head<3>().norm(), 1e-9) << i;
    EXPECT_LE(error.tail<3>().norm(), 1e-9) << i;
    for (std::size_t joint = 0; joint < arm.model.dof(); ++joint) {
      EXPECT_GE((*q)[joint], arm.lowest[joint]);
      EXPECT_LE((*q)[joint], arm.highest[joint]);
    }
  }
  return 1000.0 * found / count;
}

TEST(Fr3KinematicsTest, FindsAThousandOutOfAThousandRandomPosesGiveOrTakeOne) {
  EXPECT_GE(found_per_mille(Arm(fr3()), 5000), 999.0);
}

TEST(So101KinematicsTest, FindsNearlyAllPosesThatItsFiveJointsCanTake) {
  EXPECT_GE(found_per_mille(Arm(so101()), 5000), 995.0);
}

TEST(So101KinematicsTest, RefusesAnOrientationThatItsFiveJointsCannotTake) {
  const Arm arm(so101());
  core::Pose X_BE = arm.model.tool_pose({0.3, 0.2, 0.4, 0.5, 0.1, 0.0});
  X_BE.linear() = Eigen::AngleAxisd(0.5, Eigen::Vector3d::UnitZ()) * X_BE.linear();
  const auto whole = control::solve_pose(arm.model, X_BE, arm.home, arm.lowest, arm.highest);
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error(), IkError::kUnreachable);
  EXPECT_TRUE(
      control::solve_pose(arm.model, X_BE, arm.home, arm.lowest, arm.highest, {.position_only = true}).has_value());
}

TEST(Fr3KinematicsTest, SaysThatPosesItCannotReachAreUnreachable) {
  const Arm arm(fr3());
  const core::Pose X_home = arm.model.tool_pose(arm.home);
  for (const Eigen::Vector3d& p : {Eigen::Vector3d(2.0, 0.0, 0.5), Eigen::Vector3d(0.0, 0.0, 0.333),
                                   Eigen::Vector3d(0.95, 0.0, 0.333), Eigen::Vector3d(0.0, 0.0, -0.6)}) {
    core::Pose X_BE = X_home;
    X_BE.translation() = p;
    control::IkEffort effort;
    const auto q = control::solve_pose(arm.model, X_BE, arm.home, arm.lowest, arm.highest, {.effort = &effort});
    ASSERT_FALSE(q) << p.transpose();
    EXPECT_EQ(q.error(), IkError::kUnreachable) << p.transpose();
    EXPECT_LE(effort.iterations, 1000);
  }
}

/// Follows a straight way there and back, each in `time_s`, and a rest of 3 s.
struct Journey {
  double worst_error{0.0}, last_error{0.0}, worst_acceleration_share{0.0}, least_singularity{1.0};
  JointVector q_rad, dq_rad_s;
};
Journey go_and_return(const Arm& arm, const Eigen::Vector3d& way_m, double time_s) {
  constexpr double kDtS = 1e-3;
  const std::vector<control::JointLimits> limits = limits_of(arm.model.data());
  DifferentialIk ik(limits, arm.lowest, arm.highest);
  ik.reset(arm.home);
  ik.set_posture(arm.home);
  const core::Pose X_home = arm.model.tool_pose(arm.home);
  Journey journey;
  for (int k = 1; k * kDtS <= 2.0 * time_s + 3.0; ++k) {
    const double s = std::clamp(k * kDtS / (2.0 * time_s), 0.0, 1.0);
    const double turn = 2.0 * kPi * s - std::sin(2.0 * kPi * s);  // the way: 1 − cos, eased at both ends
    const double turn_rate = s < 1.0 ? kPi / time_s * (1.0 - std::cos(2.0 * kPi * s)) : 0.0;
    core::Pose X_BE = X_home;
    X_BE.translation() += 0.5 * (1.0 - std::cos(turn)) * way_m;
    Vector6 V_BE = Vector6::Zero();
    V_BE.head<3>() = 0.5 * std::sin(turn) * turn_rate * way_m;
    const JointVector before = ik.dq_rad_s();
    const DifferentialIk::Step step = ik.step(arm.model, X_BE, V_BE, kDtS);
    journey.least_singularity = std::min(journey.least_singularity, step.singularity);
    journey.last_error = control::pose_error(arm.model.tool_pose(ik.q_rad()), X_BE).norm();
    journey.worst_error = std::max(journey.worst_error, journey.last_error);
    for (std::size_t i = 0; i < arm.model.dof(); ++i) {
      const double acceleration = std::abs(ik.dq_rad_s()[i] - before[i]) / kDtS;
      journey.worst_acceleration_share =
          std::max(journey.worst_acceleration_share, acceleration / limits[i].acceleration_rad_s2);
      EXPECT_GE(ik.q_rad()[i], arm.lowest[i]);
      EXPECT_LE(ik.q_rad()[i], arm.highest[i]);
      EXPECT_LE(ik.dq_rad_s()[i], limits[i].velocity_upper_rad_s(ik.q_rad()[i]) + 1e-3);
      EXPECT_GE(ik.dq_rad_s()[i], limits[i].velocity_lower_rad_s(ik.q_rad()[i]) - 1e-3);
    }
  }
  journey.q_rad = ik.q_rad();
  journey.dq_rad_s = ik.dq_rad_s();
  return journey;
}

TEST(Fr3DifferentialIkTest, FollowsAWayThroughOpenSpaceExactly) {
  const Journey journey = go_and_return(Arm(fr3()), {0.1, 0.25, -0.2}, 2.0);
  EXPECT_LT(journey.worst_error, 2e-6);
  EXPECT_LT(journey.last_error, 1e-9);
  EXPECT_EQ(journey.least_singularity, 1.0);
  EXPECT_LT(journey.worst_acceleration_share, 1.0);
}

TEST(Fr3DifferentialIkTest, StretchesItsElbowBeyondItsReachAndComesBackWithoutAJump) {
  const Arm arm(fr3());
  for (const Eigen::Vector3d& way :
       {Eigen::Vector3d(0.8, 0.0, 0.3), Eigen::Vector3d(0.6, 0.3, -0.4), Eigen::Vector3d(0.2, 0.0, 0.9)}) {
    const Journey journey = go_and_return(arm, way, 2.5);
    EXPECT_LT(journey.least_singularity, 0.5) << way.transpose();
    EXPECT_GT(journey.worst_error, 0.05) << way.transpose();
    EXPECT_LT(journey.last_error, 1e-9) << way.transpose();
    EXPECT_LE(journey.worst_acceleration_share, 1.05) << way.transpose();
  }
}

TEST(Fr3DifferentialIkTest, FoldsIntoItsJointRangesAndComesBackWithoutAJump) {
  const Arm arm(fr3());
  for (const Eigen::Vector3d& way : {Eigen::Vector3d(-0.6, 0.0, 0.0), Eigen::Vector3d(-0.5, 0.0, -0.3),
                                     Eigen::Vector3d(0.0, 0.0, -0.7), Eigen::Vector3d(-0.3, 0.5, 0.0)}) {
    const Journey journey = go_and_return(arm, way, 2.5);
    EXPECT_LT(journey.last_error, 1e-6) << way.transpose();
    EXPECT_LE(journey.worst_acceleration_share, 1.05) << way.transpose();
  }
}

TEST(Fr3SelfCollisionTest, IsFreeAtHomeWithRoomToSpare) {
  const Model model(fr3());
  const control::SelfCollision collision(model);
  EXPECT_GT(collision.nearest(model, JointVector(model.data().home_rad)).distance_m, 0.2);
  EXPECT_EQ(collision.pairs().size(), 8U);
}

TEST(Fr3SelfCollisionTest, FindsTheHandFlangeInTheBaseAndTheForearmInTheShoulder) {
  const Model model(fr3());
  const control::SelfCollision collision(model);
  // Bent forward and folded back: the last link comes down beside the base's column.
  const auto flange = collision.nearest(model, {0.0, 0.6, 0.0, -3.0, 0.0, 1.2, 0.785});
  EXPECT_LT(flange.distance_m, 0.0);
  const auto open = collision.nearest(model, {0.0, 0.6, 0.0, -1.2, 0.0, 1.8, 0.785});
  EXPECT_GT(open.distance_m, 0.1);
}

TEST(Fr3SelfCollisionTest, CallsFewPosturesOfItsRangeCollisions) {
  const Arm arm(fr3());
  const control::SelfCollision collision(arm.model);
  std::mt19937 random(3);
  int touching = 0;
  for (int i = 0; i < 5000; ++i) {
    touching += collision.nearest(arm.model, arm.random_posture(random)).distance_m < 0.0 ? 1 : 0;
  }
  EXPECT_GT(touching, 50);   // 1 %: the guard is not blind
  EXPECT_LT(touching, 250);  // 5 %: nor does it see ghosts
}

}  // namespace
}  // namespace takt::robots::models
