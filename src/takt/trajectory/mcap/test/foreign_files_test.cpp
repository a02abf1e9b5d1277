// What of a file is read that others wrote, without a summary, and with records that make no sense.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/repair.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using internal::ByteView;
using test::Bytes;
using test::messages_of;
using test::reader_of;

/// A file of records as others write them.
class Foreign {
 public:
  Foreign() {
    internal::append_bytes(bytes, std::as_bytes(std::span(internal::kMagic)));
    internal::append_header(bytes, {"", "other"});
  }
  void channel(std::uint16_t id) {
    internal::append_channel(bytes, {ChannelId{id}, kNoSchema, "/" + std::to_string(id), "json", {}});
  }
  void message(std::uint16_t id, std::uint64_t log_time, std::string_view data) {
    const internal::OpenRecord record(bytes, internal::Opcode::kMessage);
    internal::append(bytes, id);
    internal::append(bytes, std::uint32_t{0});
    internal::append(bytes, log_time);
    internal::append(bytes, log_time);
    internal::append_bytes(bytes, std::as_bytes(std::span(data)));
  }
  /// Of records that another such file has behind its header.
  void chunk(const Foreign& other) {
    const ByteView records = ByteView(other.bytes).subspan(Foreign().bytes.size());
    const internal::OpenRecord record(bytes, internal::Opcode::kChunk);
    internal::append(bytes, std::uint64_t{0});
    internal::append(bytes, std::uint64_t{100});
    internal::append(bytes, std::uint64_t{records.size()});
    internal::append(bytes, std::uint32_t{0});
    internal::append_text(bytes, "");
    internal::append(bytes, std::uint64_t{records.size()});
    internal::append_bytes(bytes, records);
  }
  void unknown_record(std::uint8_t opcode) {
    const internal::OpenRecord record(bytes, static_cast<internal::Opcode>(opcode));
    internal::append(bytes, std::uint64_t{1});
  }

  Bytes bytes;
};

TEST(ForeignFilesTest, MessagesOutsideChunksAreReadByTime) {
  Foreign file;
  file.channel(4);
  file.message(4, 30, "c");
  file.unknown_record(0x90);
  file.message(4, 10, "a");
  file.channel(0);
  file.message(0, 20, "b");
  internal::append_metadata(file.bytes, "m", {});
  file.message(4, 40, "d");
  internal::append_data_end(file.bytes);
  const Reader reader = reader_of(file.bytes);
  EXPECT_TRUE(reader.recovered());
  EXPECT_TRUE(reader.recovery()->lossless());
  std::string data;
  for (const Message& message : reader.messages()) {
    data += test::text_of(message.data);
  }
  EXPECT_EQ(data, "abcd");
  EXPECT_EQ(messages_of(reader, {.topics = {"/0"}}).size(), 1U);
}

TEST(ForeignFilesTest, RecordsThatMakeNoSenseAreLeftOutAndCounted) {
  Foreign file;
  file.channel(1);
  file.message(1, 1, "good");
  file.message(2, 2, "of no channel");
  file.message(1, ~std::uint64_t{0}, "after the end of time");
  internal::append_channel(file.bytes, {ChannelId{1}, kNoSchema, "/another", "json", {}});
  internal::append_channel(file.bytes, {ChannelId{3}, SchemaId{9}, "/of no schema", "json", {}});
  file.message(1, 5, "good");
  const Reader reader = reader_of(file.bytes);
  EXPECT_EQ(messages_of(reader).size(), 2U);
  EXPECT_EQ(reader.recovery()->broken_records, 4U);
  EXPECT_EQ(reader.channels().size(), 1U);
}

TEST(ForeignFilesTest, AChannelMayBeDescribedBehindItsMessages) {
  Foreign first;
  first.message(1, 5, "one");
  first.message(2, 6, "of no channel");
  Foreign second;
  second.channel(1);
  second.message(1, 7, "two");
  Foreign third;
  third.message(2, 8, "of no channel");
  Foreign file;
  file.chunk(first);
  file.chunk(second);
  file.chunk(third);
  internal::append_data_end(file.bytes);
  const Reader reader = reader_of(file.bytes);
  const auto messages = messages_of(reader);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].data, "one");
  EXPECT_EQ(messages[1].data, "two");
  EXPECT_EQ(reader.recovery()->broken_chunks, 2U);
  EXPECT_EQ(reader.statistics().messages, 2U);
  EXPECT_EQ(reader.statistics().last_log_time_ns, 7);
  EXPECT_FALSE(reader.recovery()->lossless());
}

// With a list that is searched for each message, or into whose front each is put, this takes minutes.
TEST(ForeignFilesTest, AsManyChannelsAsThereMayBeAreReadInAnyOrder) {
  constexpr std::uint16_t kLast = 0xFFFF;
  Foreign records;
  for (std::uint16_t id = kLast; id > 0; --id) {
    records.channel(id);
  }
  for (std::uint16_t id = kLast; id > 0; --id) {
    records.message(id, id, "");
    records.message(id, id, "");
  }
  Foreign file;
  file.chunk(records);
  internal::append_data_end(file.bytes);
  const Reader reader = reader_of(file.bytes);
  EXPECT_EQ(reader.statistics().messages, 2U * kLast);
  ASSERT_EQ(reader.channels().size(), kLast);
  EXPECT_TRUE(std::ranges::is_sorted(reader.channels(), {}, &Channel::id));
  EXPECT_EQ(reader.find(ChannelId{7})->topic, "/7");
  EXPECT_EQ(reader.find(ChannelId{0}), nullptr);
  Bytes out;
  const auto report = repair(std::make_unique<MemorySource>(file.bytes), std::make_unique<MemorySink>(out));
  EXPECT_EQ(report.kept.messages, 2U * kLast);
  EXPECT_EQ(reader_of(out).channels().size(), kLast);
}

// As a reader would refuse it; so that it, and a repair, get at the rest.
TEST(ForeignFilesTest, AMessageGreaterThanAllowedIsLeftOutAndSaidSo) {
  Foreign file;
  file.channel(1);
  for (const std::size_t size : {1'500U, 1'500U, 1'500U, 9'000U, 1'500U}) {
    file.message(1, size, std::string(size, 'x'));
  }
  constexpr ReaderOptions kSmall{.max_chunk_bytes = 4'000};
  const Reader reader = reader_of(file.bytes, kSmall);
  EXPECT_EQ(messages_of(reader).size(), 4U);
  EXPECT_EQ(reader.recovery()->broken_records, 1U);
  EXPECT_TRUE(reader.recovery()->first_loss.ends_with("more than the 4000 that are allowed"));
  Bytes out;
  const auto report = repair(std::make_unique<MemorySource>(file.bytes), std::make_unique<MemorySink>(out), kSmall);
  EXPECT_FALSE(report.lossless());
  EXPECT_EQ(messages_of(reader_of(out)).size(), 4U);
}

TEST(ForeignFilesTest, AnEndThatIsNoneEndsNothing) {
  for (const internal::Opcode opcode : {internal::Opcode::kDataEnd, internal::Opcode::kFooter}) {
    Foreign file;
    file.channel(1);
    file.unknown_record(static_cast<std::uint8_t>(opcode));
    file.message(1, 5, "behind it");
    internal::append_data_end(file.bytes);
    const Reader reader = reader_of(file.bytes);
    EXPECT_EQ(messages_of(reader).size(), 1U);
    EXPECT_EQ(reader.recovery()->broken_records, 1U);
    EXPECT_FALSE(reader.recovery()->lossless());
  }
}

TEST(ForeignFilesTest, ALongStretchOutsideChunksIsReadInPieces) {
  Foreign file;
  file.channel(1);
  for (std::uint64_t i = 0; i < 3000; ++i) {
    file.message(1, 3000 - i, std::string(1000, 'x'));
  }
  const Reader reader = reader_of(file.bytes);
  core::Nanoseconds before = 0;
  std::size_t count = 0;
  for (const Message& message : reader.messages()) {
    EXPECT_EQ(message.log_time_ns, before + 1);
    before = message.log_time_ns;
    ++count;
  }
  EXPECT_EQ(count, 3000U);
}

}  // namespace
}  // namespace takt::trajectory::mcap
