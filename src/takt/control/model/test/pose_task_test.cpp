#include "takt/control/model/pose_task.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

core::Pose turned(double angle_rad, const Eigen::Vector3d& axis) {
  return core::Pose(Eigen::AngleAxisd(angle_rad, axis.normalized()));
}

TEST(PoseErrorTest, IsTheTwistThatLeadsFromOnePoseToTheOther) {
  const core::Pose X_BE = Eigen::Translation3d(0.1, 0.2, 0.3) * turned(0.8, {1, 2, 3});
  for (const double angle : {0.0, 1e-12, 1e-9, 1e-5, 0.3, 2.0, 3.1, std::numbers::pi - 1e-9}) {
    const Eigen::Vector3d axis = Eigen::Vector3d(-0.3, 0.5, 0.8).normalized();
    core::Pose X_BD = turned(angle, axis) * X_BE;
    X_BD.translation() = X_BE.translation() + Eigen::Vector3d(0.01, -0.02, 0.03);
    const Vector6 error = pose_error(X_BE, X_BD);
    EXPECT_TRUE(error.head<3>().isApprox(Eigen::Vector3d(0.01, -0.02, 0.03), 1e-12));
    EXPECT_LT((error.tail<3>() - angle * axis).norm(), 1e-15 + 1e-8 * angle) << angle;
  }
}

TEST(PoseErrorTest, TurnsTheShorterWay) {
  const core::Pose X_BD = turned(2.0 * std::numbers::pi - 0.1, Eigen::Vector3d::UnitX());
  EXPECT_TRUE(pose_error(core::Pose::Identity(), X_BD).tail<3>().isApprox(Eigen::Vector3d(-0.1, 0, 0), 1e-12));
}

TEST(PoseErrorTest, IsWhatTheJacobianMakesOfASmallStep) {
  const Model model(testing::random_arm(4, 7));
  std::mt19937 random(1);
  const core::JointVector q = testing::random_vector(random, 7, 2.0);
  const core::JointVector step = testing::random_vector(random, 7, 1e-6);
  core::JointVector ahead = q;
  ahead.eigen() += step.eigen();
  const Vector6 error = pose_error(model.tool_pose(q), model.tool_pose(ahead));
  EXPECT_LT((error - model.tool_jacobian(q) * step.eigen()).norm(), 1e-11);
}

TEST(IsRigidTest, RefusesWhatIsNoRotationOrNotFinite) {
  core::Pose X = turned(0.4, {1, 0, 2});
  EXPECT_TRUE(is_rigid(X, 1e-12));
  X.linear()(0, 0) += 2e-3;
  EXPECT_FALSE(is_rigid(X, 1e-3));
  X = core::Pose::Identity();
  X.linear() = -Eigen::Matrix3d::Identity();
  EXPECT_FALSE(is_rigid(X, 1e-3));
  X = core::Pose::Identity();
  X.translation().z() = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(is_rigid(X, 1e-3));
}

TEST(GramianTest, CountsTheJointsOfTheMaskOnly) {
  const Model model(testing::random_arm(6, 5));
  const JacobianMatrix J = model.tool_jacobian({0.1, 0.2, 0.3, 0.4, 0.5});
  EXPECT_TRUE(gramian(J, JointMask(0b11111)).isApprox(J * J.transpose(), 1e-12));
  EXPECT_TRUE(gramian(J, JointMask(0b00100)).isApprox(J.col(2) * J.col(2).transpose(), 1e-12));
}

TEST(TraceOfInverseTest, BoundsTheSmallestSingularValue) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Model model(testing::random_arm(seed, 7));
    std::mt19937 random(seed);
    const JacobianMatrix J = model.tool_jacobian(testing::random_vector(random, 7, 2.0));
    const Matrix6 A = gramian(J, JointMask().set());
    const double trace = trace_of_inverse(Eigen::LLT<Matrix6>(A).matrixLLT());
    EXPECT_NEAR(trace, A.inverse().trace(), 1e-6 * trace) << "seed " << seed;
    const double least = Eigen::JacobiSVD<Eigen::MatrixXd>(J).singularValues().minCoeff();
    EXPECT_LE(1.0 / trace, least * least * (1.0 + 1e-6)) << "seed " << seed;
    EXPECT_GE(6.0 / trace, least * least) << "seed " << seed;
  }
}

TEST(PoseTaskTest, AllocatesNothing) {
  const Model model(testing::random_arm(6, core::kMaxJoints));
  const core::JointVector q = core::JointVector::constant(core::kMaxJoints, 0.3);
  const JacobianMatrix J = model.tool_jacobian(q);
  const core::Pose X = model.tool_pose(q);
  double sink = 0.0;
  const takt::testing::AllocationGuard guard;
  sink += pose_error(X, core::Pose::Identity())[3];
  sink += gramian(J, JointMask().set())(0, 0);
  sink += is_rigid(X, 1e-9) ? 1.0 : 0.0;
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(std::isfinite(sink));
}

}  // namespace
}  // namespace takt::control
