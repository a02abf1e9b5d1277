#include "takt/control/laws/gravity_compensation_law.hpp"

#include <cmath>
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

ModelData rubbing_arm() {
  ModelData data = random_arm(51, 5);
  for (JointData& joint : data.joints) {
    joint.friction_nm = 0.3;
    joint.damping_nm_s_rad = 0.1;
  }
  return data;
}

double kinetic_energy(const LawRig& rig) {
  const auto dq = rig.arm.state().dq_rad_s.eigen();
  return 0.5 * dq.dot(rig.model.mass_matrix(rig.arm.state().q_rad) * dq);
}

TEST(GravityCompensationLawTest, DampsAndGivesBackItsShareOfTheFriction) {
  LawRig rig(GravityCompensation{.damping_nm_s_rad = JointVector::constant(5, 2.0), .friction_share = 0.5},
             rubbing_arm());
  EXPECT_EQ(rig.step(), JointVector::zero(5));
  rig.measured.dq_rad_s[3] = 0.4;
  EXPECT_NEAR(rig.step()[3], -2.0 * 0.4 + 0.5 * (0.3 + 0.1 * 0.4), 1e-9);
  rig.measured.dq_rad_s[3] = -0.4;
  EXPECT_NEAR(rig.step()[3], 2.0 * 0.4 - 0.5 * (0.3 + 0.1 * 0.4), 1e-9);
  EXPECT_EQ(rig.allocations, 0U);
}

TEST(GravityCompensationLawTest, NeverAddsToTheEnergyThatAHandGave) {
  for (const double share : {0.0, 1.0}) {
    LawRig rig(GravityCompensation{.friction_share = share}, rubbing_arm());
    rig.arm.place(rig.measured.q_rad, {1.0, -0.8, 1.2, -1.0, 2.0});
    double before = kinetic_energy(rig);
    const double first = before;
    for (int period = 0; period < 2000; ++period) {
      rig.run(1);
      const double now = kinetic_energy(rig);
      EXPECT_LE(now, before + 1e-3 * first);
      before = now;
    }
    EXPECT_LT(before, 0.5 * first);
  }
}

TEST(GravityCompensationLawTest, LetsAHandMoveTheArmMoreEasilyWhenFrictionIsGivenBack) {
  double energy[2];
  for (const int share : {0, 1}) {
    LawRig rig(GravityCompensation{.friction_share = static_cast<double>(share)}, rubbing_arm());
    Vector6 hand = Vector6::Zero();
    hand[0] = 8.0;
    rig.arm.push(hand);
    rig.run(150);
    energy[share] = kinetic_energy(rig);
  }
  EXPECT_GT(energy[1], 1.2 * energy[0]);
}

TEST(GravityCompensationLawTest, LetsTheSetpointFollowTheArmAndDoesNotLookAtIt) {
  LawRig rig(GravityCompensation{}, rubbing_arm());
  EXPECT_EQ(rig.law->reference(), Reference::kMeasured);
  rig.setpoint.q_rad = JointVector::constant(5, 9.0);
  EXPECT_EQ(rig.step(), JointVector::zero(5));
}

TEST(GravityCompensationLawTest, LeavesTheTorqueEmptyWhenTheInputDoesNotFit) {
  LawRig rig(GravityCompensation{}, rubbing_arm());
  rig.measured.dq_rad_s.resize(4);
  EXPECT_TRUE(rig.step().empty());
  rig.measured.dq_rad_s.resize(5, std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(rig.step().empty());
}

TEST(GravityCompensationLawTest, RefusesSettingsByTheirName) {
  try {
    static_cast<void>(filled(GravityCompensation{.friction_share = 1.01}, Model(rubbing_arm())));
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()), "gravity_compensation: friction_share: is 1.01, must be from 0 to 1");
  }
}

}  // namespace
}  // namespace takt::control
