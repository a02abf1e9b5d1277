#include "takt/trajectory/mcap/reader.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::bytes_of;
using test::file_of;
using test::messages_of;
using test::OwnMessage;
using test::reader_of;
using test::some_messages;

std::vector<OwnMessage> only(const std::vector<OwnMessage>& messages, auto wanted) {
  std::vector<OwnMessage> some;
  std::ranges::copy_if(messages, std::back_inserter(some), wanted);
  return some;
}

TEST(ReaderTest, SelectsByTopic) {
  const auto messages = some_messages(300);
  const Bytes bytes = file_of(messages, Compression::kZstd);
  const Reader reader = reader_of(bytes);
  EXPECT_EQ(messages_of(reader, {.topics = {"/event"}}),
            only(messages, [](const auto& message) { return message.topic == "/event"; }));
  EXPECT_EQ(messages_of(reader, {.topics = {"/event", "/a"}}),
            only(messages, [](const auto& message) { return message.topic != "/b"; }));
  EXPECT_TRUE(messages_of(reader, {.topics = {"/missing"}}).empty());
}

TEST(ReaderTest, SelectsByTimeBothEndsIncluded) {
  const auto messages = some_messages(300);
  const Bytes bytes = file_of(messages, Compression::kLz4);
  const Reader reader = reader_of(bytes);
  for (const auto& [from, to] : {std::pair{0, 299}, {17, 203}, {100, 100}, {299, 299}, {0, 0}}) {
    const Filter filter{.topics = {},
                        .from_ns = messages[static_cast<std::size_t>(from)].log_time_ns,
                        .to_ns = messages[static_cast<std::size_t>(to)].log_time_ns};
    EXPECT_EQ(messages_of(reader, filter), std::vector(messages.begin() + from, messages.begin() + to + 1));
  }
  EXPECT_TRUE(messages_of(reader, {.from_ns = messages.back().log_time_ns + 1}).empty());
  EXPECT_TRUE(messages_of(reader, {.to_ns = messages.front().log_time_ns - 1}).empty());
  EXPECT_TRUE(messages_of(reader, {.from_ns = messages[5].log_time_ns, .to_ns = messages[4].log_time_ns}).empty());
}

TEST(ReaderTest, ReadsTheChunkOfAMomentAndNoOther) {
  const auto messages = some_messages(5000);
  const Bytes bytes = file_of(messages, Compression::kNone);
  test::Reads reads;
  const Reader reader(std::make_unique<test::WatchedSource>(bytes, reads));
  reads = {};
  auto range = reader.messages({.topics = {}, .from_ns = messages[3210].log_time_ns});
  ASSERT_NE(range.next(), nullptr);
  EXPECT_LT(reads.total, 3000U) << "of " << bytes.size();
  reads = {};
  range.seek(messages[3211].log_time_ns);
  ASSERT_NE(range.next(), nullptr);
  EXPECT_EQ(reads.total, 0U) << "the chunk was decoded before";
}

TEST(ReaderTest, PassesOverChunksWithoutTheTopic) {
  std::vector<OwnMessage> messages;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    messages.push_back({i == 1000 ? "/event" : "/a", i, i, 0, std::string(40, 'x')});
  }
  const Bytes bytes = file_of(messages, Compression::kNone);
  test::Reads reads;
  const Reader reader(std::make_unique<test::WatchedSource>(bytes, reads));
  reads = {};
  EXPECT_EQ(messages_of(reader, {.topics = {"/event"}}).size(), 1U);
  EXPECT_LT(reads.total, 3000U) << "of " << bytes.size();
}

TEST(ReaderTest, KeepsNoMoreThanItsCacheAndAChunk) {
  const auto messages = some_messages(3000);
  const Bytes bytes = file_of(messages, Compression::kNone);
  test::Reads reads;
  const Reader reader(std::make_unique<test::WatchedSource>(bytes, reads), {.cache_bytes = 1});
  EXPECT_EQ(messages_of(reader), messages);
  reads = {};
  auto range = reader.messages({.topics = {}, .from_ns = messages[10].log_time_ns});
  static_cast<void>(range.next());
  EXPECT_GT(reads.total, 0U) << "it was not kept";
}

TEST(ReaderTest, ReadsMetadataAndAttachments) {
  const Bytes bytes = file_of(some_messages(30), Compression::kZstd);
  const Reader reader = reader_of(bytes);
  EXPECT_EQ(reader.metadata(), (std::vector<Metadata>{{"about", {{"task", "pick"}, {"", "empty key"}}}}));
  ASSERT_EQ(reader.attachments().size(), 1U);
  EXPECT_EQ(reader.attachments()[0].name, "robot.toml");
  EXPECT_EQ(reader.attachments()[0].size, 6U);
  EXPECT_EQ(reader.attachment(reader.attachments()[0]),
            (Attachment{10, 20, "robot.toml", "text/plain", bytes_of("x = 1\n")}));
}

TEST(ReaderTest, OpensAFileByItsPath) {
  const test::OwnFolder folder;
  const auto messages = some_messages(50);
  {
    Writer writer(std::make_unique<FileSink>(folder / "a.mcap"));
    test::SomeFile(writer).write(messages);
    writer.close();
  }
  const Reader reader(folder / "a.mcap");
  EXPECT_EQ(reader.name(), (folder / "a.mcap").string());
  EXPECT_EQ(messages_of(reader), messages);
}

TEST(ReaderTest, RefusesWhatIsNoMcapFile) {
  const test::OwnFolder folder;
  EXPECT_THROW(Reader(folder / "missing"), ConfigError);
  for (const char* text : {"", "MCAP", "a,b,c\n1,2,3\n", "PAR1PAR1PAR1"}) {
    EXPECT_THROW(static_cast<void>(reader_of(bytes_of(text))), ConfigError) << text;
  }
  EXPECT_THROW(Reader(std::unique_ptr<Source>()), LogicError);
}

// Every bit: what is delivered is what was written, or it is said to be damaged.
TEST(ReaderTest, NoFlippedBitChangesAMessageUnseen) {
  const auto messages = some_messages(40);
  for (const Compression compression : {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    const Bytes bytes = file_of(messages, compression);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      Bytes damaged = bytes;
      damaged[at] ^= std::byte{0x10};
      try {
        const Reader reader = reader_of(damaged);
        const auto read = messages_of(reader);
        ASSERT_TRUE(std::ranges::includes(messages, read, {}, &OwnMessage::sequence, &OwnMessage::sequence)) << at;
        for (const OwnMessage& message : read) {
          ASSERT_EQ(message, messages[message.sequence]) << at;
        }
        if (read.size() != messages.size()) {
          ASSERT_TRUE(reader.recovered()) << at;
          ASSERT_FALSE(reader.recovery()->lossless()) << at;
        }
      } catch (const ConfigError& error) {
        ASSERT_NE(std::string_view(error.what()).find("test.mcap"), std::string_view::npos) << error.what();
      }
    }
  }
}

TEST(ReaderTest, ADamagedChunkIsNamedWithWhatHelps) {
  Bytes bytes = file_of(some_messages(40), Compression::kNone);
  bytes[600] ^= std::byte{1};
  const Reader reader = reader_of(bytes);
  EXPECT_FALSE(reader.recovered());
  try {
    static_cast<void>(messages_of(reader));
    FAIL();
  } catch (const ConfigError& error) {
    const std::string_view what = error.what();
    EXPECT_NE(what.find("CRC"), std::string_view::npos) << what;
    EXPECT_NE(what.find("takt traj repair"), std::string_view::npos) << what;
    EXPECT_EQ(what.find('\n'), std::string_view::npos);
  }
}

TEST(ReaderTest, AChunkGreaterThanAllowedIsRefused) {
  const Bytes bytes = file_of({{"/a", 0, 1, 1, std::string(100'000, 'x')}}, Compression::kZstd);
  const Reader reader = reader_of(bytes, {.max_chunk_bytes = 50'000});
  EXPECT_THROW(static_cast<void>(messages_of(reader)), ConfigError);
}

}  // namespace
}  // namespace takt::trajectory::mcap
