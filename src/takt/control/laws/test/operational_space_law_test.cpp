#include "takt/control/laws/operational_space_law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <gtest/gtest.h>

#include "takt/control/laws/test/law_rig.hpp"
#include "takt/control/laws/tool_inertia.hpp"
#include "takt/control/model/pose_task.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::LawRig;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

/// Random arms of 7 and 8 joints that are away from singularities around home.
ModelData regular_arm(std::size_t dof) {
  return random_arm(dof == 7 ? 8 : 109, dof);
}

/// J M⁻¹ Jᵀ and what follows from it, the plain way.
struct Tool {
  explicit Tool(const LawRig& rig)
      : M(rig.model.mass_matrix(rig.measured.q_rad)),
        motion(rig.model.tool_motion(rig.measured.q_rad, rig.measured.dq_rad_s)),
        J(motion.J),
        mobility(J * M.inverse() * J.transpose()) {}
  Eigen::MatrixXd M;
  ToolMotion motion;
  Eigen::MatrixXd J;
  Matrix6 mobility;
};

/// Moving anyhow near home, the setpoint elsewhere and moving, too.
void stir(LawRig& rig, unsigned seed) {
  std::mt19937 random(seed);
  const std::size_t n = rig.model.dof();
  rig.measured.q_rad = random_vector(random, n, 0.3);
  rig.measured.dq_rad_s = random_vector(random, n, 1.0);
  rig.setpoint.q_rad = rig.measured.q_rad;
  rig.setpoint.q_rad.eigen() += random_vector(random, n, 0.05).eigen();
  rig.setpoint.dq_rad_s = random_vector(random, n, 1.0);
  rig.setpoint.ddq_rad_s2 = random_vector(random, n, 3.0);
}

Vector6 desired_acceleration(const LawRig& rig, const OperationalSpace& settings) {
  const ToolMotion is = rig.model.tool_motion(rig.measured.q_rad, rig.measured.dq_rad_s);
  const ToolMotion wanted = rig.model.tool_motion(rig.setpoint.q_rad, rig.setpoint.dq_rad_s);
  const Vector6 Kp = Vector6::Map(settings.stiffness_1_s2.data());
  const Vector6 Kd = 2.0 * settings.damping_ratio * Kp.cwiseSqrt();
  return wanted.J * rig.setpoint.ddq_rad_s2.eigen() + wanted.bias + Kd.cwiseProduct(wanted.V_BE - is.V_BE) +
         Kp.cwiseProduct(pose_error(is.X_BE, wanted.X_BE));
}

TEST(OperationalSpaceLawTest, IsKhatibsEquationAwayFromSingularities) {
  const OperationalSpace settings;
  LawRig rig(settings, regular_arm(8));
  stir(rig, 1);
  const Tool tool(rig);
  const Matrix6 Lambda = tool.mobility.inverse();
  const Eigen::MatrixXd J_bar = tool.M.inverse() * tool.J.transpose() * Lambda;
  const Eigen::MatrixXd N_transposed = Eigen::MatrixXd::Identity(8, 8) - tool.J.transpose() * J_bar.transpose();
  const Eigen::VectorXd posture = tool.M * (rig.setpoint.ddq_rad_s2.eigen() +
                                            10.0 * (rig.setpoint.dq_rad_s.eigen() - rig.measured.dq_rad_s.eigen()) +
                                            25.0 * (rig.setpoint.q_rad.eigen() - rig.measured.q_rad.eigen()));
  const Eigen::VectorXd expected =
      tool.J.transpose() * Lambda * (desired_acceleration(rig, settings) - tool.motion.bias) + N_transposed * posture +
      rig.model.coriolis_nm(rig.measured.q_rad, rig.measured.dq_rad_s).eigen();
  EXPECT_LT((rig.step().eigen() - expected).cwiseAbs().maxCoeff(), 1e-8 * expected.norm());
}

TEST(OperationalSpaceLawTest, GivesTheToolTheAccelerationItMeansTo) {
  const OperationalSpace settings{.stiffness_1_s2 = {100, 200, 300, 400, 500, 600}, .damping_ratio = 0.7};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    LawRig rig(settings, regular_arm(7));
    stir(rig, seed);
    const Tool tool(rig);
    const Eigen::VectorXd ddq =
        tool.M.inverse() *
        (rig.step().eigen() - rig.model.coriolis_nm(rig.measured.q_rad, rig.measured.dq_rad_s).eigen());
    const Vector6 a = desired_acceleration(rig, settings);
    EXPECT_LT((tool.J * ddq + tool.motion.bias - a).norm(), 1e-6 * a.norm());
  }
}

TEST(OperationalSpaceLawTest, MovesTheArmInItsNullSpaceWithoutMovingTheTool) {
  LawRig rig(OperationalSpace{}, regular_arm(8));
  const core::Pose X = rig.tool();
  const JointVector home = rig.setpoint.q_rad;
  // another posture with the same pose: Newton along the null space and back onto the pose
  JointVector other = home;
  for (int k = 0; k < 200; ++k) {
    const Eigen::MatrixXd J = rig.model.tool_jacobian(other);
    const Eigen::MatrixXd pinv = J.transpose() * (J * J.transpose()).inverse();
    const Eigen::VectorXd along = (Eigen::MatrixXd::Identity(8, 8) - pinv * J) * Eigen::VectorXd::Ones(8);
    other.eigen() += (k < 100 ? 0.004 : 0.0) * along.normalized() + pinv * pose_error(rig.model.tool_pose(other), X);
  }
  ASSERT_LT(pose_error(rig.model.tool_pose(other), X).norm(), 1e-9);
  ASSERT_GT(core::max_abs_difference(other, home), 0.1);
  rig.setpoint.q_rad = other;
  double worst = 0.0;
  for (int period = 0; period < 3000; ++period) {
    rig.run(1);
    worst = std::max(worst, pose_error(rig.tool(), X).norm());
  }
  EXPECT_LT(worst, 2e-4);
  EXPECT_LT(core::max_abs_difference(rig.arm.state().q_rad, other), 1e-3);
}

TEST(OperationalSpaceLawTest, YieldsToAForceInProportionToTheMobilityAtTheTool) {
  const OperationalSpace settings;
  LawRig rig(settings, regular_arm(7));
  const core::Pose X = rig.tool();
  const Tool tool(rig);
  Vector6 F;
  F << 2.0, -1.0, 1.5, 0.1, 0.2, -0.1;
  rig.arm.push(F);
  rig.run(3000);
  const Vector6 expected = (tool.mobility * F).cwiseQuotient(Vector6::Map(settings.stiffness_1_s2.data()));
  const Vector6 yielded = pose_error(X, rig.tool());
  EXPECT_LT((yielded - expected).norm(), 0.05 * expected.norm());
  EXPECT_GT(expected.norm(), 1e-3);
}

/// The least mobility of the tool, as a multiple of ε.
double margin(const LawRig& rig) {
  const ToolAxes scale{1, 1, 1, 0.15, 0.15, 0.15};
  const auto S = Vector6::Map(scale.data()).asDiagonal();
  const Matrix6 mobility = S * Tool(rig).mobility * S;
  return Eigen::SelfAdjointEigenSolver<Matrix6>(mobility).eigenvalues()[0] / lightest_mobility_1_kg(rig.model);
}

/// Along straight lines through the joint space, in steps of 1e-4 rad, the tool always as far off its setpoint: in and
/// out of the region where masses are bounded the torque changes by little more than the posture does.
TEST(OperationalSpaceLawTest, ChangesItsTorqueSmoothlyIntoSingularities) {
  constexpr double kStep_rad = 1e-4;
  int crossings = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    LawRig rig(OperationalSpace{}, regular_arm(7));
    std::mt19937 random(seed);
    const JointVector way = random_vector(random, 7, 2.0), off = random_vector(random, 7, 0.02);
    JointVector before;
    double margin_before = margin(rig);
    double steepest_nm_rad = 0.0;
    for (int k = 0; k < 6000; ++k) {
      rig.measured.q_rad.eigen() = kStep_rad * k * way.eigen();
      rig.setpoint.q_rad.eigen() = rig.measured.q_rad.eigen() + off.eigen();
      const JointVector tau = rig.step();
      steepest_nm_rad =
          before.empty() ? 0.0 : std::max(steepest_nm_rad, core::max_abs_difference(tau, before) / kStep_rad);
      before = tau;
      if (k % 100 == 0) {
        const double now = margin(rig);
        crossings += (now < 1.0) != (margin_before < 1.0) ? 1 : 0;
        margin_before = now;
      }
    }
    EXPECT_LT(steepest_nm_rad, 1000.0);  // a switch shows as its height times 1e4
  }
  EXPECT_GE(crossings, 3);
}

TEST(OperationalSpaceLawTest, StretchesAnArmOfTwoJointsWithoutAJumpAndArrives) {
  LawRig rig(OperationalSpace{}, planar_arm());
  rig.place({0.4, 0.6});
  JointVector before = JointVector::zero(2);
  double largest = 0.0;
  for (int period = 0; period < 3000; ++period) {
    const double s = std::min(1.0, period / 1500.0);
    rig.setpoint.q_rad[1] = 0.6 - 1.2 * s * s * s * (10 - 15 * s + 6 * s * s);
    rig.setpoint.dq_rad_s[1] = -1.2 * 30 * s * s * (1 - s) * (1 - s) / 1.5;
    rig.setpoint.ddq_rad_s2[1] = -1.2 * 60 * s * (1 - s) * (1 - 2 * s) / 2.25;
    const JointVector tau = rig.advance();
    largest = std::max(largest, core::max_abs_difference(tau, before));
    before = tau;
  }
  EXPECT_LT(largest, 0.05);
  EXPECT_LT(core::max_abs_difference(rig.arm.state().q_rad, rig.setpoint.q_rad), 2e-3);
}

class OperationalSpaceArmsTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(OperationalSpaceArmsTest, ArriveThoughTheModelIsWrong) {
  const ModelData data = random_arm(15, GetParam());
  LawRig rig(OperationalSpace{}, data, detuned(data, 1.1));
  std::mt19937 random(3);
  rig.setpoint.q_rad.eigen() += random_vector(random, GetParam(), 0.2).eigen();
  rig.run(4000);
  EXPECT_LT(core::max_abs_difference(rig.arm.state().q_rad, rig.setpoint.q_rad), 1e-3);
  EXPECT_EQ(rig.allocations, 0U);
}

INSTANTIATE_TEST_SUITE_P(AnyJointCount, OperationalSpaceArmsTest,
                         ::testing::Values(1, 2, 3, 5, 6, 7, 12, core::kMaxJoints));

TEST(OperationalSpaceLawTest, CapsForceAndMomentOfItsSpring) {
  const double far = 0.3;
  OperationalSpace settings{.posture_stiffness_1_s2 = 0.0, .max_force_n = 5.0, .max_moment_nm = 0.7};
  LawRig rig(settings, regular_arm(7));
  rig.setpoint.q_rad.eigen().array() += far;
  const Eigen::MatrixXd J = Tool(rig).J;
  const auto wrench = [&] { return Vector6((J * J.transpose()).inverse() * J * rig.step().eigen()); };
  const Vector6 capped = wrench();
  EXPECT_NEAR(capped.head<3>().norm(), 5.0, 1e-6);
  EXPECT_NEAR(capped.tail<3>().norm(), 0.7, 1e-6);
  settings.max_force_n = settings.max_moment_nm = kUncapped;
  rig.law = make_law(settings, rig.model);
  const Vector6 free = wrench();
  EXPECT_GT(free.head<3>().norm(), 5.0);
  EXPECT_GT(free.tail<3>().norm(), 0.7);
  EXPECT_NEAR(capped.head<3>().normalized().dot(free.head<3>().normalized()), 1.0, 1e-9);  // same direction
}

TEST(OperationalSpaceLawTest, LeavesTheTorqueEmptyWhenTheInputDoesNotFit) {
  LawRig rig(OperationalSpace{}, random_arm(17, 7));
  rig.setpoint.ddq_rad_s2.resize(6);
  EXPECT_TRUE(rig.step().empty());
  rig.setpoint.ddq_rad_s2.resize(7);
  EXPECT_EQ(rig.step().size(), 7U);
  rig.measured.q_rad[3] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(rig.step().empty());
}

TEST(OperationalSpaceLawTest, RefusesSettingsByTheirName) {
  const Model model(planar_arm());
  const auto complaint = [&](const OperationalSpace& settings) {
    try {
      static_cast<void>(filled(settings, model));
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_EQ(complaint({}), "none");
  EXPECT_EQ(complaint({.stiffness_1_s2 = {1, 1, 1, 1, -2, 1}}),
            "operational_space: stiffness_1_s2[4]: is -2, must be finite and >= 0");
  EXPECT_EQ(complaint({.damping_ratio = 11}), "operational_space: damping_ratio: is 11, must be from 0 to 10");
  EXPECT_EQ(complaint({.posture_stiffness_1_s2 = kUncapped}),
            "operational_space: posture_stiffness_1_s2: is inf, must be finite and >= 0");
  EXPECT_EQ(complaint({.max_force_n = -1}), "operational_space: max_force_n: is -1, must be >= 0; infinity for none");
}

}  // namespace
}  // namespace takt::control
