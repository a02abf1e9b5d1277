#include "takt/robots/models/so101.hpp"

#include <array>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/model/model.hpp"

namespace takt::robots::models {
namespace {

TEST(So101Test, NamesItsJointsAsLeRobotDoes) {
  const std::array<std::string, 6> kNames = {"shoulder_pan", "shoulder_lift", "elbow_flex",
                                             "wrist_flex",   "wrist_roll",    "gripper"};
  const control::ModelData data = so101();
  ASSERT_EQ(data.dof(), kNames.size());
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    EXPECT_EQ(data.joints[i].name, kNames[i]);
  }
}

TEST(So101Test, HoldsWhatARealArmWasRecordedAt) {
  // Extremes of a public recording of one arm: read-back, targets and the disturbed commands.
  constexpr std::array<std::array<double, 2>, 6> kRecordedRad = {
      {{-0.917, 0.894}, {-1.840, 1.183}, {-1.760, 1.656}, {-0.639, 1.764}, {-0.326, 0.263}, {0.0, 0.0}}};
  const control::ModelData data = so101();
  for (std::size_t i = 0; i < data.dof(); ++i) {
    SCOPED_TRACE(data.joints[i].name);
    EXPECT_LT(data.joints[i].limits.position_min_rad, kRecordedRad[i][0]);
    EXPECT_GT(data.joints[i].limits.position_max_rad, kRecordedRad[i][1]);
    EXPECT_GT(data.joints[i].limits.velocity_rad_s, 5.76);
  }
}

TEST(So101Test, CarriesItsFlangeBesideTheJaw) {
  EXPECT_EQ(so101().flange_link, 5U);
}

TEST(So101Test, ReachesForwardWithItsJawsAtHome) {
  // By hand along the side view: pan axis 0.0388, lift axis 0.0304 further; upper arm, forearm and wrist as published.
  const control::ModelData data = so101();
  const core::Pose X_BF = control::Model(data).flange_pose(core::JointVector(data.home_rad));
  EXPECT_NEAR(X_BF.translation().x(), 0.0388353 + 0.0303992 + 0.028 + 0.1349 + 0.0611 + 0.0981274, 1e-6);
  EXPECT_NEAR(X_BF.translation().z(), 0.0624 + 0.0542 + 0.11257 + 0.0052 - 0.0079, 1e-6);
  EXPECT_TRUE(X_BF.linear().col(2).isApprox(Eigen::Vector3d::UnitX(), 1e-12));  // z_F, out of the jaws
}

TEST(So101Test, LiesOnTheTableInTheRestPostureOfTheRecording) {
  const core::Pose X_BF = control::Model(so101()).flange_pose({0.0046, -1.7407, 1.6556, 1.0441, 0.0008, 0.0});
  EXPECT_GT(X_BF.translation().z(), 0.0);
  EXPECT_LT(X_BF.translation().z(), 0.02);
}

TEST(So101Test, CanCarryItselfWithItsServosInEveryPostureOfTheShoulder) {
  const control::ModelData data = so101();
  const control::Model model(data);
  for (double lift_rad = -1.9; lift_rad <= 1.9; lift_rad += 0.1) {
    const core::JointVector gravity = model.gravity_nm({0, lift_rad, -1.6, 0, 0, 0});
    for (std::size_t i = 0; i < data.dof(); ++i) {
      EXPECT_LT(std::abs(gravity[i]), data.joints[i].limits.torque_nm) << data.joints[i].name << " at " << lift_rad;
    }
  }
}

}  // namespace
}  // namespace takt::robots::models
