#include "takt/trajectory/gripper_joint.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/timeline.hpp"

namespace takt::trajectory {
namespace {

ArmDescription arm_with_jaw(std::size_t jaw = 2) {
  ArmDescription arm{.name = "arm", .joint_names = {"lift", "turn"}};
  arm.joint_names.insert(arm.joint_names.begin() + static_cast<std::ptrdiff_t>(jaw), "gripper");
  arm.limits.resize(3, {.position_min_rad = -3.0,
                        .position_max_rad = 3.0,
                        .velocity_rad_s = 5.0,
                        .acceleration_rad_s2 = 50.0,
                        .jerk_rad_s3 = 5000.0});
  arm.limits[jaw].position_min_rad = -0.2;
  arm.limits[jaw].position_max_rad = 1.8;
  return arm;
}

double opening_at(std::size_t frame) {
  return 0.5 - 0.5 * std::cos(0.01 * std::numbers::pi * static_cast<double>(frame));
}

/// Two joints at rest, and a gripper that opens fully, gently in 2 s.
Trajectory opening(std::vector<std::string> joints = {"lift", "turn"}) {
  Trajectory made({.name = "pick", .joint_names = std::move(joints)});
  for (std::size_t i = 0; i <= 100; ++i) {
    made.append({.t_ns = static_cast<core::Nanoseconds>(i) * 20'000'000LL,
                 .q_rad = {0.1, 0.2},
                 .dq_rad_s = {0.0, 0.0},
                 .gripper = opening_at(i)});
  }
  return made;
}

TEST(GripperJointTest, AnOpeningBecomesTheJawsPositionAtItsPlace) {
  for (const std::size_t jaw : {0U, 1U, 2U}) {
    const ArmDescription arm = arm_with_jaw(jaw);
    ASSERT_TRUE(lacks_gripper_joint(opening(), arm));
    const Trajectory made = with_gripper_joint(opening(), arm);
    EXPECT_EQ(made.info().joint_names, arm.joint_names);
    ASSERT_EQ(made.size(), opening().size());
    const std::size_t lift = jaw == 0 ? 1 : 0;
    const std::size_t turn = jaw == 2 ? 1 : 2;
    for (const std::size_t i : {0U, 50U, 100U}) {
      EXPECT_DOUBLE_EQ(made.q_rad(i)[jaw], -0.2 + 2.0 * opening_at(i));
      EXPECT_EQ(made.q_rad(i)[lift], 0.1);
      EXPECT_EQ(made.q_rad(i)[turn], 0.2);
      EXPECT_EQ(made.frame(i).gripper, opening().frame(i).gripper);
    }
    EXPECT_FALSE(made.has_velocities());
    EXPECT_FALSE(lacks_gripper_joint(made, arm));
  }
}

TEST(GripperJointTest, WhatIsBeyondTheEndsIsTheEnd) {
  Trajectory worn({.name = "worn", .joint_names = {"lift", "turn"}});
  worn.append({.t_ns = 0, .q_rad = {0, 0}, .gripper = -0.03});
  worn.append({.t_ns = 1, .q_rad = {0, 0}, .gripper = 1.02});
  const Trajectory made = with_gripper_joint(worn, arm_with_jaw());
  EXPECT_DOUBLE_EQ(made.q_rad(0)[2], -0.2);
  EXPECT_DOUBLE_EQ(made.q_rad(1)[2], 1.8);
}

TEST(GripperJointTest, OtherArmsAndOtherTrajectoriesStayAsTheyAre) {
  ArmDescription bare = arm_with_jaw();
  bare.joint_names[2] = "wrist";
  EXPECT_FALSE(lacks_gripper_joint(opening(), bare));
  EXPECT_FALSE(lacks_gripper_joint(opening({"lift", "gripper"}), arm_with_jaw()))
      << "it has the jaw, and lacks another";
  Trajectory blind({.name = "blind", .joint_names = {"lift", "turn"}});
  blind.append({.t_ns = 0, .q_rad = {0, 0}});
  EXPECT_FALSE(lacks_gripper_joint(blind, arm_with_jaw()));
  ArmDescription endless = arm_with_jaw();
  endless.limits[2].position_max_rad = std::numeric_limits<double>::infinity();
  EXPECT_THROW(static_cast<void>(with_gripper_joint(opening(), endless)), ConfigError);
}

TEST(GripperJointTest, ATimelineMovesTheJaw) {
  const ArmDescription arm = arm_with_jaw();
  const std::vector<Trajectory> sequence{opening()};
  const auto timeline = Timeline::build(arm, {.q_rad = {0.1, 0.2, -0.1}}, sequence);
  ASSERT_TRUE(timeline) << timeline.error();
  EXPECT_EQ(timeline->joints(), 3U);
  EXPECT_NEAR(timeline->frame(timeline->size() - 1).frame.q_rad[2], 1.8, 1e-9);
}

}  // namespace
}  // namespace takt::trajectory
