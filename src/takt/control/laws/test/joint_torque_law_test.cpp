#include "takt/control/laws/joint_torque_law.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/laws/test/law_rig.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::LawRig;
using testing::random_arm;

TEST(JointTorqueLawTest, GivesWhatTheCommanderAsksLessTheDamping) {
  LawRig rig(JointTorque{.damping_nm_s_rad = {1.0, 2.0, 3.0}}, random_arm(41, 3));
  rig.tau_target_nm = {4.0, 5.0, -6.0};
  EXPECT_EQ(rig.step(), rig.tau_target_nm);
  rig.measured.dq_rad_s = {0.5, -0.5, 1.0};
  EXPECT_EQ(rig.step(), (JointVector{3.5, 6.0, -9.0}));
  EXPECT_EQ(rig.allocations, 0U);
}

TEST(JointTorqueLawTest, DampsNothingUnlessAsked) {
  LawRig rig(JointTorque{}, random_arm(41, 3));
  rig.measured.dq_rad_s = {0.5, -0.5, 1.0};
  EXPECT_EQ(rig.step(), JointVector::zero(3));
}

TEST(JointTorqueLawTest, LetsTheSetpointFollowTheArmAndDoesNotLookAtIt) {
  LawRig rig(JointTorque{}, random_arm(41, 3));
  EXPECT_EQ(rig.law->reference(), Reference::kTorque);
  rig.setpoint.q_rad = {9.0, 9.0, 9.0};
  EXPECT_EQ(rig.step(), JointVector::zero(3));
}

TEST(JointTorqueLawTest, LeavesTheTorqueEmptyWhenTheInputDoesNotFit) {
  LawRig rig(JointTorque{}, random_arm(41, 3));
  rig.tau_target_nm = {1.0, 2.0};
  EXPECT_TRUE(rig.step().empty());
  rig.tau_target_nm = {1.0, 2.0, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_TRUE(rig.step().empty());
  rig.tau_target_nm = {1.0, 2.0, 3.0};
  rig.measured.dq_rad_s.resize(2);
  EXPECT_TRUE(rig.step().empty());
}

TEST(JointTorqueLawTest, RefusesSettingsByTheirName) {
  const Model model(random_arm(41, 3));
  try {
    static_cast<void>(filled(JointTorque{.damping_nm_s_rad = {1.0, 1.0, -1.0}}, model));
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()), "joint_torque: damping_nm_s_rad[2]: is -1, must be finite and >= 0");
  }
}

}  // namespace
}  // namespace takt::control
