// A recorder that is killed, at any moment: what the file still has, beside what the killed process had recorded.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/own_folder.hpp"
#include "takt/trajectory/mcap/repair.hpp"
#include "takt/trajectory/recorder/recording.hpp"

#include "raw_chunks.hpp"
#include "recording_child.hpp"
#include "rows.hpp"

namespace takt::test {
namespace {

using std::chrono::microseconds;
using takt::testing::OwnFolder;

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Everything whole is read: as many chunks, and messages, as lie there for everybody to see.
void expect_every_whole_chunk(const ReadRows& rows, std::span<const std::byte> bytes) {
  const RawChunks raw = raw_chunks(bytes);
  EXPECT_EQ(rows.chunks, raw.chunks);
  if (!raw.compressed) {
    EXPECT_EQ(rows.messages, raw.messages);
  }
}

/// The promise: what was recorded longer ago than the flush interval is there; but what the recorder was held up for
/// beyond half of it.
void expect_small_loss(const ReadRows& rows, const Witness& witness, std::uint64_t held_up_rows) {
  const std::uint64_t recorded = witness.rows.load();
  const auto flush_every = recorder::RecorderOptions{}.flush_every_ns;
  const auto held_up = static_cast<core::Nanoseconds>(held_up_rows) * kRowPeriod;
  EXPECT_LE(rows.most, recorded + 1) << "at most the row that was on its way";
  const std::uint64_t lost = recorded > rows.least ? recorded - rows.least : 0;
  EXPECT_LE(static_cast<core::Nanoseconds>(lost) * kRowPeriod,
            flush_every + std::max<core::Nanoseconds>(0, held_up - flush_every / 2))
      << "of " << recorded << " rows " << rows.least << " are there";
}

/// For how many rows the recorder may have found no time to look.
std::uint64_t held_up_rows(const Recording& recording, const Witness& witness) {
  const std::uint64_t stalled_at = witness.stalled_at.load();
  return stalled_at == 0 ? recording.rows_per_turn : witness.rows.load() - stalled_at + kRowsPerTurn;
}

/// A file cut off at a byte more: a beginning of what was there, never something else.
void expect_a_beginning(std::span<const std::byte> bytes, const ReadRows& whole, std::size_t length) {
  const auto cut = bytes.first(length);
  try {
    const mcap::Reader reader(std::make_unique<mcap::MemorySource>(cut, "cut.mcap"));
    const ReadRows rows = read_rows(reader);
    expect_every_whole_chunk(rows, cut);
    EXPECT_LE(rows.most, whole.most);
  } catch (const ConfigError& error) {
    EXPECT_EQ(raw_chunks(cut).chunks, 0U) << error.what();
  }
}

void expect_repaired(const std::filesystem::path& path, const std::filesystem::path& repaired, const ReadRows& rows) {
  const mcap::RepairReport report = mcap::repair(path, repaired);
  EXPECT_EQ(report.kept.messages, rows.messages);
  const ReadRows again = read_rows(mcap::Reader(repaired));
  EXPECT_FALSE(again.recovered) << "it has an index now";
  EXPECT_EQ(again.messages, rows.messages);
  EXPECT_EQ(again.least, rows.least);
  EXPECT_FALSE(recorder::list_recording(repaired).recovered);
}

struct Campaign {
  std::mt19937_64 random{20'240'607};
  std::uint64_t worst_loss_rows{0};
  int files{0};
  const OwnFolder folder{};

  /// Kills a child `later` after it has recorded `rows`, and judges what it leaves.
  void kill(const Recording& recording, std::uint64_t rows, microseconds later) {
    const std::filesystem::path path = folder / "killed.mcap";
    RecordingChild child(path, recording);
    ASSERT_TRUE(child.wait_for_rows(rows)) << "the child ended by itself";
    std::this_thread::sleep_for(later);
    child.kill();
    ASSERT_TRUE(child.was_killed());
    if (recording.stall_after == 0) {
      EXPECT_EQ(child.witness().refused.load(), 0U);
    }
    judge(path, child.witness(), held_up_rows(recording, child.witness()));
    std::filesystem::remove(path);
    std::filesystem::remove(folder / "repaired.mcap");
  }

 private:
  void judge(const std::filesystem::path& path, const Witness& witness, std::uint64_t held_up) {
    const std::uint64_t recorded = witness.rows.load();
    const std::vector<std::byte> bytes = bytes_of(path);
    if (recorded == 0 && raw_chunks(bytes).chunks == 0) {
      return;  // killed while it began
    }
    const ReadRows rows = read_rows(mcap::Reader(path));
    EXPECT_TRUE(rows.recovered);
    expect_every_whole_chunk(rows, bytes);
    expect_small_loss(rows, witness, held_up);
    worst_loss_rows = std::max(worst_loss_rows, recorded - std::min(recorded, rows.least));
    const recorder::Recording listed = recorder::list_recording(path);
    EXPECT_TRUE(listed.recovered);
    for (const recorder::RecordedEpisode& episode : listed.episodes) {
      EXPECT_FALSE(episode.ended);
      EXPECT_EQ(episode.task, "be killed");
    }
    expect_repaired(path, folder / "repaired.mcap", rows);
    for (int i = 0; i < 3; ++i) {
      expect_a_beginning(bytes, rows, random() % (bytes.size() + 1));
    }
    ++files;
  }
};

/// `usual`, times the number in TAKT_CAMPAIGN.
int campaign(int usual) {
  const char* factor = std::getenv("TAKT_CAMPAIGN");  // NOLINT(concurrency-mt-unsafe)
  return usual * (factor == nullptr ? 1 : std::max(1, std::atoi(factor)));
}

constexpr std::array kCompressions{mcap::Compression::kNone, mcap::Compression::kLz4, mcap::Compression::kZstd};

/// Each kind of chunks in turn.
Recording recording(int kill) {
  return {.compression = kCompressions.at(static_cast<std::size_t>(kill) % kCompressions.size()),
          .great_chunks = kill % 2 == 0};
}

TEST(KilledRecorder, LosesNoWholeChunkAndNoMoreThanTheFlushInterval) {
  Campaign all;
  const int kills = campaign(25);
  for (int i = 0; i < kills && !HasFailure(); ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    // Every fifth is killed while it begins, the others after up to twice the interval; then at any moment.
    all.kill(recording(i), i % 5 == 0 ? 0 : all.random() % 400, microseconds(all.random() % 10'000));
  }
  EXPECT_GT(all.files, kills / 2);
  RecordProperty("worst_loss_ms", static_cast<int>(all.worst_loss_rows));
}

// All of a burst lies in the ring when the recorder looks next.
TEST(KilledRecorder, WithABacklogLosesNoMoreThanTheBurstBeyondHalfTheInterval) {
  Campaign all;
  const int kills = campaign(8);
  for (int i = 0; i < kills && !HasFailure(); ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    Recording bursts = recording(i);
    bursts.rows_per_turn = 50 + all.random() % 300;
    all.kill(bursts, bursts.rows_per_turn * (1 + all.random() % 3), microseconds(all.random() % 10'000));
  }
  EXPECT_EQ(all.files, kills);
  RecordProperty("worst_loss_ms", static_cast<int>(all.worst_loss_rows));
}

// The rows go on until the ring is full; what was recorded before the stall is there as ever.
TEST(KilledRecorder, WhoseDiskStallsLosesNoMoreThanTheStallBeyondHalfTheInterval) {
  Campaign all;
  const int kills = campaign(8);
  for (int i = 0; i < kills && !HasFailure(); ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    Recording stalls = recording(i);
    stalls.stall_after = 50 + all.random() % 250;
    const std::uint64_t waiting = all.random() % 200;  // rows, fewer than the ring takes
    all.kill(stalls, stalls.stall_after + waiting, microseconds(all.random() % 10'000));
  }
  EXPECT_EQ(all.files, kills);
  RecordProperty("worst_loss_ms", static_cast<int>(all.worst_loss_rows));
}

}  // namespace
}  // namespace takt::test
