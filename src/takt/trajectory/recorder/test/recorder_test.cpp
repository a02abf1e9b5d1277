#include "takt/trajectory/recorder/recorder.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/thread_names.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/testing/allocation_guard.hpp"
#include "takt/testing/file_size_limit.hpp"
#include "takt/testing/lock_guard.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

std::vector<RecordedState> states_of(const Contents& contents, std::size_t channel,
                                     std::optional<std::uint32_t> episode = std::nullopt) {
  std::vector<RecordedState> states;
  contents.file.visit_states(channel, episode, [&](const internal::StateRow& row) { states.push_back(row.state); });
  return states;
}

/// The texts of the messages of a topic.
std::vector<std::string> texts_of(TestDisk& disk, const std::string& topic) {
  const std::vector<std::byte> bytes = disk.contents();
  const mcap::Reader reader(std::make_unique<mcap::MemorySource>(bytes));
  std::vector<std::string> texts;
  for (const mcap::Message& message : reader.messages({.topics = {topic}})) {
    texts.emplace_back(reinterpret_cast<const char*>(message.data.data()), message.data.size());
  }
  return texts;
}

TEST(RecorderTest, WritesAllThatIsRecordedInOrder) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  StateChannel& read_back = recorder.states(channel(StateKind::kReadBack));
  for (int i = 1; i <= 500; ++i) {
    ASSERT_TRUE(sent.record(state(i)));
    ASSERT_TRUE(read_back.record(state(1000 + i)));
  }
  recorder.close();
  EXPECT_EQ(recorder.state().fault, "");
  EXPECT_EQ(recorder.state().records, 1000U);
  const Contents contents(disk);
  for (const std::size_t channel : {0U, 1U}) {
    const std::vector<RecordedState> states = states_of(contents, channel);
    ASSERT_EQ(states.size(), 500U);
    for (int i = 1; i <= 500; ++i) {
      const messages::RobotState expected = state((channel == 0 ? 0 : 1000) + i);
      EXPECT_EQ(from_recorded(states[static_cast<std::size_t>(i - 1)]), expected);
    }
  }
}

TEST(RecorderTest, StampsEachRecordWhenItCameInAndKeepsTheStampOfItsMeasurement) {
  TestDisk disk;
  core::ManualClock clock(50 * core::kNanosecondsPerSecond);
  const core::Nanoseconds wall_before_ns = core::wall_now_ns();
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", {}, clock);
  const core::Nanoseconds wall_after_ns = core::wall_now_ns();
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  clock.advance_ns(5);
  sent.record(state(7));
  recorder.close();
  const Contents contents(disk);
  contents.file.visit_states(0, std::nullopt, [&](const internal::StateRow& row) {
    EXPECT_EQ(row.state.recorded_ns, 50 * core::kNanosecondsPerSecond + 5);
    EXPECT_EQ(row.state.stamp_ns, state(7).stamp_ns);
    EXPECT_EQ(row.state.trace_id, state(7).trace_id);
    EXPECT_GE(row.log_time_ns, wall_before_ns + 5) << "wall time is the monotonic one plus one offset";
    EXPECT_LE(row.log_time_ns, wall_after_ns + 5);
    EXPECT_EQ(row.log_time_ns - row.publish_time_ns, row.state.recorded_ns - row.state.stamp_ns);
  });
  EXPECT_EQ(contents.file.contents().channels.at(0).frames, 1U);
}

TEST(RecorderTest, AStampThatNoWallClockShowsEndsNothing) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  for (const core::Nanoseconds stamp_ns : {std::numeric_limits<core::Nanoseconds>::min(),
                                           std::numeric_limits<core::Nanoseconds>::max(), core::Nanoseconds{0}}) {
    messages::RobotState odd = state(1);
    odd.stamp_ns = stamp_ns;
    EXPECT_TRUE(sent.record(odd));
  }
  recorder.close();
  EXPECT_EQ(recorder.state().fault, "");
  EXPECT_EQ(Contents(disk).file.contents().channels.at(0).frames, 3U);
}

TEST(RecorderTest, RecordingAndNotingAllocateNothingAndTakeNoLock) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  const messages::RobotState one = state(1);
  const testing::AllocationGuard guard;
  const testing::LockGuard locks;
  for (int i = 0; i < 100; ++i) {
    sent.record(one);
    recorder.note(Note::kMode, "follower", "teleop", 5);
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(locks.count(), 0U);
}

TEST(RecorderTest, AStateBelongsToTheEpisodeDuringWhichItCameIn) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  sent.record(state(1));
  EXPECT_EQ(recorder.begin_episode("pick"), 1U);
  sent.record(state(2));
  sent.record(state(3));
  EXPECT_EQ(recorder.state().episode, 1U);
  EXPECT_EQ(recorder.end_episode(true), 1U);
  sent.record(state(4));
  EXPECT_EQ(recorder.begin_episode("place"), 2U);
  sent.record(state(5));
  EXPECT_EQ(recorder.discard_episode(), 2U);
  recorder.close();
  const Contents contents(disk);
  EXPECT_EQ(states_of(contents, 0).size(), 5U);
  EXPECT_EQ(states_of(contents, 0, 1).size(), 2U);
  const auto& episodes = contents.file.contents().episodes;
  ASSERT_EQ(episodes.size(), 2U);
  EXPECT_EQ(episodes[0].task, "pick");
  EXPECT_EQ(episodes[0].success, true);
  EXPECT_EQ(episodes[0].frames, std::vector<std::uint64_t>{2});
  EXPECT_TRUE(episodes[0].ended);
  EXPECT_FALSE(episodes[0].discarded);
  EXPECT_EQ(episodes[1].task, "place");
  EXPECT_TRUE(episodes[1].discarded);
  EXPECT_EQ(episodes[1].frames, std::vector<std::uint64_t>{1});
}

TEST(RecorderTest, SuccessMayBeMarkedDuringAnEpisodeAndAfterIt) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  EXPECT_TRUE(recorder.begin_episode("a"));
  EXPECT_TRUE(recorder.mark_success(true));
  EXPECT_TRUE(recorder.end_episode());
  EXPECT_TRUE(recorder.begin_episode("b"));
  EXPECT_TRUE(recorder.end_episode(true));
  EXPECT_TRUE(recorder.mark_success(false));
  EXPECT_TRUE(recorder.begin_episode("c"));
  EXPECT_TRUE(recorder.end_episode());
  EXPECT_TRUE(recorder.discard_episode()) << "an episode may turn out bad after its end";
  recorder.close();
  const Contents contents(disk);
  const auto& episodes = contents.file.contents().episodes;
  ASSERT_EQ(episodes.size(), 3U);
  EXPECT_EQ(episodes[0].success, true);
  EXPECT_EQ(episodes[1].success, false);
  EXPECT_EQ(episodes[2].success, std::nullopt);
  EXPECT_TRUE(episodes[2].discarded);
}

TEST(RecorderTest, RefusesEpisodesOutOfTurnAndSaysWhy) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  EXPECT_TRUE(recorder.end_episode().error().contains("no episode is open"));
  EXPECT_TRUE(recorder.mark_success(true).error().contains("no episode yet"));
  EXPECT_TRUE(recorder.discard_episode().error().contains("no episode yet"));
  EXPECT_TRUE(recorder.begin_episode("a"));
  EXPECT_TRUE(recorder.begin_episode("b").error().contains("episode 1 is open"));
  recorder.close();
  EXPECT_TRUE(recorder.begin_episode("c").error().contains("closed"));
  const Contents contents(disk);
  ASSERT_EQ(contents.file.contents().episodes.size(), 1U);
  EXPECT_TRUE(contents.file.contents().episodes[0].ended) << "closing ends what is open";
}

TEST(RecorderTest, NotesAndEventsHaveTheirTimeEpisodeAndText) {
  TestDisk disk;
  core::ManualClock clock(42);
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", {}, clock);
  EXPECT_TRUE(recorder.note(Note::kFault, "follower", "too far from its command", 0xab));
  EXPECT_TRUE(recorder.begin_episode("pick"));
  EXPECT_TRUE(recorder.event("statistics", R"({"applied":12})"));
  recorder.close();
  EXPECT_EQ(texts_of(disk, "/takt/fault"),
            std::vector<std::string>{R"({"recorded_ns":42,"episode":0,"trace_id":"00000000000000ab",)"
                                     R"("robot":"follower","text":"too far from its command"})"});
  EXPECT_EQ(texts_of(disk, "/takt/statistics"),
            std::vector<std::string>{R"({"recorded_ns":42,"episode":1,"data":{"applied":12}})"});
}

TEST(RecorderTest, RefusesEventsThatWouldSpoilTheFile) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  EXPECT_THROW(recorder.event("statistics", "{"), LogicError);
  EXPECT_THROW(recorder.event("Two Words", "{}"), LogicError);
  EXPECT_THROW(recorder.event("", "{}"), LogicError);
  EXPECT_THROW(recorder.event("episode", "{}"), LogicError) << "the recorder's own";
}

TEST(RecorderTest, TheConfigurationIsInTheFileFromTheBeginning) {
  TestDisk disk;
  RecorderOptions options;
  options.configuration = "[leader]\nuri = \"sim:so101\"\n";
  const Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", options);
  const Contents contents(disk);
  EXPECT_EQ(contents.file.contents().configuration, options.configuration);
  EXPECT_TRUE(contents.file.contents().recovered) << "it is still being written";
}

TEST(RecorderTest, RefusesChannelsThatNobodyCouldRead) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  recorder.states(channel(StateKind::kSent));
  EXPECT_THROW(recorder.states(channel(StateKind::kSent)), LogicError);
  EXPECT_THROW(recorder.states(channel(StateKind::kSent, "")), ConfigError);
  EXPECT_THROW(recorder.states(channel(StateKind::kSent, "a/b")), ConfigError);
  EXPECT_THROW(recorder.states(channel(StateKind::kSent, "takt")), ConfigError);
  StateChannelInfo jointless = channel(StateKind::kMapped);
  jointless.joint_names.clear();
  EXPECT_THROW(recorder.states(jointless), ConfigError);
}

TEST(RecorderTest, RefusesAFileThatIsThereAndLeavesItAlone) {
  const OwnFolder folder;
  {
    Recorder recorder(folder / "pick.mcap");
    EXPECT_TRUE(recorder.begin_episode("pick"));
  }
  const auto size = std::filesystem::file_size(folder / "pick.mcap");
  EXPECT_THROW(Recorder(folder / "pick.mcap"), ConfigError);
  EXPECT_EQ(std::filesystem::file_size(folder / "pick.mcap"), size);
  EXPECT_THROW(Recorder(folder / "no folder/pick.mcap"), SystemError);
}

TEST(RecorderTest, RefusesOptionsOutOfRange) {
  TestDisk disk;
  const auto refused = [&](const auto& change) {
    RecorderOptions options;
    change(options);
    EXPECT_THROW(Recorder(std::make_unique<TestSink>(disk), "test.mcap", options), ConfigError);
  };
  refused([](RecorderOptions& options) { options.flush_every_ns = 0; });
  refused([](RecorderOptions& options) { options.flush_every_ns = 3601 * core::kNanosecondsPerSecond; });
  refused([](RecorderOptions& options) { options.ring_bytes = 1; });
  refused([](RecorderOptions& options) { options.chunk_bytes = 0; });
  EXPECT_TRUE(disk.contents().empty());
}

TEST(RecorderTest, ARecordingThatCannotBeginLeavesNoFile) {
  const OwnFolder folder;
  RecorderOptions options;
  options.ring_bytes = 1;
  EXPECT_THROW(Recorder(folder / "pick.mcap", options), ConfigError);
  EXPECT_FALSE(std::filesystem::exists(folder / "pick.mcap"));
  {
    const testing::FileSizeLimit full(0);
    EXPECT_THROW(Recorder(folder / "pick.mcap"), SystemError);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "pick.mcap"));
  const Recorder next(folder / "pick.mcap");
  EXPECT_TRUE(std::filesystem::exists(folder / "pick.mcap"));
}

TEST(RecorderTest, WritesOnItsOwnThreadRec) {
  TestDisk disk;
  const Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  wait_until([] { return std::ranges::count(core::thread_names(), "rec") > 0; });
  EXPECT_EQ(std::ranges::count(core::thread_names(), "rec"), 1);
}

TEST(RecorderTest, NothingIsTakenAfterItIsClosed) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  sent.record(state(1));
  recorder.close();
  EXPECT_FALSE(sent.record(state(2)));
  EXPECT_EQ(sent.dropped(), 1U);
  const auto bytes = disk.contents();
  recorder.close();
  EXPECT_EQ(disk.contents(), bytes);
}

}  // namespace
}  // namespace takt::trajectory::recorder
