#include "takt/control/laws/joint_impedance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

JointImpedanceGains some_gains(std::size_t dof) {
  JointImpedanceGains gains;
  gains.stiffness_nm_rad = JointVector::constant(dof, 300.0);
  gains.damping_nm_s_rad = JointVector::constant(dof, 20.0);
  return gains;
}

/// A law, its model and one period's input.
struct Bench {
  explicit Bench(const ModelData& data) : model(data), law(some_gains(data.dof()), data.dof()) {
    measured.q_rad = JointVector(data.home_rad);
    measured.dq_rad_s = JointVector::zero(data.dof());
    setpoint = {measured.q_rad, measured.dq_rad_s, JointVector::zero(data.dof())};
  }
  JointVector step() {
    JointVector tau;
    law.step({.measured = measured, .setpoint = setpoint, .model = model, .period_ns = 1'000'000}, tau);
    return tau;
  }
  Model model;
  JointImpedance law;
  ArmState measured;
  Setpoint setpoint;
};

TEST(JointImpedanceTest, WantsNoTorqueAtRestOnTheSetpoint) {
  Bench bench(random_arm(1, 5));
  EXPECT_EQ(bench.step(), JointVector::zero(5));
}

TEST(JointImpedanceTest, IsOnlyFeedForwardWithoutError) {
  Bench bench(random_arm(2, 5));
  std::mt19937 random(2);
  bench.setpoint.dq_rad_s = bench.measured.dq_rad_s = random_vector(random, 5, 1.0);
  bench.setpoint.ddq_rad_s2 = random_vector(random, 5, 4.0);
  JointVector expected = bench.model.coriolis_nm(bench.measured.q_rad, bench.measured.dq_rad_s);
  expected.eigen() += bench.model.mass_matrix(bench.measured.q_rad) * bench.setpoint.ddq_rad_s2.eigen();
  EXPECT_LT(core::max_abs_difference(bench.step(), expected), 1e-10);
}

TEST(JointImpedanceTest, AnswersADisplacementWithItsStiffness) {
  Bench bench(random_arm(3, 4));
  bench.measured.q_rad[2] -= 0.05;
  const JointVector tau = bench.step();
  EXPECT_NEAR(tau[2], 300.0 * 0.05, 1e-12);
  EXPECT_EQ(tau[0], 0.0);
}

TEST(JointImpedanceTest, AnswersAVelocityWithItsDampingAlone) {
  Bench bench(random_arm(3, 4));
  bench.measured.dq_rad_s = JointVector{0.1, -0.2, 0.3, 0.4};
  const JointVector tau = bench.step();  // q̇_d = 0: no Coriolis torque from measured velocity
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(tau[i], -20.0 * bench.measured.dq_rad_s[i], 1e-12);
  }
}

TEST(JointImpedanceTest, DampsInProportionToTheMassMatrixWhenAsked) {
  Bench bench(random_arm(3, 4));
  JointImpedanceGains gains = some_gains(4);
  gains.damping_nm_s_rad = JointVector::zero(4);
  gains.inertial_damping_1_s = 40.0;
  bench.law = JointImpedance(gains, 4);
  bench.measured.dq_rad_s = JointVector{0.1, -0.2, 0.3, 0.4};
  const Eigen::VectorXd expected =
      -40.0 * (bench.model.mass_matrix(bench.measured.q_rad) * bench.measured.dq_rad_s.eigen());
  EXPECT_TRUE(bench.step().eigen().isApprox(expected, 1e-10));
}

TEST(JointImpedanceTest, FeedsForwardTheShareOfFrictionItIsToldTo) {
  ModelData data = planar_arm();
  data.joints[1].friction_nm = 0.2;
  data.joints[1].damping_nm_s_rad = 0.05;
  JointImpedanceGains gains = some_gains(2);
  Bench bench(data);
  bench.setpoint.dq_rad_s = bench.measured.dq_rad_s = JointVector{0.0, -0.5};
  const double full = bench.step()[1];
  gains.friction_share = 0.0;
  bench.law = JointImpedance(gains, 2);
  EXPECT_NEAR(full - bench.step()[1], -0.2 - 0.05 * 0.5, 1e-9);
}

TEST(JointImpedanceTest, LeavesTheTorqueEmptyWhenTheInputDoesNotFit) {
  Bench bench(planar_arm());
  bench.setpoint.dq_rad_s = JointVector::zero(3);
  EXPECT_TRUE(bench.step().empty());
  Bench other(planar_arm());
  other.measured.q_rad = JointVector{};
  EXPECT_TRUE(other.step().empty());
}

TEST(JointImpedanceTest, RefusesGainsThatMakeNoSense) {
  EXPECT_THROW(JointImpedance(some_gains(6), 7), LogicError);
  JointImpedanceGains gains = some_gains(2);
  gains.stiffness_nm_rad[1] = -1.0;
  EXPECT_THROW(JointImpedance(gains, 2), LogicError);
  gains = some_gains(2);
  gains.damping_nm_s_rad[0] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(JointImpedance(gains, 2), LogicError);
  gains = some_gains(2);
  gains.inertial_damping_1_s = -1.0;
  EXPECT_THROW(JointImpedance(gains, 2), LogicError);
  gains = some_gains(2);
  gains.friction_share = 1.5;
  EXPECT_THROW(JointImpedance(gains, 2), LogicError);
}

TEST(JointImpedanceTest, AllocatesNothingInAStep) {
  Bench bench(random_arm(4, core::kMaxJoints));
  JointVector tau;
  const LawInput input{
      .measured = bench.measured, .setpoint = bench.setpoint, .model = bench.model, .period_ns = 1'000'000};
  const takt::testing::AllocationGuard guard;
  bench.law.step(input, tau);
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(tau.size(), core::kMaxJoints);
}

TEST(DefaultGainsTest, SpendTheTorqueLimitOnAnErrorOfEightDegrees) {
  const Model model(planar_arm());
  const JointImpedanceGains gains = default_joint_impedance_gains(model);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(gains.stiffness_nm_rad[i], 100.0 / 0.145, 1e-9);
    EXPECT_NEAR(gains.damping_nm_s_rad[i], 0.007 * 100.0 / 0.145, 1e-9);
  }
  EXPECT_EQ(gains.inertial_damping_1_s, 40.0);
}

TEST(DefaultGainsTest, SoftenAJointWithLittleInertia) {
  ModelData data = planar_arm();
  data.joints[1].link.mass_kg = 0.01;
  data.joints[1].link.p_LC_m *= 0.1;  // 0.01 kg at 4 cm: 1.6e-5 kg·m²
  const JointImpedanceGains gains = default_joint_impedance_gains(Model(data));
  EXPECT_NEAR(gains.stiffness_nm_rad[1], 200.0 * 200.0 * 1.6e-5, 1e-6);
}

}  // namespace
}  // namespace takt::control
