#include "takt/trajectory/recorder/trajectory_file.hpp"

#include <cmath>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "takt/trajectory/edit.hpp"
#include "takt/trajectory/recorder/recording.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

Trajectory full_trajectory() {
  Trajectory trajectory({.name = "pick/the \"cube\"",
                         .robot = "fr3",
                         .robot_type = messages::RobotType::kFr3,
                         .joint_names = {"one", "two, or so", "drei"},
                         .task = "Würfel in die Kiste",
                         .success = false,
                         .start_wall_ns = 1'763'733'600'123'456'789,
                         .source = "demo.csv, segment 2"});
  for (int i = 0; i < 3000; ++i) {
    trajectory.append({.t_ns = i * kMillisecond + i % 7,
                       .q_rad = {std::sin(0.1 * i), 1.0 / (i + 1), -0.0},
                       .dq_rad_s = {std::nextafter(1.0, 2.0), 5e-324, -1e300},
                       .gripper = 0.1 * i});
  }
  return trajectory;
}

TEST(TrajectoryFileTest, GivesBackTheSameBits) {
  const OwnFolder folder;
  const Trajectory trajectory = full_trajectory();
  write_trajectory(folder / "pick.mcap", trajectory);
  const Trajectory read = read_trajectory(folder / "pick.mcap");
  EXPECT_EQ(read, trajectory);
  EXPECT_TRUE(std::signbit(read.q_rad(0)[2]));
  EXPECT_EQ(read_states(folder / "pick.mcap"), trajectory) << "it is a recording like any other";
  EXPECT_EQ(read_states(folder / "pick.mcap", {.from_s = 1.0, .to_s = 1.5}), trim(trajectory, 1.0, 1.5));
}

TEST(TrajectoryFileTest, GivesBackWhatLittleThereIs) {
  const OwnFolder folder;
  Trajectory trajectory({.joint_names = {"a"}});
  trajectory.append({.t_ns = 0, .q_rad = {1}});
  write_trajectory(folder / "small.mcap", trajectory, {.fsync = true});
  EXPECT_EQ(read_trajectory(folder / "small.mcap"), trajectory);
  trajectory.append({.t_ns = 1, .q_rad = {1}});
  write_trajectory(folder / "small.mcap", trajectory);
  EXPECT_EQ(read_trajectory(folder / "small.mcap"), trajectory) << "in place of what was there";
}

TEST(TrajectoryFileTest, IsListedAsARecordingOfOneEpisode) {
  const OwnFolder folder;
  write_trajectory(folder / "pick.mcap", full_trajectory());
  const Recording recording = list_recording(folder / "pick.mcap");
  EXPECT_EQ(recording.trajectory, full_trajectory().info().name);
  ASSERT_EQ(recording.channels.size(), 1U);
  EXPECT_EQ(recording.channels[0].info.kind, StateKind::kTrajectory);
  EXPECT_EQ(recording.channels[0].frames, 3000U);
  ASSERT_EQ(recording.episodes.size(), 1U);
  EXPECT_EQ(recording.episodes[0].task, "Würfel in die Kiste");
  EXPECT_EQ(recording.episodes[0].success, false);
  EXPECT_EQ(recording.episodes[0].duration_ns, full_trajectory().duration_ns());
  EXPECT_EQ(recording.episodes[0].start_wall_ns, full_trajectory().info().start_wall_ns);
}

TEST(TrajectoryFileTest, RefusesWhatCannotBeGivenBack) {
  const OwnFolder folder;
  EXPECT_THROW(write_trajectory(folder / "a.mcap", Trajectory({.joint_names = {"a"}})), ConfigError);
  Trajectory early({.joint_names = {"a"}, .start_wall_ns = -1});
  early.append({.t_ns = 0, .q_rad = {1}});
  EXPECT_THROW(write_trajectory(folder / "a.mcap", early), ConfigError);
  Trajectory late({.joint_names = {"a"}, .start_wall_ns = std::numeric_limits<core::Nanoseconds>::max()});
  late.append({.t_ns = 0, .q_rad = {1}});
  late.append({.t_ns = 1, .q_rad = {1}});
  EXPECT_THROW(write_trajectory(folder / "a.mcap", late), ConfigError);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.mcap"));
  EXPECT_THROW(write_trajectory(folder / "no folder/a.mcap", full_trajectory()), SystemError);
}

TEST(TrajectoryFileTest, ATrajectoryThatBrokeOffIsNone) {
  const OwnFolder folder;
  write_trajectory(folder / "a.mcap", full_trajectory());
  std::filesystem::resize_file(folder / "a.mcap", std::filesystem::file_size(folder / "a.mcap") / 2);
  EXPECT_THROW(static_cast<void>(read_trajectory(folder / "a.mcap")), ConfigError);
}

TEST(TrajectoryFileTest, ARecordingOfARunIsNone) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "run.mcap");
    recorder.states(channel(StateKind::kSent)).record(state(1));
  }
  EXPECT_THROW(static_cast<void>(read_trajectory(folder / "run.mcap")), ConfigError);
}

}  // namespace
}  // namespace takt::trajectory::recorder
