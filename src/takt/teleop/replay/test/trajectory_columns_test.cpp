#include "takt/teleop/replay/trajectory_columns.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/messages/json.hpp"

namespace takt::teleop::replay {
namespace {

trajectory::Trajectory wave(bool velocities = true, bool gripper = true) {
  trajectory::Trajectory made({.name = "wave",
                               .robot = "so101",
                               .robot_type = messages::RobotType::kSo101,
                               .joint_names = {"pan", "lift"},
                               .task = "wave \"hello\"",
                               .success = true,
                               .start_wall_ns = 1'700'000'000'000'000'001,
                               .source = "a.mcap"});
  for (int i = 0; i < 10; ++i) {
    trajectory::Frame frame;
    frame.t_ns = i * 33'333'333;
    frame.q_rad = {std::sin(i) / std::numbers::pi, -0.1 * i};
    frame.dq_rad_s = velocities ? core::JointVector{std::cos(i), -0.1} : core::JointVector{};
    frame.gripper = gripper ? std::optional(0.1 * i) : std::nullopt;
    made.append(frame);
  }
  return made;
}

TEST(TrajectoryColumnsTest, ATrajectoryComesBackBitForBit) {
  for (const auto& trajectory : {wave(), wave(false, false), wave(true, false), wave(false, true)}) {
    EXPECT_EQ(to_trajectory(to_columns(trajectory)), trajectory);
  }
}

TEST(TrajectoryColumnsTest, ATrajectoryComesBackFromJsonBitForBit) {
  const auto text = messages::to_json(to_columns(wave()));
  const auto columns = messages::from_json<TrajectoryColumns>(text);
  ASSERT_TRUE(columns) << columns.error().text();
  EXPECT_EQ(to_trajectory(*columns), wave());
}

TEST(TrajectoryColumnsTest, ASectionHasItsFramesWithTheTimesOfTheWhole) {
  const TrajectoryColumns section = to_columns(wave(), 3, 4);
  ASSERT_EQ(section.t_ns.size(), 4);
  EXPECT_EQ(section.t_ns.front(), 3 * 33'333'333);
  EXPECT_EQ(section.q_rad[1].back(), -0.1 * 6);
  EXPECT_EQ(to_columns(wave(), 8, 100).t_ns.size(), 2);
  EXPECT_EQ(to_columns(wave(), 10, 1).t_ns.size(), 0);
  EXPECT_EQ(
      to_columns(wave(), std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max()).t_ns.size(),
      0);
}

std::string refusal(const std::function<void(TrajectoryColumns&)>& spoil) {
  TrajectoryColumns columns = to_columns(wave());
  spoil(columns);
  try {
    static_cast<void>(to_trajectory(columns));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(TrajectoryColumnsTest, ColumnsThatAreNoTrajectoryAreRefusedByName) {
  EXPECT_NE(refusal([](auto& c) { c.q_rad[1].pop_back(); }).find("q_rad[1] has 9 numbers, t_ns 10"), std::string::npos);
  EXPECT_NE(refusal([](auto& c) { c.q_rad.pop_back(); }).find("q_rad has 1 columns, there are 2 joints"),
            std::string::npos);
  EXPECT_NE(refusal([](auto& c) { c.dq_rad_s[0].clear(); }).find("dq_rad_s[0]"), std::string::npos);
  EXPECT_NE(refusal([](auto& c) { c.gripper.push_back(1.0); }).find("gripper"), std::string::npos);
  EXPECT_NE(refusal([](auto& c) { c.q_rad[0][4] = std::nan(""); }).find("wave"), std::string::npos);
  EXPECT_NE(refusal([](auto& c) { c.t_ns[4] = c.t_ns[3]; }).find("wave"), std::string::npos);
  EXPECT_NE(refusal([](auto& c) { c.joints[1] = "pan"; }).find("pan"), std::string::npos);
  EXPECT_NE(refusal([](auto& c) {
              c.joints.assign(100, "j");
              c.q_rad.assign(100, c.q_rad[0]);
            }).find("100 joints"),
            std::string::npos);
}

}  // namespace
}  // namespace takt::teleop::replay
