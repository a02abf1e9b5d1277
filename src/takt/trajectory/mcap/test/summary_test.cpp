// What a summary may say and be believed.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::bytes_of;
using test::file_of;
using test::messages_of;
using test::reader_of;
using test::some_messages;

/// The file with all entries of a kind twice in its summary, and so in the statistics' count of them.
Bytes with_entries_twice(const Bytes& bytes, internal::Opcode kind, std::size_t count_at) {
  constexpr std::size_t kTail = internal::kRecordHead + internal::kFooterBody + internal::kMagic.size();
  const internal::ByteView all(bytes);
  const auto start = internal::load<std::uint64_t>(all.data() + all.size() - kTail + internal::kRecordHead);
  Bytes lying(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(start));
  for (internal::ByteView rest = all.subspan(start, all.size() - kTail - start); !rest.empty();) {
    internal::ByteView whole = rest;
    const auto record = internal::take_record(rest);
    whole = whole.first(whole.size() - rest.size());
    internal::append_bytes(lying, whole);
    if (record->opcode == kind) {
      internal::append_bytes(lying, whole);
    } else if (record->opcode == internal::Opcode::kStatistics) {
      std::byte* count = lying.data() + lying.size() - record->body.size() + count_at;
      internal::store(count, 2 * internal::load<std::uint32_t>(count));
    }
  }
  internal::append_bytes(lying, all.last(kTail));
  std::byte* crc = lying.data() + lying.size() - internal::kMagic.size() - sizeof(std::uint32_t);
  internal::store(crc, std::uint32_t{0});  // none
  return lying;
}

TEST(SummaryTest, ASummaryThatNamesBytesTwiceIsNotBelieved) {
  const auto messages = some_messages(60);
  const Bytes bytes = file_of(messages, Compression::kZstd);
  for (const auto& [kind, count_at] : {std::pair{internal::Opcode::kAttachmentIndex, std::size_t{14}},
                                       {internal::Opcode::kMetadataIndex, std::size_t{18}},
                                       {internal::Opcode::kChunkIndex, std::size_t{22}}}) {
    const Bytes lying = with_entries_twice(bytes, kind, count_at);
    const Reader reader = reader_of(lying);
    ASSERT_TRUE(reader.recovered()) << static_cast<int>(kind);
    EXPECT_EQ(reader.recovery()->why, "the summary names bytes of the file twice");
    EXPECT_TRUE(reader.recovery()->lossless());
    EXPECT_EQ(messages_of(reader), messages);
    EXPECT_EQ(reader.metadata().size(), 1U);
    EXPECT_EQ(reader.attachments().size(), 1U);
  }
}

/// Whatever the footer says: not all of a great file is read at once for it.
TEST(SummaryTest, ASummaryGreaterThanAllowedIsNotRead) {
  const auto messages = some_messages(20'000);
  Bytes bytes = file_of(messages, Compression::kNone);
  constexpr std::size_t kMost = 256 * 1024;
  ASSERT_GT(bytes.size(), 4 * kMost);
  std::byte* footer = bytes.data() + bytes.size() - internal::kMagic.size() - internal::kFooterBody;
  internal::store(footer, std::uint64_t{internal::kMagic.size()});
  test::Reads reads;
  const Reader reader(std::make_unique<test::WatchedSource>(bytes, reads), {.max_chunk_bytes = kMost});
  ASSERT_TRUE(reader.recovered());
  EXPECT_TRUE(reader.recovery()->why.ends_with("more than the 262144 that are allowed")) << reader.recovery()->why;
  EXPECT_LE(reads.greatest, kMost);
  EXPECT_EQ(messages_of(reader), messages);
}

constexpr std::size_t kGreat = 10'000;
constexpr ReaderOptions kSmall{.max_chunk_bytes = 4'000};

Bytes file_with_great_records() {
  Bytes bytes;
  Writer writer(test::memory_sink(bytes), {.chunk_bytes = 1024});
  test::SomeFile(writer).write(some_messages(60));
  writer.add_metadata("about", {{"task", "pick"}});
  writer.add_metadata("great", {{"", std::string(kGreat, 'x')}});
  writer.attach({10, 20, "robot.toml", "text/plain", bytes_of("x = 1\n")});
  writer.attach({10, 20, "great.bin", "", Bytes(kGreat)});
  writer.close();
  return bytes;
}

TEST(SummaryTest, ARecordGreaterThanAllowedIsRefusedWhereItIsAskedFor) {
  const Bytes bytes = file_with_great_records();
  const Reader reader = reader_of(bytes, kSmall);
  EXPECT_FALSE(reader.recovered());
  EXPECT_EQ(messages_of(reader), some_messages(60));
  ASSERT_EQ(reader.attachments().size(), 2U);
  EXPECT_EQ(reader.attachment(reader.attachments()[0]).name, "robot.toml");
  for (const bool metadata : {false, true}) {
    try {
      metadata ? static_cast<void>(reader.metadata()) : static_cast<void>(reader.attachment(reader.attachments()[1]));
      FAIL();
    } catch (const ConfigError& error) {
      const std::string what = error.what();
      EXPECT_TRUE(what.starts_with("test.mcap: the record at byte ")) << what;
      EXPECT_TRUE(what.ends_with("bytes, more than the 4000 that are allowed")) << what;
    }
  }
}

TEST(SummaryTest, AScanLeavesOutRecordsGreaterThanAllowedAndSaysSo) {
  const Bytes bytes = file_with_great_records();
  const Bytes killed(bytes.begin(), bytes.end() - 1);
  for (const Bytes& all : {bytes, killed}) {
    ReaderOptions options = kSmall;
    options.read_all = true;
    const Reader reader = reader_of(all, options);
    ASSERT_TRUE(reader.recovered());
    EXPECT_EQ(reader.recovery()->broken_records, 2U);
    EXPECT_TRUE(reader.recovery()->first_loss.ends_with("bytes, more than the 4000 that are allowed"))
        << reader.recovery()->first_loss;
    EXPECT_EQ(messages_of(reader), some_messages(60));
    EXPECT_EQ(reader.metadata().size(), 1U);
    EXPECT_EQ(reader.attachments().size(), 1U);
  }
}

TEST(SummaryTest, AHeaderGreaterThanAllowedCostsTheNamesInItOnly) {
  Bytes bytes;
  Writer writer(test::memory_sink(bytes), {.profile = std::string(kGreat, 'p'), .chunk_bytes = 1024});
  test::SomeFile(writer).write(some_messages(60));
  writer.close();
  const Reader reader = reader_of(bytes, kSmall);
  ASSERT_TRUE(reader.recovered());
  EXPECT_TRUE(reader.recovery()->why.starts_with("the header has ")) << reader.recovery()->why;
  EXPECT_EQ(reader.profile(), "");
  EXPECT_EQ(messages_of(reader), some_messages(60));
}

}  // namespace
}  // namespace takt::trajectory::mcap
