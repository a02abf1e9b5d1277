#include "takt/trajectory/mcap/repair.hpp"

#include <fstream>
#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::file_of;
using test::messages_of;
using test::OwnFolder;
using test::reader_of;
using test::some_messages;

void save(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

RepairReport repair_bytes(const Bytes& in, Bytes& out, ReaderOptions limits = {}) {
  return repair(std::make_unique<MemorySource>(in), std::make_unique<MemorySink>(out), limits);
}

TEST(RepairTest, AFileCutAnywhereBecomesAWholeOneWithWhatWasWhole) {
  for (const Compression compression : {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    const Bytes bytes = file_of(some_messages(60), compression);
    for (std::size_t size = 8; size <= bytes.size(); size += 13) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      Bytes out;
      const RepairReport report = repair_bytes(cut, out);
      const Reader before = reader_of(cut);
      const Reader after = reader_of(out);
      ASSERT_FALSE(after.recovered()) << size;
      ASSERT_EQ(messages_of(after), messages_of(before)) << size;
      auto metadata = after.metadata();
      if (!report.lossless()) {
        ASSERT_EQ(metadata.back().name, kRepairedMetadata) << size;
        ASSERT_EQ(metadata.back().values.at("lost"), before.recovery()->first_loss);
        metadata.pop_back();
      }
      ASSERT_EQ(metadata, before.metadata()) << size;
      ASSERT_EQ(after.attachments().size(), before.attachments().size()) << size;
      ASSERT_EQ(after.statistics(), report.kept) << size;
      ASSERT_EQ(report.had_summary, size == bytes.size());
    }
  }
}

TEST(RepairTest, ASoundFileKeepsAllOfIt) {
  const auto messages = some_messages(300);
  const Bytes bytes = file_of(messages, Compression::kZstd);
  Bytes out;
  const RepairReport report = repair_bytes(bytes, out);
  EXPECT_TRUE(report.lossless());
  EXPECT_TRUE(report.had_summary);
  const Reader reader = reader_of(out);
  EXPECT_EQ(messages_of(reader), messages);
  EXPECT_EQ(reader.channels().size(), 3U);
  EXPECT_EQ(reader.find_topic("/a")->metadata.at("robot"), "fr3");
  EXPECT_EQ(reader.attachment(reader.attachments().at(0)).name, "robot.toml");
}

TEST(RepairTest, ADamagedChunkOfAFileWithASummaryIsLeftOut) {
  Bytes bytes = file_of(some_messages(300), Compression::kNone);
  bytes[3000] ^= std::byte{1};
  Bytes out;
  const RepairReport report = repair_bytes(bytes, out);
  EXPECT_TRUE(report.had_summary);
  EXPECT_FALSE(report.lossless());
  EXPECT_EQ(report.recovery.broken_chunks, 1U);
  EXPECT_LT(messages_of(reader_of(out)).size(), 300U);
}

// Nothing but the summary, which is lost, tells of a channel without messages, so that the other gets its number.
TEST(RepairTest, ReportsTheNumbersOfTheFileItWrites) {
  Bytes bytes;
  {
    Writer writer(test::memory_sink(bytes), {.compression = Compression::kNone});
    static_cast<void>(writer.add_channel(kNoSchema, "/unused", "json"));
    const ChannelId kept = writer.add_channel(kNoSchema, "/kept", "json");
    writer.write(kept, 0, 2, 2, {});
    writer.close();
  }
  bytes.resize(bytes.size() - 8);
  Bytes out;
  const RepairReport report = repair_bytes(bytes, out);
  const Reader reader = reader_of(out);
  EXPECT_EQ(report.kept, reader.statistics());
  EXPECT_NE(reader_of(bytes).find_topic("/kept")->id, reader.find_topic("/kept")->id);
  EXPECT_EQ(report.kept.messages_of.at(reader.find_topic("/kept")->id), 1U);
}

// A summary that is sound tells what the first chunk would have told, and where the others are.
TEST(RepairTest, OfAFileWithASummaryNothingIsLostButWhatIsDamaged) {
  const auto messages = some_messages(300);
  const Bytes whole = file_of(messages, Compression::kZstd);
  std::vector<std::size_t> chunks;
  for (std::size_t at = 8; at < whole.size() && whole[at] != std::byte{0x0F}; at = test::next_record(whole, at)) {
    if (whole[at] == std::byte{0x06}) {
      chunks.push_back(at);
    }
  }
  ASSERT_GT(chunks.size(), 5U);
  std::map<int, std::size_t> lost;  // over all chunks, by how they were damaged
  for (const std::size_t chunk : chunks) {
    const std::size_t record = test::next_record(whole, chunk) - chunk;
    for (const auto& [at, bits] : {std::pair<std::size_t, int>{record - 1, 0x02}, {0, 0x80}, {1, 0x40}, {3, 0x01}}) {
      Bytes bytes = whole;
      bytes[chunk + at] ^= static_cast<std::byte>(bits);
      Bytes out;
      const RepairReport report = repair_bytes(bytes, out);
      EXPECT_TRUE(report.had_summary);
      EXPECT_FALSE(report.lossless()) << "byte " << at << " of the chunk at " << chunk;
      const Reader reader = reader_of(out);
      EXPECT_EQ(reader.channels().size(), 3U);
      EXPECT_EQ(reader.metadata().size(), 2U) << "its own, and what the repair says";
      EXPECT_EQ(reader.attachments().size(), 1U);
      lost[bits] += messages.size() - messages_of(reader).size();
    }
  }
  for (const auto& [bits, count] : lost) {
    EXPECT_LE(count, messages.size()) << "each message is lost with its own chunk at most; damaged by " << bits;
  }
}

// Others have records of their own, so that only the summary tells that this was a chunk.
TEST(RepairTest, OfAnothersFileTheSummaryTellsHowManyChunksMiss) {
  Bytes bytes;
  Writer writer(test::memory_sink(bytes), {.library = "another", .compression = Compression::kNone});
  test::SomeFile file(writer);
  std::size_t second = 0;
  for (const auto& message : some_messages(3)) {
    second = message.sequence == 1 ? bytes.size() : second;
    file.write({message});
    writer.flush();
  }
  writer.close();
  for (const std::size_t record : {second, test::next_record(bytes, second)}) {  // the chunk, its index
    bytes[record] ^= std::byte{0x80};
  }
  Bytes out;
  const RepairReport report = repair_bytes(bytes, out);
  EXPECT_NE(report.recovery.first_loss.find("2 of 3 messages, 2 of 3 chunks, "), std::string::npos)
      << report.recovery.first_loss;
}

TEST(RepairTest, ASummaryTellsWhatIsBehindADamagedRecordAndWhatIsMissing) {
  const Bytes whole = file_of(some_messages(10), Compression::kNone);
  std::size_t metadata = 8;
  while (whole[metadata] != std::byte{0x0C}) {
    metadata = test::next_record(whole, metadata);
  }
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{5}}) {  // private; its length
    Bytes bytes = whole;
    bytes[metadata + at] ^= std::byte{0x80};
    Bytes out;
    const RepairReport report = repair_bytes(bytes, out);
    EXPECT_FALSE(report.lossless()) << at;
    EXPECT_EQ(report.kept.metadata, 1U) << at << ": what the repair says";
    EXPECT_EQ(report.kept.attachments, 1U) << at;
    EXPECT_EQ(report.kept.messages, 10U) << at;
  }
}

TEST(RepairTest, WhatIsGreaterThanAllowedIsLeftOutAndTheRestKept) {
  Bytes in;
  Writer writer(test::memory_sink(in), {.chunk_bytes = 1024});
  test::SomeFile(writer).write(some_messages(60));
  writer.add_metadata("great", {{"", std::string(10'000, 'x')}});
  writer.attach({10, 20, "great.bin", "", Bytes(10'000)});
  writer.attach({10, 20, "small.bin", "", Bytes(10)});
  writer.close();
  const Bytes killed(in.begin(), in.end() - 1);
  for (const Bytes& bytes : {in, killed}) {
    Bytes out;
    const RepairReport report = repair_bytes(bytes, out, {.max_chunk_bytes = 4'000});
    EXPECT_EQ(report.recovery.broken_records, 2U);
    EXPECT_EQ(report.kept.attachments, 1U);
    EXPECT_EQ(messages_of(reader_of(out)), some_messages(60));
  }
}

TEST(RepairTest, WritesAnotherFileAndLeavesTheFirst) {
  const OwnFolder folder;
  Bytes bytes = file_of(some_messages(300), Compression::kZstd);
  bytes.resize(bytes.size() / 2);
  save(folder / "in.mcap", bytes);
  const RepairReport report = repair(folder / "in.mcap", folder / "out.mcap");
  EXPECT_GT(report.kept.messages, 0U);
  EXPECT_EQ(std::filesystem::file_size(folder / "in.mcap"), bytes.size());
  const Reader reader(folder / "out.mcap");
  EXPECT_FALSE(reader.recovered());
  EXPECT_EQ(reader.statistics().messages, report.kept.messages);
}

TEST(RepairTest, NeverWritesOverAFile) {
  const OwnFolder folder;
  const Bytes bytes = file_of(some_messages(10), Compression::kZstd);
  save(folder / "in.mcap", bytes);
  EXPECT_THROW(repair(folder / "in.mcap", folder / "in.mcap"), ConfigError);
  save(folder / "other", test::bytes_of("mine"));
  EXPECT_THROW(repair(folder / "in.mcap", folder / "other"), ConfigError);
  EXPECT_EQ(std::filesystem::file_size(folder / "in.mcap"), bytes.size());
  EXPECT_EQ(std::filesystem::file_size(folder / "other"), 4U);
}

TEST(RepairTest, WhatIsNoMcapFileIsRefusedAndNothingWritten) {
  const OwnFolder folder;
  save(folder / "in", test::bytes_of("a,b\n1,2\n"));
  EXPECT_THROW(repair(folder / "in", folder / "out"), ConfigError);
  EXPECT_THROW(repair(folder / "missing", folder / "out"), ConfigError);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace takt::trajectory::mcap
