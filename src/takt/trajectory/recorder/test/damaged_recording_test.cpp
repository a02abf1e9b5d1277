// A recording of which a repair has left something out.

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/messages/json.hpp"
#include "takt/trajectory/mcap/repair.hpp"
#include "takt/trajectory/mcap/writer.hpp"
#include "takt/trajectory/recorder/internal/events.hpp"
#include "takt/trajectory/recorder/recording.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

/// An episode as a recorder writes it, one chunk for its begin, one for its states, one for its end.
class EpisodeOfChunks {
 public:
  EpisodeOfChunks(mcap::Writer& writer, std::uint32_t episode) : writer_(&writer), episode_(episode) {
    states_ = internal::add_channel(writer, internal::state_channel(channel(StateKind::kSent)));
    events_ = internal::add_channel(writer, internal::episode_channel());
  }
  void event(const internal::EpisodeEvent& event) {
    const std::string json = messages::to_json(event);
    writer_->write(events_, 1, event.recorded_ns, event.recorded_ns, internal::bytes_of(json));
    writer_->flush();
  }
  void begin() {
    event({.event = internal::EpisodeChange::kBegin, .recorded_ns = at(0), .episode = episode_, .task = "pick"});
  }
  void states(int first = 1, int last = 5) {
    for (int i = first; i <= last; ++i) {
      RecordedState one;
      one.recorded_ns = at(i);
      one.stamp_ns = at(i);
      one.episode = episode_;
      one.joint_positions = {0.1 * i, 0.2};
      writer_->write(states_, static_cast<std::uint32_t>(i), at(i), at(i), messages::to_cdr(one));
    }
    writer_->flush();
  }
  void end() {
    event({.event = internal::EpisodeChange::kEnd,
           .recorded_ns = at(9),
           .episode = episode_,
           .success = true,
           .first_ns = at(1),
           .last_ns = at(5),
           .frames = {{"/follower/sent", 5}}});
  }
  void mark() {
    event({.event = internal::EpisodeChange::kMark, .recorded_ns = at(10), .episode = episode_, .success = false});
  }
  [[nodiscard]] core::Nanoseconds at(int step) const {
    return episode_ * core::kNanosecondsPerSecond + step * kMillisecond;
  }

 private:
  mcap::Writer* writer_;
  std::uint32_t episode_;
  mcap::ChannelId states_{};
  mcap::ChannelId events_{};
};

constexpr int kMiddle = 4;

/// Three episodes; of the second, the `lost` of these chunks are damaged, and left out: its begin, its states, its end,
/// a mark; its states are in three chunks instead, of which 4 is the second.
std::filesystem::path repaired(const std::filesystem::path& path, const std::set<int>& lost) {
  std::vector<std::byte> bytes;
  std::vector<std::size_t> damaged;
  {
    mcap::Writer writer(std::make_unique<mcap::MemorySink>(bytes), {.compression = mcap::Compression::kNone});
    writer.add_metadata(internal::kRecordingMetadata, {{"version", "1"}});
    for (const std::uint32_t number : {1U, 2U, 3U}) {
      EpisodeOfChunks episode(writer, number);
      const auto part = [&](int index, auto write) {
        if (number == 2 && lost.contains(index)) {
          damaged.push_back(bytes.size() + 60);
        }
        write();
      };
      part(0, [&] { episode.begin(); });
      if (lost.contains(kMiddle)) {
        episode.states(1, 2);
        part(kMiddle, [&] { episode.states(3, 4); });
        episode.states(5, 5);
      } else {
        part(1, [&] { episode.states(); });
      }
      part(2, [&] { episode.end(); });
      part(3, [&] { episode.mark(); });
    }
    writer.close();
  }
  for (const std::size_t at : damaged) {
    bytes[at] ^= std::byte{1};
  }
  const auto report = mcap::repair(std::make_unique<mcap::MemorySource>(bytes), std::make_unique<mcap::FileSink>(path));
  EXPECT_EQ(report.recovery.broken_chunks, lost.size());
  return path;
}

TEST(DamagedRecordingTest, AnEpisodeWhoseBeginIsLostIsReadAndSoAreTheOthers) {
  const OwnFolder folder;
  const Recording recording = list_recording(repaired(folder / "a.mcap", {0}));
  EXPECT_FALSE(recording.recovered) << "a repair makes it whole";
  EXPECT_TRUE(recording.missing.contains("the begin of episode 2")) << recording.missing;
  ASSERT_EQ(recording.episodes.size(), 3U);
  const RecordedEpisode& second = recording.episodes[1];
  EXPECT_EQ(second.number, 2U);
  EXPECT_FALSE(second.began);
  EXPECT_TRUE(second.ended);
  EXPECT_EQ(second.task, "");
  EXPECT_EQ(second.success, false);
  EXPECT_EQ(second.start_wall_ns, 2 * core::kNanosecondsPerSecond + kMillisecond) << "its first state";
  EXPECT_EQ(second.duration_ns, 8 * kMillisecond);
  EXPECT_EQ(read_states(folder / "a.mcap", {.episode = 2}).size(), 5U);
  EXPECT_TRUE(recording.episodes[2].began);
  EXPECT_EQ(read_states(folder / "a.mcap", {.episode = 3}).info().task, "pick");
}

TEST(DamagedRecordingTest, AnEpisodeOfWhichOnlyAMarkIsLeftIsMeasuredByItsStates) {
  const OwnFolder folder;
  const Recording recording = list_recording(repaired(folder / "a.mcap", {0, 2}));
  ASSERT_EQ(recording.episodes.size(), 3U);
  const RecordedEpisode& second = recording.episodes[1];
  EXPECT_FALSE(second.began);
  EXPECT_FALSE(second.ended);
  EXPECT_EQ(second.frames, (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(second.start_wall_ns, 2 * core::kNanosecondsPerSecond + kMillisecond);
  EXPECT_EQ(second.duration_ns, 4 * kMillisecond);
  EXPECT_EQ(read_states(folder / "a.mcap", {.episode = 2}).size(), 5U);
}

TEST(DamagedRecordingTest, EventsOfAnEpisodeWithoutStatesAreEnoughToListIt) {
  const OwnFolder folder;
  const Recording recording = list_recording(repaired(folder / "a.mcap", {0, 1, 2}));
  ASSERT_EQ(recording.episodes.size(), 3U);
  EXPECT_EQ(recording.episodes[1].frames, (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(recording.episodes[1].duration_ns, 0);
  EXPECT_EQ(read_states(folder / "a.mcap", {.episode = 1}).size(), 5U);
}

TEST(DamagedRecordingTest, WhatARepairLeftOutIsToldOfTheRepairedFile) {
  const OwnFolder folder;
  const Recording recording = list_recording(repaired(folder / "a.mcap", {1}));
  EXPECT_FALSE(recording.recovered);
  EXPECT_TRUE(recording.missing.contains("repaired: the chunk at byte ")) << recording.missing;
  EXPECT_TRUE(recording.missing.contains("5 of 15 states of /follower/sent")) << recording.missing;
  EXPECT_EQ(list_recording(repaired(folder / "b.mcap", {})).missing, "");
}

TEST(DamagedRecordingTest, AnEpisodeWithoutAnyEventIsListedByItsStates) {
  const OwnFolder folder;
  const Recording recording = list_recording(repaired(folder / "a.mcap", {0, 2, 3}));
  ASSERT_EQ(recording.episodes.size(), 3U);
  const RecordedEpisode& second = recording.episodes[1];
  EXPECT_EQ(second.number, 2U);
  EXPECT_FALSE(second.began);
  EXPECT_FALSE(second.ended);
  EXPECT_EQ(second.frames, (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(second.start_wall_ns, 2 * core::kNanosecondsPerSecond + kMillisecond);
  EXPECT_TRUE(recording.missing.contains("the begin of episode 2")) << recording.missing;
  EXPECT_EQ(read_states(folder / "a.mcap", {.episode = 2}).size(), 5U);
  EXPECT_EQ(read_states(folder / "a.mcap", {.episode = 3}).size(), 5U);
  const Recording nothing = list_recording(repaired(folder / "b.mcap", {0, 1, 2, 3}));
  EXPECT_EQ(nothing.episodes.size(), 2U) << "of the second nothing is left";
}

// Between the ends of a hole nobody knows where the robot was.
TEST(DamagedRecordingTest, AnEpisodeWithAHoleIsRefused) {
  const OwnFolder folder;
  static_cast<void>(repaired(folder / "a.mcap", {kMiddle}));
  try {
    static_cast<void>(read_states(folder / "a.mcap", {.episode = 2}));
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_TRUE(std::string(error.what()).contains("/follower/sent, episode 2: 2 of 5 states within it are lost"))
        << error.what();
  }
  EXPECT_EQ(read_states(folder / "a.mcap", {.episode = 1}).size(), 5U);
}

}  // namespace
}  // namespace takt::trajectory::recorder
