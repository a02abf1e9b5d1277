#include "takt/robots/models/so101.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace takt::robots::models
