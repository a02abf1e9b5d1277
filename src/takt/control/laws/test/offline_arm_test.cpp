#include "takt/control/laws/offline_arm.hpp"

#include <Eigen/LU>
#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::random_arm;

double kinetic_energy(const OfflineArm& arm) {
  const auto dq = arm.state().dq_rad_s.eigen();
  return 0.5 * dq.dot(arm.model().mass_matrix(arm.state().q_rad) * dq);
}

TEST(OfflineArmTest, KeepsItsEnergyWhenNothingActs) {
  OfflineArm arm(Model(random_arm(81, 4)));
  arm.place(JointVector::zero(4), {0.5, -0.4, 0.6, -0.5});
  const double before = kinetic_energy(arm);
  for (int period = 0; period < 500; ++period) {
    arm.advance(JointVector::zero(4), 1e-3);
  }
  EXPECT_NEAR(kinetic_energy(arm), before, 0.01 * before);
  EXPECT_EQ(arm.state().stamp_ns, 500'000'000);
  EXPECT_EQ(arm.state().sequence, 500U);
}

TEST(OfflineArmTest, AcceleratesByItsMassMatrix) {
  OfflineArm arm(Model(random_arm(82, 5)));
  const JointVector tau{1.0, -2.0, 3.0, -1.0, 0.5};
  Vector6 F;
  F << 1, 2, 3, 0.1, 0.2, 0.3;
  const Eigen::MatrixXd M = arm.model().mass_matrix(arm.state().q_rad);
  const Eigen::VectorXd expected =
      M.inverse() * (tau.eigen() + arm.model().tool_jacobian(arm.state().q_rad).transpose() * F);
  arm.push(F);
  arm.advance(tau, 1e-5);
  EXPECT_LT((arm.state().dq_rad_s.eigen() / 1e-5 - expected).norm(), 1e-3 * expected.norm());
  EXPECT_EQ(arm.state().tau_nm, tau);
}

TEST(OfflineArmTest, SticksBelowItsFrictionAndSlidesAboveIt) {
  ModelData data = random_arm(83, 1);
  data.joints[0].friction_nm = 0.5;
  OfflineArm arm{Model(data)};
  for (int period = 0; period < 100; ++period) {
    arm.advance({0.45}, 1e-3);
  }
  EXPECT_EQ(arm.state().q_rad[0], 0.0);
  arm.advance({0.55}, 1e-3);
  const double inertia = arm.model().mass_matrix({0.0})(0, 0);
  EXPECT_NEAR(arm.state().dq_rad_s[0], 0.05 * 1e-3 / inertia, 1e-9);
}

TEST(OfflineArmTest, RefusesWhatDoesNotFit) {
  OfflineArm arm(Model(random_arm(84, 3)));
  EXPECT_THROW(arm.place(JointVector::zero(2), JointVector::zero(3)), LogicError);
  EXPECT_THROW(arm.advance(JointVector::zero(4), 1e-3), LogicError);
  EXPECT_THROW(arm.advance(JointVector::zero(3), 0.0), LogicError);
}

}  // namespace
}  // namespace takt::control
