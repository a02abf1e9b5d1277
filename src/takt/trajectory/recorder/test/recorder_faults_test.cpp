#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/trajectory/recorder/recorder.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

/// Stalls the disk and waits until the rec thread hangs in it.
void stall(TestDisk& disk, StateChannel& channel) {
  disk.stalled = true;
  wait_until([&] {
    channel.record(state(1));
    return disk.waiting.load() > 0;
  });
}

void release(TestDisk& disk) {
  disk.stalled = false;
  disk.stalled.notify_all();
}

/// Of the first channel, as a process killed now would leave it.
std::uint64_t frames_on(TestDisk& disk) {
  const Contents contents(disk);
  return contents.file.contents().channels.empty() ? 0 : contents.file.contents().channels[0].frames;
}

RecorderOptions eager() {
  RecorderOptions options = small_ring();
  options.flush_every_ns = 10 * kMillisecond;
  return options;
}

TEST(RecorderFaultsTest, ADiskThatStallsCostsStatesWhichAreCountedPerChannelAndInTheFile) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", eager());
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  StateChannel& read_back = recorder.states(channel(StateKind::kReadBack));
  stall(disk, sent);
  std::uint64_t accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    accepted += read_back.record(state(i)) ? 1 : 0;
  }
  EXPECT_GT(accepted, 0U);
  EXPECT_LT(accepted, 2000U);
  EXPECT_EQ(read_back.dropped(), 2000 - accepted);
  EXPECT_EQ(recorder.state().dropped_of.at("/follower/read_back"), 2000 - accepted);
  EXPECT_GT(recorder.state().waiting, 0U);
  release(disk);
  recorder.close();
  EXPECT_EQ(recorder.state().fault, "") << "a stall is no fault";
  const Contents contents(disk);
  const RecordedChannel& read = contents.file.contents().channels.at(1);
  EXPECT_EQ(read.frames, accepted);
  EXPECT_EQ(read.dropped, 2000 - accepted);
}

TEST(RecorderFaultsTest, ADiskThatStallsLeavesRoomForEpisodesAndNotes) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", eager());
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  EXPECT_TRUE(recorder.begin_episode("pick"));
  stall(disk, sent);
  while (sent.record(state(1))) {
  }
  for (int i = 0; i < 1000; ++i) {
    recorder.note(Note::kMode, "follower", "teleop");
  }
  EXPECT_FALSE(recorder.note(Note::kMode, "follower", "teleop")) << "notes are bounded as well";
  EXPECT_TRUE(recorder.end_episode(true));
  EXPECT_TRUE(recorder.begin_episode("place"));
  EXPECT_TRUE(recorder.end_episode(false));
  release(disk);
  recorder.close();
  const Contents contents(disk);
  const auto& episodes = contents.file.contents().episodes;
  ASSERT_EQ(episodes.size(), 2U);
  EXPECT_EQ(episodes[0].success, true);
  EXPECT_GT(episodes[0].dropped.at(0), 0U);
  EXPECT_EQ(episodes[1].success, false);
}

TEST(RecorderFaultsTest, AnEpisodeThatDoesNotFitIsRefusedAndNothingIsOpen) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", eager());
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  stall(disk, sent);
  std::string why;
  while (why.empty()) {
    const auto begun = recorder.begin_episode("pick");
    why = begun ? "" : begun.error();
    if (begun) {
      static_cast<void>(recorder.discard_episode());
    }
    while (sent.record(state(1))) {
    }
  }
  EXPECT_TRUE(why.contains("disk") || why.contains("open")) << why;
  release(disk);
  recorder.close();
  EXPECT_EQ(recorder.state().fault, "");
}

TEST(RecorderFaultsTest, AnEpisodeIsEndedByTheCloseAlsoWhereNothingFitsAnyMore) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", eager());
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  EXPECT_TRUE(recorder.begin_episode("pick"));
  stall(disk, sent);
  while (sent.record(state(1))) {
  }
  while (recorder.mark_success(true)) {
  }
  std::jthread closing([&] { recorder.close(); });
  wait_until([&] { return recorder.state().episode == 0; });
  release(disk);
  closing.join();
  EXPECT_EQ(recorder.state().fault, "");
  const Contents contents(disk);
  EXPECT_FALSE(contents.file.contents().recovered);
  ASSERT_EQ(contents.file.contents().episodes.size(), 1U);
  const RecordedEpisode& episode = contents.file.contents().episodes[0];
  EXPECT_TRUE(episode.ended);
  EXPECT_EQ(episode.success, true);
  EXPECT_EQ(episode.frames, std::vector<std::uint64_t>{contents.file.contents().channels.at(0).frames});
  EXPECT_EQ(episode.dropped, std::vector<std::uint64_t>{sent.dropped()});
}

TEST(RecorderFaultsTest, ADiskThatIsFullEndsTheRecordingAndNothingElse) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", eager());
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  EXPECT_TRUE(recorder.begin_episode("pick"));
  for (int i = 1; i <= 10; ++i) {
    sent.record(state(i));
  }
  wait_until([&] { return frames_on(disk) == 10; });
  {
    const std::scoped_lock lock(disk.mutex);
    disk.room = disk.bytes.size();
  }
  wait_until([&] {
    sent.record(state(11));
    return !recorder.state().fault.empty();
  });
  EXPECT_TRUE(recorder.state().fault.starts_with("recording test.mcap: ")) << recorder.state().fault;
  EXPECT_TRUE(recorder.state().fault.contains("No space left on device")) << recorder.state().fault;
  wait_until([&] { return !sent.record(state(12)); });
  EXPECT_GT(sent.dropped(), 0U);
  EXPECT_FALSE(recorder.note(Note::kMode, "follower", "teleop"));
  EXPECT_TRUE(recorder.end_episode(true).error().contains("No space left on device"));
  recorder.close();
  EXPECT_FALSE(recorder.state().fault.empty());
  const Contents contents(disk);
  EXPECT_TRUE(contents.file.contents().recovered);
  EXPECT_GE(contents.file.contents().channels.at(0).frames, 10U) << "what was flushed before is still good";
  ASSERT_EQ(contents.file.contents().episodes.size(), 1U);
  EXPECT_FALSE(contents.file.contents().episodes[0].ended);
}

TEST(RecorderFaultsTest, ADiskThatIsFullAtTheBeginningIsAnErrorOfTheSetUp) {
  TestDisk disk;
  disk.room = 0;
  EXPECT_THROW(Recorder(std::make_unique<TestSink>(disk), "test.mcap"), SystemError);
}

TEST(RecorderFaultsTest, WhatWasRecordedIsOnTheDiskWithoutClosing) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  EXPECT_TRUE(recorder.begin_episode("pick"));
  for (int i = 1; i <= 100; ++i) {
    sent.record(state(i));
  }
  wait_until([&] { return frames_on(disk) == 100; });
  const Contents contents(disk);
  EXPECT_TRUE(contents.file.contents().recovered);
  ASSERT_EQ(contents.file.contents().episodes.size(), 1U);
  const RecordedEpisode& episode = contents.file.contents().episodes[0];
  EXPECT_FALSE(episode.ended);
  EXPECT_EQ(episode.task, "pick");
  EXPECT_EQ(episode.frames.at(0), 100U) << "counted, although no end says it";
}

}  // namespace
}  // namespace takt::trajectory::recorder
