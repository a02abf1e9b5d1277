// The first records of a recording stand in it once, and no CRC covers them: what a damage there costs.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/repair.hpp"
#include "takt/trajectory/recorder/internal/events.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

using Bytes = std::vector<std::byte>;

/// A recording of one episode, closed.
Bytes recorded() {
  TestDisk disk;
  {
    RecorderOptions options = small_ring();
    options.configuration = "x = 1\n";
    Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", options);
    StateChannel& sent = recorder.states(channel(StateKind::kSent));
    EXPECT_TRUE(recorder.begin_episode("pick"));
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(sent.record(state(i)));
    }
    EXPECT_TRUE(recorder.end_episode(true));
  }
  return disk.contents();
}

/// Where the first record of this kind is.
std::size_t first(const Bytes& bytes, mcap::internal::Opcode opcode) {
  std::size_t at = mcap::internal::kMagic.size();
  while (static_cast<mcap::internal::Opcode>(bytes[at]) != opcode) {
    at += mcap::internal::kRecordHead + mcap::internal::load<std::uint64_t>(bytes.data() + at + 1);
  }
  return at;
}

/// Without takt.closed and a summary, as a killed recorder leaves it.
Bytes killed() {
  Bytes bytes = recorded();
  std::size_t at = first(bytes, mcap::internal::Opcode::kChunk);
  while (static_cast<mcap::internal::Opcode>(bytes[at]) != mcap::internal::Opcode::kMetadata) {
    at += mcap::internal::kRecordHead + mcap::internal::load<std::uint64_t>(bytes.data() + at + 1);
  }
  bytes.resize(at);
  return bytes;
}

struct Found {
  std::string refusal{};
  Recording recording{};
};

Found list(const Bytes& bytes) {
  try {
    return {.recording = internal::RecordingFile(std::make_unique<mcap::MemorySource>(bytes)).contents()};
  } catch (const ConfigError& error) {
    return {.refusal = error.what()};
  }
}

TEST(DamagedStartTest, AFlippedBitCostsTheRecordItIsInAtMost) {
  const Bytes whole = killed();
  const std::size_t chunk = first(whole, mcap::internal::Opcode::kChunk);
  ASSERT_GT(chunk, 150U);
  int refused = 0;
  for (std::size_t at = mcap::internal::kMagic.size(); at < chunk; ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bytes = whole;
      bytes[at] ^= static_cast<std::byte>(1U << bit);
      const Found found = list(bytes);
      if (found.refusal.contains("of version '")) {
        ++refused;  // which is now another number
        continue;
      }
      ASSERT_EQ(found.refusal, "") << "bit " << bit << " of byte " << at;
      ASSERT_EQ(found.recording.episodes.size(), 1U) << "bit " << bit << " of byte " << at;
      ASSERT_EQ(found.recording.episodes[0].frames, (std::vector<std::uint64_t>{50}))
          << "bit " << bit << " of byte " << at;
      Bytes out;
      const auto report =
          mcap::repair(std::make_unique<mcap::MemorySource>(bytes), std::make_unique<mcap::MemorySink>(out));
      const bool all = report.kept.metadata >= 1 && report.kept.attachments == 1;
      ASSERT_TRUE(all || !report.lossless()) << "bit " << bit << " of byte " << at;
      ASSERT_EQ(list(out).refusal, "") << "bit " << bit << " of byte " << at;
    }
  }
  EXPECT_LE(refused, 4);
}

TEST(DamagedStartTest, ARecordingWithoutItsMetadataSaysSo) {
  const Bytes whole = killed();
  Bytes bytes = whole;
  bytes[first(whole, mcap::internal::Opcode::kMetadata)] ^= std::byte{0x80};
  const Found found = list(bytes);
  EXPECT_TRUE(found.recording.missing.ends_with("its metadata")) << found.refusal << found.recording.missing;
  EXPECT_FALSE(list(whole).recording.missing.contains("its metadata"));
}

TEST(DamagedStartTest, WhatClosesARecordingTellsItsVersionToo) {
  Bytes bytes = recorded();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  bytes[text.find("version")] ^= std::byte{1};
  const Found found = list(bytes);
  EXPECT_EQ(found.refusal, "");
  EXPECT_FALSE(found.recording.recovered);
  EXPECT_EQ(found.recording.missing, "") << "nothing that anybody needs";
}

}  // namespace
}  // namespace takt::trajectory::recorder
