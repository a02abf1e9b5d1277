#include "takt/trajectory/recorder/recording.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "takt/trajectory/edit.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

/// A leader and a follower: outside of episodes, then three, the second of which is discarded.
std::filesystem::path record_run(const std::filesystem::path& path) {
  Recorder recorder(path, {.configuration = "rate = 1"});
  StateChannel& leader = recorder.states(channel(StateKind::kLeader, "leader"));
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  recorder.states(channel(StateKind::kMapped));
  int number = 0;
  const auto both = [&](int times) {
    for (int i = 0; i < times; ++i) {
      leader.record(state(++number));
      sent.record(state(number));
    }
  };
  both(5);
  EXPECT_TRUE(recorder.begin_episode("pick"));
  both(10);
  EXPECT_TRUE(recorder.end_episode(true));
  EXPECT_TRUE(recorder.begin_episode("pick"));
  both(3);
  EXPECT_TRUE(recorder.discard_episode());
  EXPECT_TRUE(recorder.begin_episode("place"));
  both(7);
  EXPECT_TRUE(recorder.end_episode());
  return path;
}

TEST(RecordingTest, ListsWhatItHolds) {
  const OwnFolder folder;
  const Recording recording = list_recording(record_run(folder / "run.mcap"));
  EXPECT_EQ(recording.path, folder / "run.mcap");
  EXPECT_EQ(recording.configuration, "rate = 1");
  EXPECT_EQ(recording.trajectory, "");
  EXPECT_FALSE(recording.recovered);
  EXPECT_GT(recording.duration_ns, 0);
  ASSERT_EQ(recording.channels.size(), 3U);
  EXPECT_EQ(recording.channels[0].info, channel(StateKind::kLeader, "leader"));
  EXPECT_EQ(recording.channels[0].frames, 25U);
  EXPECT_EQ(recording.channels[1].info, channel(StateKind::kSent));
  EXPECT_EQ(recording.channels[2].frames, 0U);
  ASSERT_EQ(recording.episodes.size(), 3U);
  const auto frames = [](std::uint64_t count) { return std::vector<std::uint64_t>{count, count, 0}; };
  EXPECT_EQ(recording.episodes[0].frames, frames(10));
  EXPECT_EQ(recording.episodes[1].frames, frames(3));
  EXPECT_TRUE(recording.episodes[1].discarded);
  EXPECT_EQ(recording.episodes[2].number, 3U);
  EXPECT_EQ(recording.episodes[2].task, "place");
  EXPECT_EQ(recording.episodes[2].success, std::nullopt);
  EXPECT_GT(recording.episodes[2].start_wall_ns, recording.episodes[0].start_wall_ns);
}

TEST(RecordingTest, ReadsTheStatesOfAnEpisodeByTheStampsOfTheirMeasurement) {
  const OwnFolder folder;
  const Trajectory trajectory = read_states(record_run(folder / "run.mcap"), {.episode = 1});
  ASSERT_EQ(trajectory.size(), 10U);
  EXPECT_EQ(trajectory.info().name, "run-1");
  EXPECT_EQ(trajectory.info().robot, "so101");
  EXPECT_EQ(trajectory.info().robot_type, messages::RobotType::kSo101);
  EXPECT_EQ(trajectory.info().joint_names, (std::vector<std::string>{"pan", "lift"}));
  EXPECT_EQ(trajectory.info().task, "pick");
  EXPECT_EQ(trajectory.info().success, true);
  EXPECT_EQ(trajectory.info().source, (folder / "run.mcap").string() + " /follower/sent episode 1");
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    EXPECT_EQ(trajectory.time_ns(i), static_cast<core::Nanoseconds>(i) * kMillisecond);
    EXPECT_EQ(trajectory.q_rad(i), state(6 + static_cast<int>(i)).joint_positions);
  }
}

TEST(RecordingTest, APartIsReadAsTrimMakesItOfAll) {
  const OwnFolder folder;
  const auto path = record_run(folder / "run.mcap");
  const Trajectory all = read_states(path, {.episode = 1});
  EXPECT_EQ(read_states(path, {.episode = 1, .from_s = 0.002, .to_s = 0.006, .max_frames = 5}),
            trim(all, 0.002, 0.006));
  EXPECT_EQ(read_states(path, {.episode = 1, .from_s = 0.0085}), trim(all, 0.0085, std::nullopt));
  EXPECT_EQ(read_states(path, {.episode = 1, .to_s = 0.003}), trim(all, std::nullopt, 0.003));
  EXPECT_EQ(read_states(path, {.episode = 1, .from_s = -1, .to_s = 100}), all);
}

TEST(RecordingTest, KnowsWhenTheFirstStateWasMeasured) {
  const OwnFolder folder;
  const core::Nanoseconds before_ns = core::wall_now_ns();
  {
    Recorder recorder(folder / "now.mcap");
    StateChannel& sent = recorder.states(channel(StateKind::kSent));
    messages::RobotState now = state(1);
    now.stamp_ns = core::monotonic_now_ns();
    sent.record(now);
  }
  const Trajectory trajectory = read_states(folder / "now.mcap");
  EXPECT_GE(trajectory.info().start_wall_ns, before_ns - kMillisecond);
  EXPECT_LE(trajectory.info().start_wall_ns, core::wall_now_ns() + kMillisecond);
}

TEST(RecordingTest, ADiscardedEpisodeIsReadWhenItIsNamed) {
  const OwnFolder folder;
  EXPECT_EQ(read_states(record_run(folder / "run.mcap"), {.episode = 2}).size(), 3U);
}

TEST(RecordingTest, WithoutANameTheOnlyEpisodeThatIsLeftIsRead) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "two.mcap");
    StateChannel& sent = recorder.states(channel(StateKind::kSent));
    EXPECT_TRUE(recorder.begin_episode("bad"));
    sent.record(state(1));
    EXPECT_TRUE(recorder.discard_episode());
    EXPECT_TRUE(recorder.begin_episode("good"));
    sent.record(state(2));
    sent.record(state(3));
  }
  const Trajectory trajectory = read_states(folder / "two.mcap");
  EXPECT_EQ(trajectory.size(), 2U);
  EXPECT_EQ(trajectory.info().task, "good");
}

TEST(RecordingTest, WithoutEpisodesAllStatesAreRead) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "plain.mcap");
    StateChannel& sent = recorder.states(channel(StateKind::kSent));
    for (int i = 1; i <= 4; ++i) {
      sent.record(state(i));
    }
  }
  const Trajectory trajectory = read_states(folder / "plain.mcap");
  EXPECT_EQ(trajectory.size(), 4U);
  EXPECT_EQ(trajectory.info().name, "plain");
}

TEST(RecordingTest, WhatWasSentComesBeforeWhatWasRead) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "run.mcap");
    recorder.states(channel(StateKind::kReadBack)).record(state(1));
    recorder.states(channel(StateKind::kLeader, "leader")).record(state(2));
    recorder.states(channel(StateKind::kSent));  // nothing was
  }
  EXPECT_TRUE(read_states(folder / "run.mcap").info().source.ends_with("/follower/read_back"));
  EXPECT_TRUE(read_states(folder / "run.mcap", {.kind = StateKind::kLeader}).info().source.ends_with("/leader/leader"));
  EXPECT_TRUE(read_states(folder / "run.mcap", {.robot = "leader"}).info().source.ends_with("/leader/leader"));
}

TEST(RecordingTest, AStateThatIsGivenAgainCountsOnce) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "run.mcap");
    StateChannel& read_back = recorder.states(channel(StateKind::kReadBack));
    for (const int number : {1, 1, 2, 2, 2, 3}) {
      read_back.record(state(number));
    }
  }
  EXPECT_EQ(read_states(folder / "run.mcap").size(), 3U);
}

TEST(RecordingTest, KeepsVelocitiesAndTheGripper) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "run.mcap");
    StateChannel& read_back = recorder.states(channel(StateKind::kReadBack));
    for (const int number : {1, 2}) {
      messages::RobotState moving = state(number);
      moving.joint_velocities = {1.0 * number, 2.0 * number};
      moving.gripper_position = 0.1 * number;
      read_back.record(moving);
    }
  }
  const Trajectory trajectory = read_states(folder / "run.mcap");
  EXPECT_EQ(trajectory.frame(1).dq_rad_s, (core::JointVector{2, 4}));
  EXPECT_EQ(trajectory.frame(1).gripper, 0.2);
}

TEST(RecordingTest, ARecordingThatBrokeOffIsReadAsFarAsItIsWhole) {
  const OwnFolder folder;
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "run");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  EXPECT_TRUE(recorder.begin_episode("pick"));
  for (int i = 1; i <= 50; ++i) {
    sent.record(state(i));
  }
  wait_until([&] {
    const Contents contents(disk);
    return !contents.file.contents().channels.empty() && contents.file.contents().channels[0].frames == 50;
  });
  const std::vector<std::byte> bytes = disk.contents();
  std::ofstream(folder / "killed.mcap", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))
      .write("\x06half a record", 14);
  const Recording recording = list_recording(folder / "killed.mcap");
  EXPECT_TRUE(recording.recovered);
  EXPECT_NE(recording.missing, "");
  EXPECT_FALSE(recording.episodes.at(0).ended);
  EXPECT_EQ(recording.episodes.at(0).frames.at(0), 50U);
  const Trajectory trajectory = read_states(folder / "killed.mcap");
  EXPECT_EQ(trajectory.size(), 50U);
  EXPECT_EQ(trajectory.info().task, "pick");
}

}  // namespace
}  // namespace takt::trajectory::recorder
