#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "takt/control/model/model.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

core::Pose some_tool() {
  core::Pose X_FE = core::Pose::Identity();
  X_FE.translation() = Eigen::Vector3d(0.03, -0.05, 0.12);
  X_FE.linear() = Eigen::AngleAxisd(0.9, Eigen::Vector3d(1, -2, 1).normalized()).toRotationMatrix();
  return X_FE;
}

LinkInertia some_payload() {
  LinkInertia payload;
  payload.mass_kg = 0.73;
  payload.p_LC_m = Eigen::Vector3d(0.01, 0.02, 0.03);
  payload.I_C_kg_m2 = Eigen::Vector3d(0.001, 0.0025, 0.0017).asDiagonal();
  return payload;
}

JointVector plus(const JointVector& a, const JointVector& b, double factor) {
  JointVector sum = a;
  sum.eigen() += factor * b.eigen();
  return sum;
}

/// A random arm with a tool, the flange one joint before the last in every third arm, and a random state of it.
struct Case {
  explicit Case(unsigned seed) : random(seed), model(data_for(seed)) {
    model.set_tool(some_tool());
    q = random_vector(random, model.dof(), 3.0);
    dq = random_vector(random, model.dof(), 2.0);
  }
  static ModelData data_for(unsigned seed) {
    ModelData data = random_arm(seed, 2 + seed % (core::kMaxJoints - 1));
    data.flange_link = seed % 3 == 0 ? data.dof() - 1 : 0;
    return data;
  }
  std::mt19937 random;
  Model model;
  JointVector q, dq;
};

TEST(ModelToolTest, SitsOnTheFlangeUntilItIsSet) {
  const Model model(random_arm(3, 6));
  const JointVector q{0.3, -0.2, 1.0, 0.4, -1.1, 0.9};
  EXPECT_TRUE(model.tool().isApprox(core::Pose::Identity(), 0.0));
  EXPECT_TRUE(model.tool_pose(q).isApprox(model.flange_pose(q), 0.0));
  EXPECT_TRUE(model.tool_jacobian(q).isApprox(model.flange_jacobian(q), 0.0));
}

TEST(ModelToolTest, IsCarriedByTheFlange) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Case c(seed);
    const core::Pose expected = c.model.flange_pose(c.q) * some_tool();
    EXPECT_TRUE(c.model.tool_pose(c.q).isApprox(expected, 1e-12)) << "seed " << seed;
  }
}

TEST(ModelToolTest, IsNeverFartherAwayThanTheReachOfItsArm) {
  Model planar(planar_arm());
  EXPECT_DOUBLE_EQ(planar.reach_m(), 0.9);
  planar.set_tool(core::Pose(Eigen::Translation3d(0.1, 0.0, 0.0)));
  EXPECT_DOUBLE_EQ(planar.reach_m(), 1.0);
  EXPECT_NEAR(planar.tool_pose({0.0, 0.0}).translation().norm(), 1.0, 1e-15);
  for (unsigned seed = 1; seed <= 200; ++seed) {
    const Case c(seed);
    const Eigen::Vector3d p_BJ = c.model.data().joints[0].X_PJ.translation();
    EXPECT_LE((c.model.tool_pose(c.q).translation() - p_BJ).norm(), c.model.reach_m() + 1e-12) << "seed " << seed;
  }
}

TEST(ModelToolTest, HasAJacobianThatIsTheDerivativeOfItsPose) {
  constexpr double kStep = 1e-6;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Case c(seed);
    const core::Pose ahead = c.model.tool_pose(plus(c.q, c.dq, kStep));
    const core::Pose behind = c.model.tool_pose(plus(c.q, c.dq, -kStep));
    Vector6 expected;
    const Eigen::AngleAxisd turn(Eigen::Matrix3d(ahead.linear() * behind.linear().transpose()));
    expected << (ahead.translation() - behind.translation()) / (2 * kStep), turn.axis() * turn.angle() / (2 * kStep);
    const Vector6 twist = c.model.tool_jacobian(c.q) * c.dq.eigen();
    EXPECT_TRUE(twist.isApprox(expected, 1e-7)) << "seed " << seed;
  }
}

TEST(ModelToolTest, MovesInOneQueryAsInTheSeparateOnes) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Case c(seed);
    const ToolMotion motion = c.model.tool_motion(c.q, c.dq);
    EXPECT_TRUE(motion.X_BE.isApprox(c.model.tool_pose(c.q), 0.0)) << "seed " << seed;
    EXPECT_TRUE(motion.J.isApprox(c.model.tool_jacobian(c.q), 0.0)) << "seed " << seed;
    EXPECT_TRUE(motion.V_BE.isApprox(motion.J * c.dq.eigen(), 1e-12)) << "seed " << seed;
  }
}

TEST(ModelToolTest, HasABiasThatIsTheChangeOfTheJacobianAlongTheMotion) {
  constexpr double kStep = 1e-6;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Case c(seed);
    const JacobianMatrix slope =
        (c.model.tool_jacobian(plus(c.q, c.dq, kStep)) - c.model.tool_jacobian(plus(c.q, c.dq, -kStep))) / (2 * kStep);
    EXPECT_TRUE(c.model.tool_motion(c.q, c.dq).bias.isApprox(slope * c.dq.eigen(), 1e-7)) << "seed " << seed;
  }
}

TEST(ModelToolTest, IsRefusedWhenItIsNoRigidTransform) {
  Model model(planar_arm());
  core::Pose skewed = some_tool();
  skewed.linear()(0, 1) += 1e-4;
  EXPECT_THROW(model.set_tool(skewed), LogicError);
  core::Pose mirrored = core::Pose::Identity();
  mirrored.linear()(2, 2) = -1.0;
  EXPECT_THROW(model.set_tool(mirrored), LogicError);
  core::Pose unknown = core::Pose::Identity();
  unknown.translation().x() = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(model.set_tool(unknown), LogicError);
  EXPECT_TRUE(model.tool().isApprox(core::Pose::Identity(), 0.0));
}

TEST(ModelToolTest, RoundsARotationThatIsPrintedToSevenDigits) {
  Model model(planar_arm());
  core::Pose printed = some_tool();
  printed.linear() *= 1.0 + 2e-7;
  model.set_tool(printed);
  EXPECT_TRUE((model.tool().linear() * model.tool().linear().transpose()).isIdentity(1e-14));
}

TEST(ModelPayloadGravityTest, IsWhatThePayloadAddsToTheWholeArms) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Case c(seed);
    EXPECT_FALSE(c.model.payload().has_value());
    EXPECT_EQ(c.model.payload_gravity_nm(c.q), JointVector::zero(c.model.dof()));
    const JointVector empty = c.model.gravity_nm(c.q);
    c.model.set_payload(some_payload());
    const JointVector added = plus(c.model.gravity_nm(c.q), empty, -1.0);
    EXPECT_LT(core::max_abs_difference(c.model.payload_gravity_nm(c.q), added), 1e-12) << "seed " << seed;
    EXPECT_EQ(c.model.payload()->mass_kg, 0.73);
    c.model.clear_payload();
    EXPECT_EQ(c.model.payload_gravity_nm(c.q), JointVector::zero(c.model.dof()));
  }
}

TEST(ModelToolTest, AllocatesNothingInAnyQuery) {
  Case c(core::kMaxJoints - 2);  // kMaxJoints joints
  c.model.set_payload(some_payload());
  ASSERT_EQ(c.model.dof(), core::kMaxJoints);
  double sink = 0.0;
  const takt::testing::AllocationGuard guard;
  sink += c.model.tool_pose(c.q).translation().x();
  sink += c.model.tool_jacobian(c.q)(0, 0);
  sink += c.model.tool_motion(c.q, c.dq).bias[0];
  sink += c.model.link_frames(c.q).p_BL_m[1].x();
  sink += c.model.payload_gravity_nm(c.q)[0];
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(std::isfinite(sink));
}

}  // namespace
}  // namespace takt::control
