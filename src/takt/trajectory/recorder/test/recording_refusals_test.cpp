// What is no motion, or not the one that was asked for, is refused with its reason.

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/trajectory/mcap/writer.hpp"
#include "takt/trajectory/recorder/internal/events.hpp"
#include "takt/trajectory/recorder/recording.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

/// What read_states says, "" when it reads.
std::string refusal(const std::filesystem::path& path, const ReadOptions& options = {}) {
  try {
    static_cast<void>(read_states(path, options));
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

::testing::AssertionResult has(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (!text.contains(part)) {
      return ::testing::AssertionFailure() << "'" << part << "' is not in: " << text;
    }
  }
  return ::testing::AssertionSuccess() << text;
}

std::filesystem::path record(const std::filesystem::path& path, const std::vector<messages::RobotState>& states,
                             StateChannelInfo info = channel(StateKind::kSent)) {
  Recorder recorder(path);
  StateChannel& channel = recorder.states(std::move(info));
  for (const messages::RobotState& one : states) {
    channel.record(one);
  }
  return path;
}

TEST(RecordingRefusalsTest, AStampThatDoesNotRise) {
  const OwnFolder folder;
  EXPECT_TRUE(has(refusal(record(folder / "a.mcap", {state(1), state(3), state(2)})),
                  {"a.mcap: /follower/sent: state 3 at 0.001000 s", "before the one before it"}));
  messages::RobotState other = state(1);
  other.joint_positions[0] += 1e-9;
  EXPECT_TRUE(has(refusal(record(folder / "b.mcap", {state(1), other})), {"state 2", "same time with other values"}));
  messages::RobotState far = state(1);
  far.stamp_ns = std::numeric_limits<core::Nanoseconds>::min();
  EXPECT_TRUE(has(refusal(record(folder / "c.mcap", {state(1), far})), {"state 2", "out of all bounds"}));
}

TEST(RecordingRefusalsTest, MissingJoints) {
  const OwnFolder folder;
  messages::RobotState one_joint = state(2);
  one_joint.joint_positions = {1};
  EXPECT_TRUE(has(refusal(record(folder / "a.mcap", {state(1), one_joint})), {"state 2", "1 joints of 2"}));
  EXPECT_TRUE(has(refusal(record(folder / "b.mcap", {messages::RobotState{}})), {"state 1", "0 joints of 2"}));
}

TEST(RecordingRefusalsTest, MoreStatesThanAreAllowed) {
  const OwnFolder folder;
  const auto path = record(folder / "a.mcap", {state(1), state(2), state(2), state(3)});
  EXPECT_EQ(refusal(path, {.max_frames = 3}), "");
  EXPECT_TRUE(has(refusal(path, {.max_frames = 2}),
                  {"a.mcap", "state 4 at 0.002000 s", "beyond the 2", "takt traj trim --from S --to S"}));
  EXPECT_EQ(refusal(path, {.to_s = 0.001, .max_frames = 2}), "");
  EXPECT_EQ(refusal(path, {.from_s = 0.001, .max_frames = 2}), "");
}

TEST(RecordingRefusalsTest, TimesBetweenWhichThereIsNothing) {
  const OwnFolder folder;
  const auto path = record(folder / "a.mcap", {state(1), state(2)});
  EXPECT_TRUE(has(refusal(path, {.from_s = 0.5}), {"a.mcap: /follower/sent", "no states between these times"}));
  EXPECT_TRUE(has(refusal(path, {.from_s = 0.001, .to_s = 0.0}), {"no states between these times"}));
  EXPECT_TRUE(has(refusal(path, {.to_s = std::nan("")}), {"a.mcap", "no time"}));
  EXPECT_TRUE(has(refusal(path, {.from_s = 1e300}), {"a.mcap", "no time"}));
}

TEST(RecordingRefusalsTest, NumbersThatAreNotFinite) {
  const OwnFolder folder;
  messages::RobotState bad = state(2);
  bad.joint_positions[1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(has(refusal(record(folder / "a.mcap", {state(1), bad})), {"state 2 at 0.001000 s", "not finite"}));
  bad = state(2);
  bad.gripper_position = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(has(refusal(record(folder / "b.mcap", {bad})), {"state 1", "not finite"}));
}

TEST(RecordingRefusalsTest, DegreesAndAGripperThatComesAndGoes) {
  const OwnFolder folder;
  messages::RobotState degrees = state(1);
  degrees.units = messages::Units::kDegrees;
  EXPECT_TRUE(has(refusal(record(folder / "a.mcap", {degrees})), {"state 1", "degrees"}));
  messages::RobotState gripper = state(1);
  gripper.gripper_position = 0.5;
  EXPECT_TRUE(has(refusal(record(folder / "b.mcap", {gripper, state(2)})), {"state 2", "gripper"}));
}

TEST(RecordingRefusalsTest, AnotherRobotsRecording) {
  const OwnFolder folder;
  const auto path = record(folder / "a.mcap", {state(1)});
  EXPECT_TRUE(has(refusal(path, {.expect_arm = "fr3"}), {"another robot", "'so101'", "'fr3'"}));
  EXPECT_TRUE(has(refusal(path, {.expect_joint_names = {"lift", "pan"}}), {"another robot", "pan, lift", "lift, pan"}));
  EXPECT_EQ(refusal(path, {.expect_arm = "so101", .expect_joint_names = {"pan", "lift"}}), "");
}

TEST(RecordingRefusalsTest, WhatTheRecordingDoesNotHaveNamingWhatItHas) {
  const OwnFolder folder;
  const auto path = record(folder / "a.mcap", {state(1)});
  EXPECT_TRUE(has(refusal(path, {.kind = StateKind::kLeader}), {"no states 'leader'", "it has follower (sent)"}));
  EXPECT_TRUE(has(refusal(path, {.robot = "piper"}), {"no states of a robot 'piper'", "it has follower (sent)"}));
  EXPECT_TRUE(has(refusal(path, {.episode = 2}), {"no episode 2", "it has no episodes"}));
  EXPECT_TRUE(has(refusal(record(folder / "b.mcap", {})), {"no states", "follower (sent without states)"}));
  EXPECT_TRUE(has(refusal(path, {.robot = "follower", .kind = StateKind::kMapped}), {"no states 'mapped'"}));
}

TEST(RecordingRefusalsTest, AChoiceThatIsNotMade) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "run.mcap");
    StateChannel& left = recorder.states(channel(StateKind::kSent, "left"));
    StateChannel& right = recorder.states(channel(StateKind::kSent, "right"));
    for (const char* task : {"pick", "place"}) {
      EXPECT_TRUE(recorder.begin_episode(task));
      left.record(state(1));
      right.record(state(1));
      EXPECT_TRUE(recorder.end_episode(true));
    }
  }
  EXPECT_TRUE(has(refusal(folder / "run.mcap"), {"several robots, name one", "left (sent), right (sent)"}));
  EXPECT_TRUE(has(refusal(folder / "run.mcap", {.robot = "left"}),
                  {"several episodes, name one", "1 'pick' (success), 2 'place' (success)"}));
  EXPECT_EQ(refusal(folder / "run.mcap", {.robot = "left", .episode = 2}), "");
}

TEST(RecordingRefusalsTest, EpisodesThatAreAllDiscardedOrEmpty) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "run.mcap");
    recorder.states(channel(StateKind::kSent)).record(state(1));
    EXPECT_TRUE(recorder.begin_episode(""));
    EXPECT_TRUE(recorder.discard_episode());
  }
  EXPECT_TRUE(has(refusal(folder / "run.mcap"), {"all episodes are discarded", "1 (discarded)"}));
  EXPECT_TRUE(has(refusal(folder / "run.mcap", {.episode = 1}), {"episode 1: no states"}));
}

TEST(RecordingRefusalsTest, FilesThatAreNoRecordings) {
  const OwnFolder folder;
  EXPECT_TRUE(has(refusal(folder / "none.mcap"), {"none.mcap"}));
  std::ofstream(folder / "text.mcap") << "this is no MCAP file";
  EXPECT_TRUE(has(refusal(folder / "text.mcap"), {"text.mcap"}));
  mcap::Writer(std::make_unique<mcap::FileSink>(folder / "other.mcap")).close();
  EXPECT_TRUE(has(refusal(folder / "other.mcap"), {"other.mcap", "no recording of takt"}));
}

/// A recording made by hand, with what `fill` writes.
template <class Fill>
std::filesystem::path forge(const std::filesystem::path& path, const std::string& version, Fill&& fill) {
  mcap::Writer writer(std::make_unique<mcap::FileSink>(path));
  writer.add_metadata(internal::kRecordingMetadata, {{"version", version}});
  fill(writer);
  writer.close();
  return path;
}

TEST(RecordingRefusalsTest, AVersionThatIsNotKnown) {
  const OwnFolder folder;
  EXPECT_TRUE(has(refusal(forge(folder / "a.mcap", "2", [](mcap::Writer&) {})), {"version '2'", "reads version 1"}));
}

/// A recording that kept the states of these numbers, measured at `steps` ms, else at that of their number less one.
std::filesystem::path with_numbers(const std::filesystem::path& path, const std::vector<int>& numbers,
                                   std::vector<int> steps = {}) {
  return forge(path, "1", [&](mcap::Writer& writer) {
    const auto id = internal::add_channel(writer, internal::state_channel(channel(StateKind::kSent)));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const core::Nanoseconds log_ns = core::kNanosecondsPerSecond + numbers[i] * kMillisecond;
      const int step = steps.empty() ? numbers[i] - 1 : steps[i];
      writer.write(id, static_cast<std::uint32_t>(numbers[i]), log_ns, log_ns,
                   messages::to_cdr(to_recorded(state(step + 1), log_ns, 0)));
    }
  });
}

TEST(RecordingRefusalsTest, AHoleWithinAPartOrAtItsEdges) {
  const OwnFolder folder;
  const auto path = with_numbers(folder / "a.mcap", {1, 2, 4, 5});
  EXPECT_TRUE(has(refusal(path), {"a.mcap: /follower/sent: 1 of 5 states within it are lost"}));
  EXPECT_TRUE(has(refusal(path, {.to_s = 0.0025}), {"1 of 3 states within it are lost"}));
  EXPECT_TRUE(has(refusal(path, {.from_s = 0.0015}), {"1 of 3 states within it are lost"}));
  EXPECT_TRUE(has(refusal(path, {.from_s = 0.0015, .to_s = 0.0025}), {"1 of 1 states within it are lost"}));
  EXPECT_EQ(refusal(path, {.to_s = 0.0005}), "");
  EXPECT_EQ(refusal(path, {.from_s = 0.0035}), "");
  EXPECT_EQ(refusal(path, {.to_s = 0.001}), "") << "up to the last before it";
  EXPECT_EQ(refusal(path, {.from_s = 0.003}), "") << "from the first after it";
  EXPECT_TRUE(has(refusal(path, {.from_s = 0.0002, .to_s = 0.0008}), {"no states between these times"}));
  EXPECT_TRUE(has(refusal(path, {.from_s = 0.005}), {"no states between these times"}));
}

TEST(RecordingRefusalsTest, StatesOfAPartBetweenWhichOneHasAStampOutsideOfIt) {
  const OwnFolder folder;
  for (const int step : {-5, 99}) {
    const auto path = with_numbers(folder / fmt::format("{}.mcap", step), {1, 2, 3, 4, 5, 6}, {0, 1, 2, step, 4, 5});
    EXPECT_TRUE(has(refusal(path, {.from_s = 0.001, .to_s = 0.004}),
                    {"state 5 at 0.004000 s", "outside of these times", "stamps must rise"}));
    EXPECT_EQ(refusal(path, {.from_s = 0.004, .to_s = 0.005}), "") << "beside it stamps may be what they are";
    EXPECT_EQ(refusal(path, {.from_s = 0, .to_s = 0.002}), "");
  }
}

TEST(RecordingRefusalsTest, APartOfAFileThatDoesNotCountItsMessages) {
  const OwnFolder folder;
  const auto path = forge(folder / "a.mcap", "1", [](mcap::Writer& writer) {
    const auto id = internal::add_channel(writer, internal::state_channel(channel(StateKind::kSent)));
    for (int i = 1; i <= 4; ++i) {
      writer.write(id, 0, i, i, messages::to_cdr(to_recorded(state(i), i, 0)));
    }
  });
  EXPECT_EQ(refusal(path, {.from_s = 0.0005, .to_s = 0.0025}), "");
  EXPECT_TRUE(has(refusal(path, {.from_s = 0.0012, .to_s = 0.0018}), {"no states between these times"}));
}

TEST(RecordingRefusalsTest, AMessageThatIsNoState) {
  const OwnFolder folder;
  const auto path = forge(folder / "a.mcap", "1", [](mcap::Writer& writer) {
    const auto id = internal::add_channel(writer, internal::state_channel(channel(StateKind::kSent)));
    writer.write(id, 7, 1, 1, internal::bytes_of("short"));
  });
  EXPECT_TRUE(has(refusal(path), {"/follower/sent, message 7"}));
}

TEST(RecordingRefusalsTest, AnEpisodeThatIsNone) {
  const OwnFolder folder;
  const auto with = [&](const char* name, const std::vector<std::string>& events) {
    return forge(folder / name, "1", [&](mcap::Writer& writer) {
      const auto id = internal::add_channel(writer, internal::episode_channel());
      for (const std::string& event : events) {
        writer.write(id, 1, 1, 1, internal::bytes_of(event));
      }
    });
  };
  EXPECT_TRUE(has(refusal(with("a.mcap", {"{"})), {"/takt/episode, message 1"}));
  EXPECT_TRUE(has(refusal(with("b.mcap", {R"({"event":"end","episode":0})"})), {"/takt/episode", "number 0"}));
  EXPECT_TRUE(has(refusal(with("c.mcap", {R"({"event":"begin","episode":1})", R"({"event":"begin","episode":1})"})),
                  {"episode 1 begins twice"}));
}

TEST(RecordingRefusalsTest, AChannelThatIsNotWhatItsTopicSays) {
  const OwnFolder folder;
  const auto path = forge(folder / "a.mcap", "1", [](mcap::Writer& writer) {
    internal::ChannelSpec spec = internal::state_channel(channel(StateKind::kSent));
    spec.metadata["kind"] = "mapped";
    static_cast<void>(internal::add_channel(writer, spec));
  });
  EXPECT_TRUE(has(refusal(path), {"/follower/sent", "/follower/mapped"}));
  const auto other = forge(folder / "b.mcap", "1", [](mcap::Writer& writer) {
    internal::ChannelSpec spec = internal::state_channel(channel(StateKind::kSent));
    spec.metadata["joint_names"] = "pan, lift";
    static_cast<void>(internal::add_channel(writer, spec));
  });
  EXPECT_TRUE(has(refusal(other), {"/follower/sent", "joint_names"}));
}

}  // namespace
}  // namespace takt::trajectory::recorder
