#include "takt/control/laws/joint_pid_law.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "takt/control/laws/test/law_rig.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::LawRig;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

struct PidRig : LawRig {
  PidRig(const JointPid& settings, const ModelData& data) : LawRig(settings, data) {}
  [[nodiscard]] const JointPidLaw& pid() const { return static_cast<const JointPidLaw&>(*law); }
};

JointPid some_gains(std::size_t dof) {
  return {.proportional_nm_rad = JointVector::constant(dof, 300.0),
          .integral_nm_rad_s = JointVector::constant(dof, 1000.0),
          .derivative_nm_s_rad = JointVector::constant(dof, 20.0),
          .max_integral_nm = JointVector::constant(dof, 5.0),
          .inertial_damping_1_s = 0.0};
}

TEST(JointPidLawTest, PushesALaggingJointForwardAndMoreEveryPeriod) {
  PidRig rig(some_gains(3), random_arm(31, 3));
  rig.setpoint.q_rad[1] += 0.01;
  for (int period = 1; period <= 10; ++period) {
    EXPECT_NEAR(rig.step()[1], 300.0 * 0.01 + period * 1000.0 * 0.01 * 1e-3, 1e-9);
  }
  EXPECT_NEAR(rig.pid().integral_nm()[1], 0.1, 1e-9);
  EXPECT_EQ(rig.pid().integral_nm()[0], 0.0);
}

TEST(JointPidLawTest, DampsAgainstTheSetpointsVelocityAndFeedsForward) {
  PidRig rig(some_gains(4), random_arm(32, 4));
  std::mt19937 random(1);
  rig.measured.dq_rad_s = random_vector(random, 4, 1.0);
  rig.setpoint.dq_rad_s = random_vector(random, 4, 1.0);
  rig.setpoint.ddq_rad_s2 = random_vector(random, 4, 2.0);
  JointVector expected =
      rig.model.tracking_nm(rig.measured.q_rad, rig.measured.dq_rad_s, rig.setpoint.dq_rad_s, rig.setpoint.ddq_rad_s2);
  expected.eigen() -= 20.0 * (rig.measured.dq_rad_s.eigen() - rig.setpoint.dq_rad_s.eigen());
  EXPECT_LT(core::max_abs_difference(rig.step(), expected), 1e-9);
}

TEST(JointPidLawTest, CapsWhatItFeedsBackAndNotItsIntegral) {
  JointPid gains = some_gains(3);
  gains.inertial_damping_1_s = 40.0;
  gains.max_feedback_nm = {2.0, 2.0, kUncapped};
  PidRig rig(gains, random_arm(36, 3));
  rig.setpoint.q_rad.eigen().array() += 0.1;
  rig.setpoint.dq_rad_s.eigen().array() += 0.2;
  const JointVector fed_forward =
      rig.model.tracking_nm(rig.measured.q_rad, rig.measured.dq_rad_s, rig.setpoint.dq_rad_s, rig.setpoint.ddq_rad_s2);
  const JointVector tau = rig.step();
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_NEAR(tau[i] - fed_forward[i] - rig.pid().integral_nm()[i], 2.0, 1e-9);
  }
  EXPECT_GT(tau[2] - fed_forward[2], 300.0 * 0.1);
}

TEST(JointPidLawTest, RemovesAConstantDisturbance) {
  PidRig rig(JointPid{}, random_arm(33, 6));
  Vector6 F;
  F << 4.0, -3.0, 5.0, 0.2, 0.1, -0.3;
  rig.arm.push(F);
  rig.run(5000);
  EXPECT_LT(core::max_abs_difference(rig.arm.state().q_rad, rig.setpoint.q_rad), 1e-6);
  JointVector met = rig.pid().integral_nm();
  met.eigen() += rig.model.tool_jacobian(rig.arm.state().q_rad).transpose() * F;
  EXPECT_LT(met.eigen().cwiseAbs().maxCoeff(), 1e-4);  // I = −d
  EXPECT_EQ(rig.allocations, 0U);
}

TEST(JointPidLawTest, HoldsItsIntegralAtTheClampAndLeavesItAtOnce) {
  PidRig rig(some_gains(3), random_arm(34, 3));
  rig.setpoint.q_rad[2] += 0.1;
  for (int period = 0; period < 500; ++period) {
    static_cast<void>(rig.step());
    EXPECT_LE(rig.pid().integral_nm()[2], 5.0);
  }
  EXPECT_EQ(rig.pid().integral_nm()[2], 5.0);
  rig.setpoint.q_rad[2] -= 0.2;
  static_cast<void>(rig.step());
  EXPECT_NEAR(rig.pid().integral_nm()[2], 5.0 - 0.1, 1e-9);
}

TEST(JointPidLawTest, DoesNotIntegrateBeyondTheTorqueLimit) {
  JointPid gains = some_gains(3);
  gains.max_integral_nm = JointVector::constant(3, kUncapped);
  PidRig rig(gains, random_arm(35, 3));  // limited to 50 N·m: 300 N·m/rad · 0.2 rad is beyond
  rig.setpoint.q_rad[0] += 0.2;
  for (int period = 0; period < 100; ++period) {
    static_cast<void>(rig.step());
  }
  EXPECT_EQ(rig.pid().integral_nm()[0], 0.0);
  rig.setpoint.q_rad[0] -= 0.1;  // within
  static_cast<void>(rig.step());
  EXPECT_NEAR(rig.pid().integral_nm()[0], 0.1, 1e-9);
}

TEST(JointPidLawTest, BeginsAnewOnReset) {
  PidRig rig(some_gains(3), random_arm(36, 3));
  rig.setpoint.q_rad[2] += 0.01;
  const JointVector first = rig.step();
  static_cast<void>(rig.step());
  const takt::testing::AllocationGuard guard;
  rig.law->reset(rig.input());
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(rig.pid().integral_nm(), JointVector::zero(3));
  EXPECT_EQ(rig.step(), first);
}

TEST(JointPidLawTest, LeavesTorqueEmptyAndIntegralAloneWhenTheInputDoesNotFit) {
  PidRig rig(some_gains(3), random_arm(37, 3));
  rig.setpoint.q_rad[2] += 0.01;
  static_cast<void>(rig.step());
  const JointVector integral = rig.pid().integral_nm();
  rig.measured.q_rad[2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(rig.step().empty());
  rig.measured.q_rad.resize(2);
  EXPECT_TRUE(rig.step().empty());
  EXPECT_EQ(rig.pid().integral_nm(), integral);
}

TEST(JointPidLawTest, FillsWhatWasLeftOpenAndRefusesSettingsByTheirName) {
  const Model model(planar_arm());
  const JointPid gains = filled(JointPid{}, model);
  EXPECT_NEAR(gains.proportional_nm_rad[0], 100.0 / 0.145, 1e-9);
  EXPECT_NEAR(gains.integral_nm_rad_s[0], 4.0 * 100.0 / 0.145, 1e-9);
  EXPECT_NEAR(gains.derivative_nm_s_rad[1], 0.007 * 100.0 / 0.145, 1e-9);
  EXPECT_NEAR(gains.max_integral_nm[1], 15.0, 1e-9);
  JointPid wrong = some_gains(2);
  wrong.integral_nm_rad_s[1] = -1.0;
  try {
    static_cast<void>(filled(wrong, model));
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()), "joint_pid: integral_nm_rad_s[1]: is -1, must be finite and >= 0");
  }
}

}  // namespace
}  // namespace takt::control
