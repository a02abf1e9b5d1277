#include "takt/control/model/inverse_kinematics.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "takt/control/model/pose_task.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// An arm whose joints turn by ±bound.
struct Case {
  Case(unsigned seed, std::size_t dof, double bound)
      : model(random_arm(seed, dof)),
        lowest(JointVector::constant(dof, -bound)),
        highest(JointVector::constant(dof, bound)),
        seed_rad(JointVector::zero(dof)) {}
  [[nodiscard]] Expected<JointVector, IkError> solve(const core::Pose& X_BE, IkOptions options = {}) {
    options.effort = &effort;
    return solve_pose(model, X_BE, seed_rad, lowest, highest, options);
  }
  Model model;
  JointVector lowest, highest, seed_rad;
  IkEffort effort;
};

void expect_inside(const JointVector& q, const JointVector& lowest, const JointVector& highest) {
  for (std::size_t i = 0; i < q.size(); ++i) {
    EXPECT_GE(q[i], lowest[i]);
    EXPECT_LE(q[i], highest[i]);
  }
}

TEST(SolvePoseTest, FindsPosesOfArmsWithSixToSixteenJoints) {
  int found = 0;
  int asked = 0;
  for (unsigned seed = 1; seed <= 33; ++seed) {
    Case c(seed, 6 + seed % 11, 2.5);
    std::mt19937 random(seed);
    for (int i = 0; i < 10; ++i) {
      const core::Pose X_BE = c.model.tool_pose(random_vector(random, c.model.dof(), 2.5));
      const auto q = c.solve(X_BE);
      ++asked;
      if (!q) {
        continue;
      }
      ++found;
      const Vector6 error = pose_error(c.model.tool_pose(*q), X_BE);
      EXPECT_LE(error.head<3>().norm(), 1e-9);
      EXPECT_LE(error.tail<3>().norm(), 1e-9);
      expect_inside(*q, c.lowest, c.highest);
    }
  }
  EXPECT_GE(found, asked - 3);
}

TEST(SolvePoseTest, MovesNothingWhenTheSeedIsThere) {
  Case c(3, 7, 2.5);
  c.seed_rad = {0.1, -0.4, 0.8, 1.2, -0.3, 0.5, 0.2};
  const auto q = c.solve(c.model.tool_pose(c.seed_rad));
  ASSERT_TRUE(q);
  EXPECT_EQ(*q, c.seed_rad);
  EXPECT_EQ(c.effort.iterations, 0);
}

TEST(SolvePoseTest, StaysNearASeedThatIsNear) {
  Case c(3, 7, 2.5);
  c.seed_rad = {0.1, -0.4, 0.8, 1.2, -0.3, 0.5, 0.2};
  JointVector near = c.seed_rad;
  near.eigen().array() += 0.02;
  const auto q = c.solve(c.model.tool_pose(near));
  ASSERT_TRUE(q);
  EXPECT_LT((q->eigen() - c.seed_rad.eigen()).norm(), 1.01 * (near.eigen() - c.seed_rad.eigen()).norm());
}

TEST(SolvePoseTest, DrawsTheFreeJointsToThePosture) {
  Case c(3, 10, 2.5);
  const core::Pose X_BE = c.model.tool_pose(JointVector::constant(10, 0.9));
  IkOptions options;
  options.posture_rad = JointVector::constant(10, 0.7);
  options.posture_pull = 0.0;
  const auto plain = c.solve(X_BE, options);
  options.posture_pull = 0.3;
  const auto drawn = c.solve(X_BE, options);
  ASSERT_TRUE(plain && drawn);
  const Eigen::VectorXd posture = Eigen::VectorXd::Constant(10, 0.7);
  EXPECT_LT((drawn->eigen() - posture).norm(), 0.8 * (plain->eigen() - posture).norm());
}

TEST(SolvePoseTest, GivesTheSameAnswerTwice) {
  Case c(12, 6, 2.5);
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    const core::Pose X_BE = c.model.tool_pose(random_vector(random, 6, 2.5));
    const auto first = c.solve(X_BE);
    const auto second = c.solve(X_BE);
    ASSERT_EQ(first.has_value(), second.has_value());
    EXPECT_TRUE(!first || *first == *second);
  }
}

TEST(SolvePoseTest, ReachesAStretchedArmWhichIsSingular) {
  const Model model(planar_arm());
  IkOptions options;
  options.position_only = true;
  const JointVector free = JointVector::constant(2, kInfinity);
  const JointVector bound{-kInfinity, -kInfinity};
  core::Pose X_BE = core::Pose::Identity();
  X_BE.translation() = Eigen::Vector3d(0.9 * std::cos(0.6), 0.0, 0.9 * std::sin(0.6));
  const auto q = solve_pose(model, X_BE, {0.1, 1.0}, bound, free, options);
  ASSERT_TRUE(q);
  EXPECT_LT((model.tool_pose(*q).translation() - X_BE.translation()).norm(), 1e-9);
}

TEST(SolvePoseTest, SaysUnreachableAtOnceWhenTheChainIsTooShort) {
  Case c(5, 7, 2.5);
  core::Pose X_BE = core::Pose::Identity();
  X_BE.translation() = c.model.data().joints[0].X_PJ.translation() + Eigen::Vector3d(c.model.reach_m() + 1e-3, 0, 0);
  const auto q = c.solve(X_BE);
  ASSERT_FALSE(q);
  EXPECT_EQ(q.error(), IkError::kUnreachable);
  EXPECT_EQ(c.effort.iterations, 0);
}

TEST(SolvePoseTest, SaysUnreachableWhereTheRangeEndsBefore) {
  const Model model(planar_arm());
  IkOptions options;
  options.position_only = true;
  core::Pose X_BE = core::Pose::Identity();
  X_BE.translation() = Eigen::Vector3d(-0.6, 0.0, 0.2);  // behind
  const auto refused = solve_pose(model, X_BE, {0.1, 0.2}, {-1.0, -1.0}, {1.0, 1.0}, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), IkError::kUnreachable);
  EXPECT_TRUE(solve_pose(model, X_BE, {0.1, 0.2}, {-3.2, -3.2}, {3.2, 3.2}, options));
}

TEST(SolvePoseTest, RefusesAnOrientationThatTooFewJointsCannotTakeButGoesThereWithAnyOther) {
  const Model model(planar_arm());
  core::Pose X_BE = model.tool_pose({0.3, 0.5});
  X_BE.linear() = Eigen::AngleAxisd(0.7, Eigen::Vector3d::UnitX()).toRotationMatrix();
  const auto whole = solve_pose(model, X_BE, {0.1, 0.2}, {-3.0, -3.0}, {3.0, 3.0});
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error(), IkError::kUnreachable);
  IkOptions options;
  options.position_only = true;
  EXPECT_TRUE(solve_pose(model, X_BE, {0.1, 0.2}, {-3.0, -3.0}, {3.0, 3.0}, options));
}

TEST(SolvePoseTest, SaysNotConvergedWhenTheIterationsEndFirst) {
  Case c(3, 7, 2.5);
  IkOptions options;
  options.max_iterations = 2;
  const auto q = c.solve(c.model.tool_pose(JointVector::constant(7, 1.5)), options);
  ASSERT_FALSE(q);
  EXPECT_EQ(q.error(), IkError::kNotConverged);
  EXPECT_EQ(c.effort.iterations, 2);
}

TEST(SolvePoseTest, SpendsNoMoreThanItIsGiven) {
  Case c(3, 6, 0.5);
  std::mt19937 random(9);
  IkOptions options;
  for (int i = 0; i < 50; ++i) {
    std::ignore = c.solve(c.model.tool_pose(random_vector(random, 6, 3.0)), options);
    EXPECT_LE(c.effort.iterations, options.max_iterations);
    EXPECT_LE(c.effort.starts, options.max_starts);
  }
}

TEST(SolvePoseTest, LeavesJointsBehindTheFlangeAlone) {
  ModelData data = random_arm(5, 8);
  data.flange_link = 7;
  const Model model(data);
  const JointVector lowest = JointVector::constant(8, -2.5);
  const JointVector highest = JointVector::constant(8, 2.5);
  JointVector seed = JointVector::zero(8);
  seed[7] = 1.234;
  std::mt19937 random(3);
  for (int i = 0; i < 20; ++i) {
    const auto q = solve_pose(model, model.tool_pose(random_vector(random, 8, 2.0)), seed, lowest, highest);
    ASSERT_TRUE(q);
    EXPECT_EQ((*q)[7], 1.234);
  }
}

TEST(SolvePoseTest, RefusesQuestionsThatMakeNoSense) {
  Case c(3, 7, 2.5);
  const core::Pose good = c.model.tool_pose(c.seed_rad);
  const auto refused = [&](const core::Pose& X_BE) {
    const auto q = c.solve(X_BE);
    return !q && q.error() == IkError::kInvalid;
  };
  core::Pose bad = good;
  bad.translation().x() = std::nan("");
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.linear()(1, 1) += 0.01;
  EXPECT_TRUE(refused(bad));
  std::swap(c.lowest, c.highest);
  EXPECT_TRUE(refused(good));
  std::swap(c.lowest, c.highest);
  c.seed_rad = JointVector::zero(6);
  EXPECT_TRUE(refused(good));
  c.seed_rad = JointVector::constant(7, std::nan(""));
  EXPECT_TRUE(refused(good));
  c.seed_rad = JointVector::zero(7);
  EXPECT_FALSE(refused(good));
}

TEST(SolvePoseTest, AllocatesNothing) {
  Case c(3, 7, 2.5);
  const core::Pose near = c.model.tool_pose(JointVector::constant(7, 1.5));
  core::Pose nowhere = near;
  nowhere.translation() = c.model.data().joints[0].X_PJ.translation();
  std::uint64_t allocations = 0;
  {
    const takt::testing::AllocationGuard guard;
    std::ignore = c.solve(near);
    std::ignore = c.solve(nowhere);
    allocations = guard.count();
  }
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace takt::control
