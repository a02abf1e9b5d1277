#include "takt/control/model/differential_ik.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/model/test/follower_rig.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::kDtS;
using testing::line_from;
using testing::planar_arm;
using testing::random_arm;
using testing::Reference;
using testing::Rig;

TEST(DifferentialIkTest, StaysWhereItIsAskedToBe) {
  Rig rig(random_arm(3, 7), 3.0);
  rig.hold(rig.X_start, 1.0);
  EXPECT_LT(core::max_abs_difference(rig.ik.q_rad(), rig.start), 1e-12);
  EXPECT_LT(rig.ik.dq_rad_s().eigen().norm(), 1e-12);
}

TEST(DifferentialIkTest, FollowsAStraightLineWithATurnAndLandsExactly) {
  for (const std::size_t dof : {6U, 7U, 10U, 16U}) {
    Rig rig(random_arm(3, dof), 3.0);
    const auto line = line_from(rig.X_start, {0.1, -0.05, 0.08}, {0.1, 0.2, -0.2});
    EXPECT_LT(rig.follow(line, 1.0), 1e-5) << dof;
    rig.hold(line(1.0).X_BE, 1.0);
    EXPECT_LT(rig.error(line(1.0).X_BE), 1e-9) << dof;
    EXPECT_LT(rig.ik.dq_rad_s().eigen().norm(), 1e-9) << dof;
  }
}

TEST(DifferentialIkTest, FollowsACircleWithoutLag) {
  Rig rig(random_arm(3, 7), 3.0);
  constexpr double kRadius = 0.03;
  const auto circle = [&](double t) {  // comes up to 3 rad/s within a second
    const double phase = t < 1.0 ? 1.5 * t * t * t * (2.0 - t) : 3.0 * t - 1.5;
    const double rate = t < 1.0 ? 1.5 * t * t * (6.0 - 4.0 * t) : 3.0;
    Reference reference{.X_BE = rig.X_start};
    reference.X_BE.translation() += kRadius * Eigen::Vector3d(std::cos(phase) - 1.0, std::sin(phase), 0.0);
    reference.V_BE.head<3>() = kRadius * rate * Eigen::Vector3d(-std::sin(phase), std::cos(phase), 0.0);
    return reference;
  };
  EXPECT_LT(rig.follow(circle, 6.0), 1e-5);
  EXPECT_EQ(rig.least_singularity, 1.0);
  EXPECT_GT(rig.ik.dq_rad_s().eigen().norm(), 0.1);
}

TEST(DifferentialIkTest, HasAVelocityThatIsTheDerivativeOfItsPosition) {
  Rig rig(random_arm(4, 7), 3.0);
  const auto line = line_from(rig.X_start, {0.1, 0.1, 0.0}, {0.3, 0.0, 0.0});
  for (int k = 1; k <= 1500; ++k) {
    const JointVector q = rig.ik.q_rad();
    const JointVector dq = rig.ik.dq_rad_s();
    const Reference wanted = line(k * kDtS);
    const DifferentialIk::Step step = rig.ik.step(rig.model, wanted.X_BE, wanted.V_BE, kDtS);
    const Eigen::VectorXd expected = q.eigen() + 0.5 * kDtS * (dq.eigen() + step.dq_rad_s.eigen());
    ASSERT_LT((step.q_rad.eigen() - expected).norm(), 1e-14) << k;
  }
}

TEST(DifferentialIkTest, GoesOnInMotionWithoutAJump) {
  Rig rig(random_arm(3, 7), 3.0);
  const JointVector dq = JointVector::constant(7, 0.2);
  rig.ik.reset(rig.start, dq);
  const ToolMotion moving = rig.model.tool_motion(rig.start, dq);
  core::Pose next = moving.X_BE;
  next.translation() += kDtS * moving.V_BE.head<3>();
  next.linear() =
      Eigen::AngleAxisd(kDtS * moving.V_BE.tail<3>().norm(), moving.V_BE.tail<3>().normalized()) * moving.X_BE.linear();
  rig.ik.step(rig.model, next, moving.V_BE, kDtS);
  const Vector6 twist = rig.model.tool_motion(rig.ik.q_rad(), rig.ik.dq_rad_s()).V_BE;
  EXPECT_LT((twist - moving.V_BE).norm(), 0.01 * moving.V_BE.norm());
}

TEST(DifferentialIkTest, GoesToThePostureWithoutMovingTheTool) {
  Rig rig(random_arm(3, 8), 3.0);
  JointVector posture = rig.start;
  posture.eigen().array() += 0.7;
  rig.ik.set_posture(posture);
  const double before = (rig.start.eigen() - posture.eigen()).norm();
  EXPECT_LT(rig.hold(rig.X_start, 20.0), 1e-6);
  EXPECT_LT(rig.worst_change, 0.5 / 0.2 * kDtS * 1.01);  // the pull sets in gently
  EXPECT_LT((rig.ik.q_rad().eigen() - posture.eigen()).norm(), before);
  // What still pulls is what would move the tool.
  const JacobianMatrix J = rig.model.tool_jacobian(rig.ik.q_rad());
  const Eigen::VectorXd pull = posture.eigen() - rig.ik.q_rad().eigen();
  const Eigen::VectorXd free = pull - J.transpose() * (J * J.transpose()).inverse() * (J * pull);
  EXPECT_LT(free.norm(), 1e-4);
  rig.ik.set_posture({});
  rig.hold(rig.X_start, 5.0);
  EXPECT_LT(rig.ik.dq_rad_s().eigen().norm(), 1e-9);
  EXPECT_LT(rig.error(rig.X_start), 1e-9);
}

TEST(DifferentialIkTest, ReachesAPointWithAnyOrientationWhenAskedTo) {
  DifferentialIkOptions options;
  options.position_only = true;
  Rig rig(random_arm(3, 4), 3.0, options);
  core::Pose X_BE = rig.X_start;
  X_BE.translation() += Eigen::Vector3d(0.05, -0.03, 0.04);
  rig.hold(X_BE, 3.0);
  EXPECT_LT((rig.model.tool_pose(rig.ik.q_rad()).translation() - X_BE.translation()).norm(), 1e-9);
}

TEST(DifferentialIkTest, WorksForAnArmThatIsSingularByItsNature) {
  DifferentialIkOptions options;
  options.position_only = true;
  Rig rig(planar_arm(), 3.0, options);  // moves in a plane: three equations, rank two
  const core::Pose X_BE = rig.model.tool_pose({0.2, 1.0});
  rig.hold(X_BE, 3.0);
  EXPECT_LT((rig.model.tool_pose(rig.ik.q_rad()).translation() - X_BE.translation()).norm(), 1e-9);
}

TEST(DifferentialIkTest, RefusesLimitsAndOptionsThatMakeNoSense) {
  const std::vector<JointLimits> limits = Rig::limits(2);
  EXPECT_THROW(DifferentialIk(limits, {-1.0}, {1.0, 1.0}), LogicError);
  EXPECT_THROW(DifferentialIk({}, {}, {}), LogicError);
  EXPECT_THROW(DifferentialIk(limits, {-1.0, 1.0}, {1.0, 1.0}), LogicError);
  EXPECT_THROW(DifferentialIk(limits, {-1.0, std::nan("")}, {1.0, 1.0}), LogicError);
  DifferentialIkOptions options;
  options.feedback_1_s = 0.0;
  EXPECT_THROW(DifferentialIk(limits, {-1.0, -1.0}, {1.0, 1.0}, options), LogicError);
  options = {};
  options.posture_speed_rad_s = -1.0;
  EXPECT_THROW(DifferentialIk(limits, {-1.0, -1.0}, {1.0, 1.0}, options), LogicError);
}

TEST(DifferentialIkTest, AllocatesNothingInItsCycle) {
  Rig rig(random_arm(3, core::kMaxJoints), 0.9);
  const JointVector posture = JointVector::constant(core::kMaxJoints, 0.2);
  const core::Pose X_BE = rig.model.tool_pose(JointVector::constant(core::kMaxJoints, 1.5));
  const takt::testing::AllocationGuard guard;
  rig.ik.set_posture(posture);
  for (int k = 0; k < 1000; ++k) {
    rig.ik.step(rig.model, X_BE, Vector6::Ones(), kDtS);
  }
  rig.ik.reset(posture);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
