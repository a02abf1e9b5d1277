#include "takt/registry/robots.hpp"

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/robots/cycle_robot.hpp"
#include "takt/robots/sim/sim_arm.hpp"

namespace takt::registry {
namespace {

TEST(OpenRobotTest, OpensEachKindByItsUri) {
  EXPECT_EQ(open_robot("sim:fr3")->info().type, messages::RobotType::kFr3);
  EXPECT_EQ(open_robot("sim:so101")->info().type, messages::RobotType::kSo101);
  EXPECT_EQ(open_robot("synthetic:so101")->info().joint_names.size(), 6U);
  EXPECT_FALSE(open_robot("synthetic:fr3")->info().can_write);
}

TEST(OpenRobotTest, AnOperatorWithoutAModelMovesTheJointsOfItsFollower) {
  robots::RobotOptions options;
  options.like = "sim:fr3";
  EXPECT_EQ(open_robot("synthetic", options)->info().joint_names.size(), 7U);
}

TEST(OpenRobotTest, ASimulatedArmAsksForItsStartPose) {
  robots::RobotOptions options;
  std::size_t asked = 0;
  options.start_pose = [&](const robots::RobotInfo& info) {
    asked = info.joint_names.size();
    return std::vector<double>(info.joint_names.size(), 0.1);
  };
  static_cast<void>(open_robot("sim:so101", options));
  EXPECT_EQ(asked, 6U);
}

TEST(OpenRobotTest, ATorqueArmIsAskedForAStartPoseThatItsCycleCanFollowFrom) {
  robots::RobotOptions options;
  robots::RobotInfo asked;
  options.start_pose = [&](const robots::RobotInfo& info) {
    asked = info;
    return std::vector<double>{};
  };
  const auto robot = open_robot("sim:fr3", options);
  ASSERT_EQ(asked.limits.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(asked.limits[i].position_min_rad, robot->info().limits[i].position_min_rad);
    EXPECT_EQ(asked.limits[i].position_max_rad, robot->info().limits[i].position_max_rad);
  }
}

TEST(OpenRobotTest, ATorqueArmBrakesWhenItLosesItsMaster) {
  const auto robot = open_robot("sim:fr3");
  const auto& arm = dynamic_cast<robots::CycleRobot&>(*robot).cycle().arm();
  EXPECT_TRUE(dynamic_cast<const robots::sim::SimArm&>(arm).options().strict);
  EXPECT_EQ(dynamic_cast<const robots::sim::SimArm&>(arm).options().missed_to_fault, 200U);
}

struct BadUri {
  const char* uri;
  const char* says;
  friend void PrintTo(const BadUri& bad, std::ostream* out) { *out << bad.uri; }
};

class BadUriTest : public ::testing::TestWithParam<BadUri> {};

TEST_P(BadUriTest, IsRefusedWithTheReasonInOneLine) {
  try {
    static_cast<void>(open_robot(GetParam().uri));
    FAIL() << GetParam().uri << " was opened";
  } catch (const ConfigError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find(GetParam().says), std::string::npos) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
  }
}

INSTANTIATE_TEST_SUITE_P(Uris, BadUriTest,
                         ::testing::Values(BadUri{"sim:fr4", "there is no model 'fr4' (there are fr3, so101)"},
                                           BadUri{"sim", "there is no model ''"},
                                           BadUri{"toaster:1", "no such kind of robot"},
                                           BadUri{"", "no such kind of robot"},
                                           BadUri{"synthetic", "there is no model ''"},
                                           BadUri{"playback:/does/not/exist.csv", "/does/not/exist.csv"}));

TEST(RecordedStartTest, TakesJointsByNameAndKeepsTheLeadersFirstRowForOthers) {
  const auto path = std::filesystem::temp_directory_path() / ("takt_start_" + std::to_string(getpid()) + ".csv");
  std::ofstream(path) << "t_s,target_pan_rad,target_gripper_rad,actual_pan_rad,actual_gripper_pct\n"
                         "0,0.5,0.25,-1.5,40\n"
                         "0.1,0.6,0.25,-1.4,41\n";
  Robots robots;
  const auto start = robots.recorded_start("playback:" + path.string(), {});
  std::filesystem::remove(path);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->joint_positions, (core::JointVector{-1.5, 0.25}));
  EXPECT_DOUBLE_EQ(start->gripper_position.value(), 0.4);
}

TEST(RecordedStartTest, IsNothingForALeaderThatIsNoRecording) {
  Robots robots;
  EXPECT_FALSE(robots.recorded_start("synthetic:fr3", {}));
}

}  // namespace
}  // namespace takt::registry
