#include "takt/control/laws/hybrid_impedance_law.hpp"

#include <limits>
#include <random>
#include <string>
#include <tuple>

#include <Eigen/LU>
#include <gtest/gtest.h>

#include "takt/control/laws/test/law_rig.hpp"
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

constexpr ToolAxes kStiffness{700, 600, 500, 20, 15, 10};
constexpr ToolAxes kDamping{30, 25, 20, 2, 1.5, 1};

TEST(HybridImpedanceLawTest, IsItsEquation) {
  const JointVector Kq{40, 30, 20, 10, 5}, Dq{4, 3, 2, 1, 0.5};
  LawRig rig(HybridImpedance{.stiffness = kStiffness,
                             .damping = kDamping,
                             .joint_stiffness_nm_rad = Kq,
                             .joint_damping_nm_s_rad = Dq,
                             .inertial_damping_1_s = 12.0},
             random_arm(21, 5));
  std::mt19937 random(1);
  rig.measured.dq_rad_s = random_vector(random, 5, 1.0);
  rig.setpoint = {random_vector(random, 5, 0.1), random_vector(random, 5, 1.0), random_vector(random, 5, 2.0)};
  const auto& [q, dq] = std::tie(rig.measured.q_rad, rig.measured.dq_rad_s);
  const Eigen::MatrixXd J = rig.model.tool_jacobian(q);
  const Eigen::MatrixXd K =
      J.transpose() * Vector6::Map(kStiffness.data()).asDiagonal() * J + Eigen::MatrixXd(Kq.eigen().asDiagonal());
  const Eigen::MatrixXd D =
      J.transpose() * Vector6::Map(kDamping.data()).asDiagonal() * J + Eigen::MatrixXd(Dq.eigen().asDiagonal());
  const Eigen::VectorXd de = rig.setpoint.dq_rad_s.eigen() - dq.eigen();
  const Eigen::VectorXd expected = K * (rig.setpoint.q_rad.eigen() - q.eigen()) + D * de +
                                   12.0 * (rig.model.mass_matrix(q) * de) +
                                   rig.model.tracking_nm(q, dq, rig.setpoint.dq_rad_s, rig.setpoint.ddq_rad_s2).eigen();
  EXPECT_LT((rig.step().eigen() - expected).norm(), 1e-9 * expected.norm());
}

TEST(HybridImpedanceLawTest, YieldsToAForceByItsStiffnessAlone) {
  LawRig rig(
      HybridImpedance{.stiffness = kStiffness, .damping = kDamping, .joint_stiffness_nm_rad = JointVector::zero(6)},
      random_arm(105, 6));
  const core::Pose X = rig.tool();
  Vector6 F;
  F << 3.0, -2.0, 1.0, 0.05, -0.1, 0.05;
  rig.arm.push(F);
  rig.run(6000);
  const Vector6 expected = F.cwiseQuotient(Vector6::Map(kStiffness.data()));
  EXPECT_LT((pose_error(X, rig.tool()) - expected).norm(), 0.03 * expected.norm());
}

TEST(HybridImpedanceLawTest, CapsForceAndMomentAtTheTool) {
  LawRig rig(HybridImpedance{.stiffness = kStiffness,
                             .joint_stiffness_nm_rad = JointVector::zero(6),
                             .max_force_n = 4.0,
                             .max_moment_nm = 0.3},
             random_arm(105, 6));
  rig.setpoint.q_rad.eigen().array() += 0.4;
  const Eigen::MatrixXd J = rig.model.tool_jacobian(rig.measured.q_rad);
  const Vector6 wrench = J.transpose().fullPivLu().solve(rig.step().eigen());
  EXPECT_NEAR(wrench.head<3>().norm(), 4.0, 1e-6);
  EXPECT_NEAR(wrench.tail<3>().norm(), 0.3, 1e-6);
}

TEST(HybridImpedanceLawTest, CapsTheSpringsAndDampersOfItsJoints) {
  LawRig rig(HybridImpedance{.stiffness = ToolAxes{},
                             .joint_stiffness_nm_rad = JointVector::constant(6, 50.0),
                             .max_feedback_nm = {1.0, kUncapped, 1.0, 1.0, 1.0, 1.0}},
             random_arm(105, 6));
  rig.setpoint.q_rad.eigen().array() -= 0.4;
  const JointVector tau = rig.step();
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(tau[i], i == 1 ? -20.0 : -1.0, 1e-9);
  }
}

TEST(HybridImpedanceLawTest, ArrivesThoughTheModelIsWrongAndTheArmHasFewJoints) {
  for (const std::size_t dof : {2U, 6U, 9U}) {
    const ModelData data = random_arm(24, dof);
    LawRig rig(HybridImpedance{}, data, detuned(data, 0.9));
    std::mt19937 random(2);
    rig.setpoint.q_rad.eigen() += random_vector(random, dof, 0.2).eigen();
    rig.run(5000);
    EXPECT_LT(core::max_abs_difference(rig.arm.state().q_rad, rig.setpoint.q_rad), 2e-3);
    EXPECT_EQ(rig.allocations, 0U);
  }
}

TEST(HybridImpedanceLawTest, SoftensAToolWithLittleInertia) {
  const HybridImpedance usual = filled(HybridImpedance{}, Model(random_arm(25, 6)));
  EXPECT_EQ(usual.stiffness->at(0), 750.0);
  EXPECT_EQ(usual.stiffness->at(5), 15.0);
  EXPECT_NEAR(usual.damping->at(0), 750.0 * 0.007, 1e-12);
  ModelData light = planar_arm();
  light.joints[1].link.mass_kg = 0.01;  // at the tool: no direction of the plane shows less than 10 g
  const HybridImpedance soft = filled(HybridImpedance{}, Model(light));
  EXPECT_NEAR(soft.stiffness->at(0), 200.0 * 200.0 * 0.01, 1.0);
  EXPECT_EQ(filled(soft, Model(light)), soft);
}

TEST(HybridImpedanceLawTest, LeavesTheTorqueEmptyWhenTheInputDoesNotFit) {
  LawRig rig(HybridImpedance{}, random_arm(26, 6));
  rig.measured.dq_rad_s.resize(5);
  EXPECT_TRUE(rig.step().empty());
  rig.measured.dq_rad_s.resize(6, std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(rig.step().empty());
}

TEST(HybridImpedanceLawTest, RefusesSettingsByTheirName) {
  const Model model(planar_arm());
  const auto complaint = [&](const HybridImpedance& settings) {
    try {
      static_cast<void>(filled(settings, model));
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_EQ(complaint({}), "none");
  EXPECT_EQ(complaint({.stiffness = ToolAxes{1, 1, -1, 1, 1, 1}}),
            "hybrid_impedance: stiffness[2]: is -1, must be finite and >= 0");
  EXPECT_EQ(complaint({.joint_stiffness_nm_rad = {1.0}}),
            "hybrid_impedance: joint_stiffness_nm_rad: has 1 elements for 2 joints");
  EXPECT_EQ(complaint({.max_moment_nm = -0.5}),
            "hybrid_impedance: max_moment_nm: is -0.5, must be >= 0; infinity for none");
}

}  // namespace
}  // namespace takt::control
