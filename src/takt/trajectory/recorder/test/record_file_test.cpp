// What the rec thread does, told the time by hand.

#include "takt/trajectory/recorder/internal/record_file.hpp"

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder::internal {
namespace {

/// A file without a thread.
struct Bench {
  explicit Bench(RecorderOptions options = {})
      : file(std::make_unique<TestSink>(disk), options, 1'000'000, ring, channels) {
    sent = &channels.add(state_channel(channel(StateKind::kSent)));
    file.turn(clock.now_ns());
  }

  bool record(int number) {
    return intake.put(*sent, RecordKind::kState, 0, [&](Record& record) { record.state = state(number); });
  }
  void turn_after(core::Nanoseconds duration_ns) {
    clock.advance_ns(duration_ns);
    file.turn(clock.now_ns());
  }
  /// What a process killed now would leave.
  [[nodiscard]] std::uint64_t frames_on_disk() {
    const Contents contents(disk);
    return contents.file.contents().channels.empty() ? 0 : contents.file.contents().channels.front().frames;
  }

  TestDisk disk{};
  core::ManualClock clock{core::kNanosecondsPerSecond};
  Ring ring{256};
  Intake intake{.ring = ring, .clock = clock};
  Channels channels{};
  RecordFile file;
  Channel* sent{nullptr};
};

/// What was written at the end; nothing: it was not.
std::map<std::string, std::string> closed_metadata(TestDisk& disk) {
  const auto bytes = disk.contents();
  const mcap::Reader reader(std::make_unique<mcap::MemorySource>(bytes));
  for (const mcap::Metadata& metadata : reader.metadata()) {
    if (metadata.name == kClosedMetadata) {
      return metadata.values;
    }
  }
  return {};
}

TEST(RecordFileTest, FlushesWhenTheOldestRecordIsHalfAsOldAsMayBeLost) {
  Bench bench;
  const std::uint64_t flushes = bench.file.flushes();
  bench.record(1);
  bench.turn_after(0);
  bench.turn_after(99 * kMillisecond);
  bench.record(2);
  bench.turn_after(0);
  EXPECT_EQ(bench.file.flushes(), flushes);
  EXPECT_EQ(bench.frames_on_disk(), 0U);
  bench.turn_after(1 * kMillisecond);
  EXPECT_EQ(bench.file.flushes(), flushes + 1);
  EXPECT_EQ(bench.frames_on_disk(), 2U);
}

TEST(RecordFileTest, AChunkThatWasFullIsFlushedInTimeAsWell) {
  RecorderOptions options;
  options.chunk_bytes = 1;  // each message fills one
  Bench bench(options);
  const std::uint64_t flushes = bench.file.flushes();
  bench.record(1);
  bench.turn_after(0);
  bench.turn_after(100 * kMillisecond);
  EXPECT_EQ(bench.file.flushes(), flushes + 1) << "a sink may keep the end of what it is given until then";
}

TEST(RecordFileTest, DoesNotFlushWhenNothingHasCome) {
  Bench bench;
  const std::uint64_t flushes = bench.file.flushes();
  const auto bytes = bench.disk.contents();
  bench.turn_after(10 * core::kNanosecondsPerSecond);
  EXPECT_EQ(bench.file.flushes(), flushes);
  EXPECT_EQ(bench.disk.contents(), bytes);
}

TEST(RecordFileTest, WhatWaitedForAStalledDiskIsFlushedAtOnce) {
  Bench bench;
  bench.record(1);
  bench.turn_after(core::kNanosecondsPerSecond);  // nobody turned for a second
  EXPECT_EQ(bench.frames_on_disk(), 1U);
}

TEST(RecordFileTest, EachFlushReachesTheDiskOnRequestOnly) {
  Bench cheap;
  cheap.record(1);
  cheap.turn_after(200 * kMillisecond);
  cheap.file.finish(cheap.clock.now_ns());
  EXPECT_EQ(cheap.disk.syncs, 0);

  RecorderOptions options;
  options.fsync = true;
  Bench safe(options);
  const int at_begin = safe.disk.syncs;
  EXPECT_GE(at_begin, 1);
  safe.record(1);
  safe.turn_after(200 * kMillisecond);
  EXPECT_EQ(safe.disk.syncs, at_begin + 1);
  safe.file.finish(safe.clock.now_ns());
  EXPECT_GE(safe.disk.syncs, at_begin + 2) << "the index, too";
}

TEST(RecordFileTest, ADiskThatIsFullEndsTheFileWithItsReasonAndCountsWhatIsLost) {
  Bench bench;
  bench.record(1);
  bench.turn_after(200 * kMillisecond);
  bench.disk.room = bench.disk.contents().size();
  bench.record(2);
  bench.turn_after(200 * kMillisecond);
  EXPECT_TRUE(bench.file.failed());
  EXPECT_TRUE(bench.file.fault().contains("test.mcap")) << bench.file.fault();
  EXPECT_TRUE(bench.file.fault().contains("No space left")) << bench.file.fault();
  bench.disk.room *= 100;  // room comes back: too late, a chunk is missing
  bench.record(3);
  bench.turn_after(200 * kMillisecond);
  bench.file.finish(bench.clock.now_ns());
  EXPECT_EQ(bench.sent->dropped.load(), 2U) << "what was in the chunk, and what came later";
  EXPECT_EQ(bench.frames_on_disk(), 1U) << "what was flushed is still good";
}

TEST(RecordFileTest, WritesWhatWasDroppedWhenItHasGrown) {
  Bench bench;
  for (int i = 1; i <= 300; ++i) {
    bench.record(i);
  }
  bench.turn_after(0);
  bench.turn_after(200 * kMillisecond);
  const Contents first(bench.disk);
  EXPECT_EQ(first.file.contents().channels.at(0).frames, 256U);
  EXPECT_EQ(first.file.contents().channels.at(0).dropped, 44U);
  const std::uint64_t records = bench.file.records();
  bench.turn_after(200 * kMillisecond);
  EXPECT_EQ(bench.file.records(), records);
}

TEST(RecordFileTest, AFinishedFileIsWholeAndHasAnIndex) {
  Bench bench;
  bench.record(1);
  bench.file.finish(bench.clock.now_ns());
  const Contents contents(bench.disk);
  EXPECT_FALSE(contents.file.contents().recovered);
  EXPECT_EQ(contents.file.contents().channels.at(0).frames, 1U);
  const auto bytes = bench.disk.contents();
  bench.file.finish(bench.clock.now_ns());
  EXPECT_EQ(bench.disk.contents(), bytes);
}

TEST(RecordFileTest, WhatIsBeingFilledAtTheEndIsRefusedAndCountedAndNothingBehindItIsLost) {
  Bench bench;
  const bool taken = bench.intake.put(*bench.sent, RecordKind::kState, 0, [&](Record& record) {  // meanwhile, elsewhere
    EXPECT_TRUE(bench.record(2));
    EXPECT_TRUE(bench.record(3));
    bench.turn_after(0);
    EXPECT_EQ(bench.file.records(), 0U) << "they wait for the first";
    bench.file.finish(bench.clock.now_ns());
    record.state = state(1);
  });
  EXPECT_FALSE(taken);
  EXPECT_EQ(bench.sent->dropped.load(), 1U);
  EXPECT_EQ(bench.file.records(), 2U);
  const Contents contents(bench.disk);
  EXPECT_FALSE(contents.file.contents().recovered);
  EXPECT_EQ(contents.file.contents().channels.at(0).frames, 2U);
  const auto closed = closed_metadata(bench.disk);
  EXPECT_EQ(closed.at("records"), "2");
  EXPECT_EQ(closed.at("dropped"), "1");
}

TEST(RecordFileTest, TheTotalIsNoLessThanWhatTheChannelsLost) {
  RecorderOptions options;
  options.chunk_bytes = 1;  // each message is written at once
  Bench bench(options);
  EXPECT_TRUE(bench.intake.put(*bench.channels.list().front(), RecordKind::kBegin, 0,
                               [](Record& record) { record.episode = 1; }));
  bench.turn_after(200 * kMillisecond);
  bench.disk.meanwhile = [&] {  // while the end of the episode is written
    bench.intake.open = false;
    EXPECT_FALSE(bench.record(1));
  };
  bench.file.finish(bench.clock.now_ns());
  EXPECT_EQ(Contents(bench.disk).file.contents().channels.at(0).dropped, 1U);
  EXPECT_EQ(closed_metadata(bench.disk).at("dropped"), "1");
}

TEST(RecordFileTest, WhatIsRefusedDuringTheLastWriteIsToldOfTheChannelAndOfTheEpisode) {
  Bench bench;
  EXPECT_TRUE(bench.intake.put(*bench.channels.list().front(), RecordKind::kBegin, 0,
                               [](Record& record) { record.episode = 1; }));
  bench.record(1);
  bench.turn_after(0);
  bench.clock.advance_ns(200 * kMillisecond);
  bench.disk.meanwhile = [&] {  // as Recorder::close does, before the file ends
    bench.intake.open = false;
    EXPECT_FALSE(bench.record(2));
  };
  bench.file.finish(bench.clock.now_ns());
  const Contents contents(bench.disk);
  const Recording& recording = contents.file.contents();
  EXPECT_EQ(recording.channels.at(0).dropped, 1U);
  ASSERT_EQ(recording.episodes.size(), 1U);
  EXPECT_TRUE(recording.episodes[0].ended);
  EXPECT_EQ(recording.episodes[0].frames.at(0), 1U);
  EXPECT_EQ(recording.episodes[0].dropped.at(0), 1U);
}

TEST(RecordFileTest, AFileThatEndsAnywhereReadsUpToItsLastWholeChunk) {
  Bench bench;
  std::vector<std::pair<std::size_t, std::uint64_t>> flushed{{bench.disk.contents().size(), 0}};
  for (int i = 1; i <= 20; ++i) {
    bench.record(i);
    bench.turn_after(200 * kMillisecond);
    flushed.emplace_back(bench.disk.contents().size(), i);
  }
  const std::vector<std::byte> whole = bench.disk.contents();
  for (std::size_t length = flushed.front().first; length <= whole.size(); ++length) {
    const RecordingFile cut(std::make_unique<mcap::MemorySource>(std::span(whole).first(length), "cut.mcap"));
    std::uint64_t expected = 0;
    for (const auto& [size, frames] : flushed) {
      expected = size <= length ? frames : expected;
    }
    std::uint64_t read = 0;
    for (std::size_t channel = 0; channel < cut.contents().channels.size(); ++channel) {
      cut.visit_states(channel, std::nullopt, [&](const StateRow& row) {
        ++read;
        EXPECT_EQ(row.state.sequence, read);
      });
    }
    EXPECT_GE(read, expected) << "cut at " << length;
    EXPECT_LE(read, expected + 1) << "cut at " << length;
  }
}

}  // namespace
}  // namespace takt::trajectory::recorder::internal
