#include "takt/control/laws/joint_impedance_law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/laws/test/law_rig.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

JointImpedance some_gains(std::size_t dof) {
  JointImpedance gains{.inertial_damping_1_s = 0.0};
  gains.stiffness_nm_rad = JointVector::constant(dof, 300.0);
  gains.damping_nm_s_rad = JointVector::constant(dof, 20.0);
  return gains;
}

/// A law with some_gains, its model and one period's input.
struct Bench : testing::LawRig {
  explicit Bench(const ModelData& data) : LawRig(some_gains(data.dof()), data) {}
  void use(const JointImpedance& gains) { law = std::make_unique<JointImpedanceLaw>(gains, model); }
};

TEST(JointImpedanceLawTest, WantsNoTorqueAtRestOnTheSetpoint) {
  Bench bench(random_arm(1, 5));
  EXPECT_EQ(bench.step(), JointVector::zero(5));
}

TEST(JointImpedanceLawTest, IsOnlyFeedForwardWithoutError) {
  Bench bench(random_arm(2, 5));
  std::mt19937 random(2);
  bench.setpoint.dq_rad_s = bench.measured.dq_rad_s = random_vector(random, 5, 1.0);
  bench.setpoint.ddq_rad_s2 = random_vector(random, 5, 4.0);
  JointVector expected = bench.model.coriolis_nm(bench.measured.q_rad, bench.measured.dq_rad_s);
  expected.eigen() += bench.model.mass_matrix(bench.measured.q_rad) * bench.setpoint.ddq_rad_s2.eigen();
  EXPECT_LT(core::max_abs_difference(bench.step(), expected), 1e-10);
}

TEST(JointImpedanceLawTest, AnswersADisplacementWithItsStiffness) {
  Bench bench(random_arm(3, 4));
  bench.measured.q_rad[2] -= 0.05;
  const JointVector tau = bench.step();
  EXPECT_NEAR(tau[2], 300.0 * 0.05, 1e-12);
  EXPECT_EQ(tau[0], 0.0);
}

TEST(JointImpedanceLawTest, AnswersAVelocityWithItsDampingAlone) {
  Bench bench(random_arm(3, 4));
  bench.measured.dq_rad_s = JointVector{0.1, -0.2, 0.3, 0.4};
  const JointVector tau = bench.step();  // q̇_d = 0: no Coriolis torque from measured velocity
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(tau[i], -20.0 * bench.measured.dq_rad_s[i], 1e-12);
  }
}

TEST(JointImpedanceLawTest, DampsInProportionToTheMassMatrixWhenAsked) {
  Bench bench(random_arm(3, 4));
  JointImpedance gains = some_gains(4);
  gains.damping_nm_s_rad = JointVector::zero(4);
  gains.inertial_damping_1_s = 40.0;
  bench.use(gains);
  bench.measured.dq_rad_s = JointVector{0.1, -0.2, 0.3, 0.4};
  const Eigen::VectorXd expected =
      -40.0 * (bench.model.mass_matrix(bench.measured.q_rad) * bench.measured.dq_rad_s.eigen());
  EXPECT_TRUE(bench.step().eigen().isApprox(expected, 1e-10));
}

TEST(JointImpedanceLawTest, FeedsForwardTheShareOfFrictionItIsToldTo) {
  ModelData data = planar_arm();
  data.joints[1].friction_nm = 0.2;
  data.joints[1].damping_nm_s_rad = 0.05;
  JointImpedance gains = some_gains(2);
  Bench bench(data);
  bench.setpoint.dq_rad_s = bench.measured.dq_rad_s = JointVector{0.0, -0.5};
  const double full = bench.step()[1];
  gains.friction_share = 0.0;
  bench.use(gains);
  EXPECT_NEAR(full - bench.step()[1], -0.2 - 0.05 * 0.5, 1e-9);
}

TEST(JointImpedanceLawTest, CapsSpringAndDampersTogetherAndNothingElse) {
  Bench bench(random_arm(5, 4));
  std::mt19937 random(5);
  bench.measured.dq_rad_s = random_vector(random, 4, 1.0);
  bench.setpoint.dq_rad_s = random_vector(random, 4, 1.0);
  bench.setpoint.ddq_rad_s2 = random_vector(random, 4, 4.0);
  JointImpedance gains = some_gains(4);
  gains.inertial_damping_1_s = 40.0;
  bench.use(gains);
  const JointVector free = bench.step();
  gains.max_feedback_nm = JointVector::constant(4, 1e3);
  bench.use(gains);
  EXPECT_LT(core::max_abs_difference(bench.step(), free), 1e-9);  // far away, a cap changes nothing
  gains.max_feedback_nm = JointVector::zero(4);
  bench.use(gains);
  const JointVector fed_forward = bench.model.tracking_nm(bench.measured.q_rad, bench.measured.dq_rad_s,
                                                          bench.setpoint.dq_rad_s, bench.setpoint.ddq_rad_s2);
  EXPECT_LT(core::max_abs_difference(bench.step(), fed_forward), 1e-9);
  gains.max_feedback_nm = {3.0, kUncapped, 3.0, kUncapped};
  bench.use(gains);
  const JointVector capped = bench.step();
  for (std::size_t i = 0; i < 4; ++i) {
    const double feedback = free[i] - fed_forward[i];
    EXPECT_NEAR(capped[i] - fed_forward[i], i % 2 == 0 ? std::clamp(feedback, -3.0, 3.0) : feedback, 1e-9);
  }
}

TEST(JointImpedanceLawTest, LeavesTheTorqueEmptyWhenTheInputDoesNotFit) {
  Bench bench(planar_arm());
  bench.setpoint.dq_rad_s = JointVector::zero(3);
  EXPECT_TRUE(bench.step().empty());
  Bench other(planar_arm());
  other.measured.q_rad = JointVector{};
  EXPECT_TRUE(other.step().empty());
  Bench third(planar_arm());
  third.measured.dq_rad_s[1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(third.step().empty());
}

TEST(JointImpedanceLawTest, RefusesGainsThatMakeNoSense) {
  const Model model(planar_arm());
  const auto complaint = [&](const JointImpedance& gains) {
    try {
      static_cast<void>(filled(gains, model));
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_EQ(complaint(some_gains(6)), "joint_impedance: stiffness_nm_rad: has 6 elements for 2 joints");
  JointImpedance gains = some_gains(2);
  gains.stiffness_nm_rad[1] = -1.0;
  EXPECT_EQ(complaint(gains), "joint_impedance: stiffness_nm_rad[1]: is -1, must be finite and >= 0");
  gains = some_gains(2);
  gains.damping_nm_s_rad[0] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(complaint(gains), "joint_impedance: damping_nm_s_rad[0]: is inf, must be finite and >= 0");
  gains = some_gains(2);
  gains.inertial_damping_1_s = -1.0;
  EXPECT_EQ(complaint(gains), "joint_impedance: inertial_damping_1_s: is -1, must be finite and >= 0");
  gains = some_gains(2);
  gains.friction_share = 1.5;
  EXPECT_EQ(complaint(gains), "joint_impedance: friction_share: is 1.5, must be from 0 to 1");
  gains = some_gains(2);
  gains.max_feedback_nm = {1.0, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(complaint(gains), "joint_impedance: max_feedback_nm[1]: is nan, must be >= 0; infinity for none");
}

TEST(JointImpedanceLawTest, AllocatesNothingInAStep) {
  Bench bench(random_arm(4, core::kMaxJoints));
  EXPECT_EQ(bench.step().size(), core::kMaxJoints);
  JointImpedance gains = some_gains(core::kMaxJoints);
  gains.max_feedback_nm = JointVector::constant(core::kMaxJoints, 1.0);
  bench.use(gains);
  EXPECT_EQ(bench.step().size(), core::kMaxJoints);
  EXPECT_EQ(bench.allocations, 0U);
}

TEST(DefaultGainsTest, SpendTheTorqueLimitOnAnErrorOfEightDegrees) {
  const Model model(planar_arm());
  const JointImpedance gains = filled(JointImpedance{}, model);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(gains.stiffness_nm_rad[i], 100.0 / 0.145, 1e-9);
    EXPECT_NEAR(gains.damping_nm_s_rad[i], 0.007 * 100.0 / 0.145, 1e-9);
    EXPECT_EQ(gains.max_feedback_nm[i], kUncapped);
  }
  EXPECT_EQ(gains.inertial_damping_1_s, 40.0);
  EXPECT_EQ(filled(gains, model), gains);
}

TEST(DefaultGainsTest, SoftenAJointWithLittleInertia) {
  ModelData data = planar_arm();
  data.joints[1].link.mass_kg = 0.01;
  data.joints[1].link.p_LC_m *= 0.1;  // 0.01 kg at 4 cm: 1.6e-5 kg·m²
  const JointImpedance gains = filled(JointImpedance{}, Model(data));
  EXPECT_NEAR(gains.stiffness_nm_rad[1], 200.0 * 200.0 * 1.6e-5, 1e-6);
}

}  // namespace
}  // namespace takt::control
