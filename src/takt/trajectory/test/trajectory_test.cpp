#include "takt/trajectory/trajectory.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::trajectory {
namespace {

Trajectory two_joints() {
  return Trajectory({.name = "pick", .joint_names = {"a", "b"}});
}

TEST(TrajectoryTest, GivesBackWhatItWasGiven) {
  Trajectory trajectory = two_joints();
  const Frame first{.t_ns = 0, .q_rad = {1, 2}, .dq_rad_s = {3, 4}, .gripper = 0.5};
  const Frame second{.t_ns = 10, .q_rad = {5, 6}, .dq_rad_s = {7, 8}, .gripper = 1.0};
  trajectory.append(first);
  trajectory.append(second);
  EXPECT_EQ(trajectory.frame(0), first);
  EXPECT_EQ(trajectory.frame(1), second);
  EXPECT_EQ(trajectory.duration_ns(), 10);
}

TEST(TrajectoryTest, FindsTheFrameInForce) {
  Trajectory trajectory = two_joints();
  for (const core::Nanoseconds t_ns : {0, 10, 20}) {
    trajectory.append({.t_ns = t_ns, .q_rad = {0, 0}});
  }
  EXPECT_EQ(trajectory.index_at(-1), 0u);
  EXPECT_EQ(trajectory.index_at(9), 0u);
  EXPECT_EQ(trajectory.index_at(10), 1u);
  EXPECT_EQ(trajectory.index_at(99), 2u);
}

TEST(TrajectoryTest, RefusesFramesThatDoNotFitAndStaysAsItWas) {
  Trajectory trajectory = two_joints();
  EXPECT_THROW(trajectory.append({.t_ns = 1, .q_rad = {0, 0}}), ConfigError);
  trajectory.append({.t_ns = 0, .q_rad = {0, 0}});
  const Trajectory before = trajectory;
  EXPECT_THROW(trajectory.append({.t_ns = 0, .q_rad = {0, 0}}), ConfigError);
  EXPECT_THROW(trajectory.append({.t_ns = 1, .q_rad = {0}}), ConfigError);
  EXPECT_THROW(trajectory.append({.t_ns = 1, .q_rad = {0, std::numeric_limits<double>::quiet_NaN()}}), ConfigError);
  EXPECT_THROW(trajectory.append({.t_ns = 1, .q_rad = {0, 0}, .dq_rad_s = {0, 0}}), ConfigError);
  EXPECT_THROW(trajectory.append({.t_ns = 1, .q_rad = {0, 0}, .gripper = 0.0}), ConfigError);
  EXPECT_EQ(trajectory, before);
}

TEST(TrajectoryTest, LastsADayAtMost) {
  Trajectory trajectory = two_joints();
  trajectory.append({.t_ns = 0, .q_rad = {0, 0}});
  for (const core::Nanoseconds t_ns : {kLongest_ns + 1, std::numeric_limits<core::Nanoseconds>::max()}) {
    EXPECT_THROW(trajectory.append({.t_ns = t_ns, .q_rad = {0, 0}}), ConfigError);
  }
  EXPECT_EQ(trajectory.size(), 1U);
  trajectory.append({.t_ns = kLongest_ns, .q_rad = {0, 0}});
  EXPECT_EQ(trajectory.duration_ns(), kLongest_ns);
}

TEST(TrajectoryTest, RefusesJointsThatCannotBe) {
  EXPECT_THROW(Trajectory(TrajectoryInfo{}), ConfigError);
  EXPECT_THROW(Trajectory(TrajectoryInfo{.joint_names = {"a", "a"}}), ConfigError);
}

}  // namespace
}  // namespace takt::trajectory
