#include "takt/robots/models/fr3.hpp"

#include <array>

#include <gtest/gtest.h>

namespace takt::robots::models {
namespace {

TEST(Fr3Test, MovesThePublishedMass) {
  double mass_kg = 0.0;
  for (const control::JointData& joint : fr3().joints) {
    mass_kg += joint.link.mass_kg;
  }
  EXPECT_NEAR(mass_kg, 15.4948, 5e-5);
}

TEST(Fr3Test, HasTheTorqueLimitsOfTheDataSheet) {
  constexpr std::array<double, 7> kTorque = {87, 87, 87, 87, 12, 12, 12};
  const control::ModelData data = fr3();
  ASSERT_EQ(data.dof(), kTorque.size());
  for (std::size_t i = 0; i < data.dof(); ++i) {
    EXPECT_EQ(data.joints[i].limits.torque_nm, kTorque[i]);
    EXPECT_EQ(data.joints[i].limits.torque_rate_nm_s, 1000.0);
  }
}

TEST(Fr3VelocityEnvelopeTest, LetsNoJointMoveTowardsAStopItStandsAt) {
  for (const control::JointData& joint : fr3().joints) {
    SCOPED_TRACE(joint.name);
    EXPECT_EQ(joint.limits.velocity_upper_rad_s(joint.limits.position_max_rad), 0.0);
    EXPECT_EQ(joint.limits.velocity_lower_rad_s(joint.limits.position_min_rad), 0.0);
  }
}

TEST(Fr3VelocityEnvelopeTest, IsTheRatedVelocityInTheMiddleOfTheRange) {
  for (const control::JointData& joint : fr3().joints) {
    SCOPED_TRACE(joint.name);
    const double middle_rad = 0.5 * (joint.limits.position_min_rad + joint.limits.position_max_rad);
    EXPECT_EQ(joint.limits.velocity_upper_rad_s(middle_rad), joint.limits.velocity_rad_s);
    EXPECT_EQ(joint.limits.velocity_lower_rad_s(middle_rad), -joint.limits.velocity_rad_s);
  }
}

TEST(Fr3VelocityEnvelopeTest, FollowsTheDataSheetNearAStop) {
  const control::ModelData data = fr3();
  // v_upper = −v_offset + √(2·a_dec·(q_max − q)), by hand: joint 2 at 1.5 rad, joint 6 at 0.6 rad towards its lower
  // stop.
  EXPECT_NEAR(data.joints[1].limits.velocity_upper_rad_s(1.5), -0.2517 + 1.318195, 1e-6);
  EXPECT_NEAR(data.joints[5].limits.velocity_lower_rad_s(0.6), 0.4878 - 1.327478, 1e-6);
}

/// The parameters of libfranka's test robot and what libfranka computes from them; its limits lie 1e-3 inside ours.
struct EnvelopeCase {
  std::size_t joint;
  double q_min_rad, q_max_rad, offset_rad_s, q_rad, upper_rad_s;
};

TEST(Fr3VelocityEnvelopeTest, AgreesWithLibfrankaOnTheRobotOfItsTests) {
  constexpr std::array<EnvelopeCase, 5> kCases = {{
      {1, -1.7918, 1.7918, 0.20, 0.5, 2.3832999052},
      {1, -1.7918, 1.7918, 0.20, 1.783, 0.0122979137263},
      {2, -2.9065, 2.9065, 0.20, 2.9, 0.012307290077},
      {4, -2.8101, 2.8101, 0.35, 2.806, 0.0223630940519},
      {6, -3.0196, 3.0196, 0.35, 3.015, 0.0444743986657},
  }};
  for (const EnvelopeCase& expected : kCases) {
    control::JointLimits limits = fr3().joints[expected.joint].limits;
    limits.position_min_rad = expected.q_min_rad;
    limits.position_max_rad = expected.q_max_rad;
    limits.envelope_velocity_offset_rad_s = expected.offset_rad_s;
    EXPECT_NEAR(limits.velocity_upper_rad_s(expected.q_rad) - 1e-3, expected.upper_rad_s, 1e-10);
    EXPECT_NEAR(limits.velocity_lower_rad_s(-expected.q_rad) + 1e-3, -expected.upper_rad_s, 1e-10);
  }
}

}  // namespace
}  // namespace takt::robots::models
