#include "takt/bridge/joint_trajectory.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace takt::bridge {
namespace {

using control::JointPath;
using trajectory_msgs::JointTrajectory;
using trajectory_msgs::JointTrajectoryPoint;

constexpr core::Nanoseconds kSecond = core::kNanosecondsPerSecond;
constexpr Instant kNow{.monotonic_ns = 1000 * kSecond, .wall_ns = 1'700'000'000 * kSecond};

Joints arm() {
  control::JointLimits limits;
  limits.position_min_rad = -2.0;
  limits.position_max_rad = 2.0;
  limits.velocity_rad_s = 1.0;
  return {.names = {"pan", "lift"}, .limits = {limits, limits}};
}

JointPath::Reference resting_at(core::JointVector q_rad) {
  return {.q_rad = q_rad, .dq_rad_s = core::JointVector::zero(2)};
}

JointTrajectoryPoint point(double t_s, std::vector<double> positions, std::vector<double> velocities = {}) {
  JointTrajectoryPoint made;
  made.positions = std::move(positions);
  made.velocities = std::move(velocities);
  const core::Nanoseconds t_ns = core::from_seconds(t_s);
  made.time_from_start.sec = static_cast<std::int32_t>(t_ns / kSecond);
  made.time_from_start.nanosec = static_cast<std::uint32_t>(t_ns % kSecond);
  return made;
}

/// The joints stand in the message the other way round than in the robot.
JointTrajectory message(std::vector<JointTrajectoryPoint> points) {
  JointTrajectory made;
  made.joint_names = {"lift", "pan"};
  made.points = std::move(points);
  return made;
}

JointPath read(const JointTrajectory& message, core::JointVector from = {0.0, 0.0}) {
  return read_trajectory(message, arm(), resting_at(from), kNow);
}

/// What a trajectory is refused with; "" when it is not.
std::string complaint(const JointTrajectory& message, core::JointVector from = {0.0, 0.0}) {
  try {
    static_cast<void>(read(message, from));
    return "";
  } catch (const TrajectoryError& error) {
    return error.what();
  }
}

void expect_complaint(const JointTrajectory& message, const std::string& what) {
  const std::string said = complaint(message);
  EXPECT_NE(said.find(what), std::string::npos) << "want " << what << ", said: '" << said << "'";
  EXPECT_EQ(said.find('\n'), std::string::npos);
}

TEST(JointTrajectoryTest, BecomesAPathWithItsJointsFoundByName) {
  const JointPath path = read(message({point(2.0, {0.5, -0.3}), point(4.0, {1.0, -0.6})}));
  EXPECT_EQ(path.begin_ns(), kNow.monotonic_ns);
  EXPECT_EQ(path.end_ns(), kNow.monotonic_ns + 4 * kSecond);
  EXPECT_EQ(path.at(path.begin_ns()).q_rad, (core::JointVector{0.0, 0.0}));
  EXPECT_EQ(path.at(path.begin_ns() + 2 * kSecond).q_rad, (core::JointVector{-0.3, 0.5}));
  EXPECT_EQ(path.at(path.end_ns()).q_rad, (core::JointVector{-0.6, 1.0}));
}

TEST(JointTrajectoryTest, KeepsTheVelocitiesThatAreGiven) {
  const JointPath path = read(message({point(2.0, {0.5, -0.3}, {0.2, -0.1}), point(4.0, {1.0, -0.6})}));
  const auto there = path.at(path.begin_ns() + 2 * kSecond);
  EXPECT_NEAR(there.dq_rad_s[0], -0.1, 1e-9);
  EXPECT_NEAR(there.dq_rad_s[1], 0.2, 1e-9);
}

TEST(JointTrajectoryTest, AStampSaysWhenItBeginsAndWhatIsDueIsLeftOut) {
  JointTrajectory late = message({point(0.0, {0.0, 0.0}), point(2.0, {0.5, -0.3}), point(4.0, {1.0, -0.6})});
  late.header.stamp.sec = 1'700'000'000 - 1;
  EXPECT_EQ(read(late).end_ns(), kNow.monotonic_ns + 3 * kSecond);
  late.header.stamp.sec = 1'700'000'000 + 10;
  EXPECT_EQ(read(late).end_ns(), kNow.monotonic_ns + 14 * kSecond);
  late.header.stamp.sec = 1'700'000'000 - 4;
  expect_complaint(late, "its last point was due 0.000 s ago");
  late.header.stamp.sec = 1'700'000'000 + 61;
  expect_complaint(late, "it begins 61.000 s from now");
}

TEST(JointTrajectoryTest, IsRefusedForItsNames) {
  const auto named = [](std::vector<std::string> names) {
    JointTrajectory made = message({point(2.0, std::vector<double>(names.size(), 0.1))});
    made.joint_names = std::move(names);
    return made;
  };
  expect_complaint(named({"lift", "pan", "wrist"}), "there is no joint 'wrist'; the robot has pan, lift");
  expect_complaint(named({"lift"}), "joint 'pan' is missing");
  expect_complaint(named({}), "joint 'pan' is missing");
  expect_complaint(named({"lift", "pan", "lift"}), "joint 'lift' stands twice");
}

TEST(JointTrajectoryTest, IsRefusedForItsPoints) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_complaint(message({}), "it has no points");
  expect_complaint(message(std::vector(10'001, point(1.0, {0.0, 0.0}))), "it has 10001 points");
  expect_complaint(message({point(1.0, {0.1})}), "point 0 has 1 positions for 2 joints");
  expect_complaint(message({point(1.0, {0.1, 0.1}, {0.0})}), "point 0 has velocities");
  expect_complaint(message({point(1.0, {0.1, nan})}), "point 0 has a position or velocity that is not finite");
  expect_complaint(message({point(1.0, {0.1, 0.1}, {nan, 0.0}), point(2.0, {0.1, 0.1})}), "point 0");
  expect_complaint(message({point(1.0, {0.1, 0.1}), point(1.0, {0.2, 0.2})}), "point 1 is due 1 s from the start");
  expect_complaint(message({point(1.0, {0.1, 0.1}), point(0.5, {0.2, 0.2})}), "not after the point before");
  expect_complaint(message({point(-1.0, {0.1, 0.1})}), "point 0 is due");
  expect_complaint(message({point(1.0, {0.1, 0.1}, {0.5, 0.0})}), "it ends moving: joint 'lift' at 0.5 rad/s");
  expect_complaint(message({point(0.0, {0.1, 0.1})}), "its last point was due");
  expect_complaint(message({point(3601.0, {0.1, 0.1})}), "it takes 3601 s; the most is 3600 s");
  EXPECT_EQ(complaint(message({point(3600.0, {0.1, 0.1})})), "");
}

TEST(JointTrajectoryTest, IsRefusedForItsWay) {
  expect_complaint(message({point(5.0, {0.0, 2.1})}), "joint 'pan' would go to 2.1");
  expect_complaint(message({point(1.0, {1.5, 0.0})}), "joint 'lift' would move at 2.250 rad/s");
  // Its points are inside, what leads through them with that velocity is not.
  expect_complaint(message({point(4.0, {1.9, 0.0}, {0.9, 0.0}), point(6.0, {1.9, 0.0})}), "joint 'lift' would go to");
  EXPECT_EQ(complaint(message({point(6.0, {2.0, -2.0})})), "") << "up to the limit is inside";
}

TEST(JointTrajectoryTest, NumbersTooLargeToComputeWithAreRefused) {
  const double huge = 1e308;
  for (const double wild : {huge, -huge}) {
    expect_complaint(message({point(5.0, {0.0, wild})}), "joint 'pan' would go to");
    expect_complaint(message({point(2.0, {wild, 0.0}), point(4.0, {-wild, 0.0}), point(6.0, {0.0, 0.0})}),
                     "joint 'lift' would go to");
    expect_complaint(message({point(2.0, {0.1, 0.1}, {wild, 0.0}), point(4.0, {0.1, 0.1})}),
                     "joint 'lift' would move at 1.000e+308 rad/s");
  }
}

TEST(JointTrajectoryTest, AJointThatStandsOutsideItsRangeMayComeBackAndGoNoFarther) {
  EXPECT_EQ(complaint(message({point(2.0, {0.0, 1.8})}), {2.2, 0.0}), "");
  EXPECT_NE(complaint(message({point(2.0, {0.0, 2.3})}), {2.2, 0.0}), "");
}

}  // namespace
}  // namespace takt::bridge
