#include "takt/trajectory/mcap/writer.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::bytes_of;
using test::file_of;
using test::memory_sink;
using test::messages_of;
using test::OwnMessage;
using test::reader_of;
using test::some_messages;

class WriterTest : public ::testing::TestWithParam<Compression> {};

INSTANTIATE_TEST_SUITE_P(Compressions, WriterTest,
                         ::testing::Values(Compression::kNone, Compression::kLz4, Compression::kZstd),
                         [](const auto& info) { return *to_text(info.param) == '\0' ? "none" : to_text(info.param); });

TEST_P(WriterTest, WhatIsWrittenIsRead) {
  const auto messages = some_messages(500);
  const Bytes bytes = file_of(messages, GetParam());
  const Reader reader = reader_of(bytes);
  EXPECT_FALSE(reader.recovered());
  EXPECT_EQ(messages_of(reader), messages);
  EXPECT_EQ(reader.statistics().messages, 500U);
  EXPECT_GT(reader.statistics().chunks, 10U);
}

TEST_P(WriterTest, DescribesItsChannelsAndSchemas) {
  const Bytes bytes = file_of(some_messages(20), GetParam());
  const Reader reader = reader_of(bytes);
  ASSERT_EQ(reader.schemas().size(), 2U);
  ASSERT_EQ(reader.channels().size(), 3U);
  const Channel* a = reader.find_topic("/a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->message_encoding, "cdr");
  EXPECT_EQ(a->metadata, (std::map<std::string, std::string>{{"robot", "fr3"}, {"kind", "sent"}}));
  const Schema* state = reader.find(a->schema);
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state->name, "takt/msg/State");
  EXPECT_EQ(state->encoding, "ros2msg");
  EXPECT_EQ(state->data, bytes_of("float64[] q\n"));
}

TEST_P(WriterTest, DataThatDoNotCompressAreStoredAndRead) {
  std::mt19937 random(1);
  std::string noise(5000, '\0');
  for (char& c : noise) {
    c = static_cast<char>(random());
  }
  const std::vector<OwnMessage> messages{{"/a", 1, 5, 5, noise}};
  const Bytes bytes = file_of(messages, GetParam());
  EXPECT_LT(bytes.size(), noise.size() + 3000);
  EXPECT_EQ(messages_of(reader_of(bytes)), messages);
}

TEST_P(WriterTest, AMessageMayBeEmptyOrLongerThanAChunk) {
  const std::vector<OwnMessage> messages{{"/a", 0, 1, 0, ""},
                                         {"/b", 1, 2, 0, std::string(300'000, 'y')},
                                         {"/a", 2, 3, std::numeric_limits<core::Nanoseconds>::max(), "z"}};
  EXPECT_EQ(messages_of(reader_of(file_of(messages, GetParam()))), messages);
}

TEST(WriterOrderTest, MessagesWhoseTimesFallAreReadByTime) {
  auto messages = some_messages(300);
  auto shuffled = messages;
  std::mt19937 random(7);
  for (std::size_t i = 0; i + 40 < shuffled.size(); i += 40) {  // within and across chunks
    std::shuffle(shuffled.begin() + static_cast<std::ptrdiff_t>(i),
                 shuffled.begin() + static_cast<std::ptrdiff_t>(i) + 60, random);
  }
  EXPECT_EQ(messages_of(reader_of(file_of(shuffled, Compression::kNone))), messages);
}

TEST(WriterOrderTest, MessagesOfOneTimeKeepTheirOrder) {
  std::vector<OwnMessage> messages;
  for (std::uint32_t i = 0; i < 200; ++i) {
    messages.push_back({i % 3 == 0 ? "/a" : "/b", i, 42, 0, std::string(50, 'x')});
  }
  EXPECT_EQ(messages_of(reader_of(file_of(messages, Compression::kZstd))), messages);
}

TEST(WriterBytesTest, AMessageHasTheBytesOfTheFormatsPage) {
  Bytes bytes;
  Writer writer(memory_sink(bytes), {.compression = Compression::kNone});
  writer.write(writer.add_channel(kNoSchema, "/t", "json"), 7, 1'500'000'000, 1'500'000'000, bytes_of("{}"));
  writer.close();
  constexpr auto kRecord =
      std::to_array<unsigned char>({0x05, 0x18, 0, 0, 0, 0, 0, 0,    0,    0x01, 0, 0x07, 0, 0, 0,    0,   0x2F,
                                    0x68, 0x59, 0, 0, 0, 0, 0, 0x2F, 0x68, 0x59, 0, 0,    0, 0, 0x7B, 0x7D});
  EXPECT_FALSE(std::ranges::search(bytes, std::as_bytes(std::span(kRecord))).empty());
}

TEST(WriterFlushTest, WhatIsFlushedIsInTheFileAtOnce) {
  Bytes bytes;
  Writer writer(memory_sink(bytes), {.compression = Compression::kLz4});
  test::SomeFile file(writer);
  const auto messages = some_messages(10);
  file.write(messages);
  EXPECT_EQ(reader_of(bytes).statistics().messages, 0U);
  writer.flush();
  const std::size_t flushed = bytes.size();
  const Reader reader = reader_of(bytes);
  EXPECT_TRUE(reader.recovered());
  EXPECT_EQ(messages_of(reader), messages);
  writer.flush();
  EXPECT_EQ(bytes.size(), flushed) << "nothing new is nothing written";
}

TEST(WriterFlushTest, AttachmentsAndMetadataAreInTheFileAtOnceBehindWhatWasBefore) {
  Bytes bytes;
  Writer writer(memory_sink(bytes));
  test::SomeFile(writer).write(some_messages(5));
  writer.add_metadata("about", {{"task", "pick"}});
  EXPECT_EQ(reader_of(bytes).statistics().messages, 5U);
  writer.attach({1, 2, "name", "type", bytes_of("data")});
  const Reader reader = reader_of(bytes);
  ASSERT_EQ(reader.attachments().size(), 1U);
  EXPECT_EQ(reader.metadata(), (std::vector<Metadata>{{"about", {{"task", "pick"}}}}));
}

TEST(WriterFlushTest, AnEmptyFileIsAWholeFile) {
  Bytes bytes;
  Writer(memory_sink(bytes), {.profile = "ros2", .library = "me"}).close();
  const Reader reader = reader_of(bytes);
  EXPECT_FALSE(reader.recovered());
  EXPECT_EQ(reader.statistics(), Statistics{});
  EXPECT_EQ(reader.profile(), "ros2");
  EXPECT_EQ(reader.library(), "me");
  EXPECT_TRUE(messages_of(reader).empty());
}

TEST(WriterFlushTest, TheDestructorCloses) {
  Bytes bytes;
  {
    Writer writer(memory_sink(bytes));
    test::SomeFile(writer).write(some_messages(5));
  }
  EXPECT_FALSE(reader_of(bytes).recovered());
}

TEST(WriterUseTest, TheSameSchemaOrChannelGetsTheSameNumber) {
  Bytes bytes;
  Writer writer(memory_sink(bytes));
  const SchemaId schema = writer.add_schema("s", "jsonschema", "{}");
  EXPECT_EQ(writer.add_schema("s", "jsonschema", "{}"), schema);
  EXPECT_NE(writer.add_schema("s", "jsonschema", "{ }"), schema);
  const ChannelId channel = writer.add_channel(schema, "/t", "json");
  EXPECT_EQ(writer.add_channel(schema, "/t", "json"), channel);
  EXPECT_NE(writer.add_channel(schema, "/t", "json", {{"robot", "a"}}), channel);
  EXPECT_NE(writer.add_channel(kNoSchema, "/t", "json"), channel);
}

TEST(WriterUseTest, RefusesWhatIsNotThereOrCannotBe) {
  Bytes bytes;
  Writer writer(memory_sink(bytes));
  EXPECT_THROW(static_cast<void>(writer.add_channel(SchemaId{1}, "/t", "json")), LogicError);
  const ChannelId channel = writer.add_channel(kNoSchema, "/t", "json");
  EXPECT_THROW(writer.write(ChannelId{0}, 0, 0, 0, {}), LogicError);
  EXPECT_THROW(writer.write(ChannelId{2}, 0, 0, 0, {}), LogicError);
  EXPECT_THROW(writer.write(channel, 0, -1, 0, {}), LogicError);
  EXPECT_THROW(writer.write(channel, 0, 0, -1, {}), LogicError);
  writer.close();
  writer.close();
  EXPECT_THROW(writer.write(channel, 0, 0, 0, {}), LogicError);
  EXPECT_THROW(Writer(nullptr), LogicError);
  EXPECT_THROW(Writer(memory_sink(bytes), {.chunk_bytes = 0}), LogicError);
}

TEST(WriterUseTest, CountsWhatItDoes) {
  Bytes bytes;
  Writer writer(memory_sink(bytes), {.compression = Compression::kNone});
  const ChannelId channel = writer.add_channel(kNoSchema, "/t", "json");
  writer.write(channel, 0, 0, 0, bytes_of("12345"));
  writer.close();
  EXPECT_EQ(writer.statistics().messages, 1U);
  EXPECT_EQ(writer.statistics().chunks, 1U);
  EXPECT_EQ(writer.statistics().message_bytes, 5U);
  EXPECT_EQ(writer.statistics().bytes, bytes.size());
}

/// Fails from one write on.
class FullSink final : public Sink {
 public:
  FullSink(Bytes& bytes, int writes) : bytes_(bytes), writes_(writes) {}
  void write(Parts parts) override {
    if (writes_-- <= 0) {
      throw SystemError("cannot write test.mcap", ENOSPC);
    }
    bytes_.write(parts);
  }
  void sync() override {}

 private:
  MemorySink bytes_;
  int writes_;
};

TEST(WriterFailureTest, AFullDiskEndsTheWritingAndLeavesWhatWasWritten) {
  Bytes bytes;
  Writer writer(std::make_unique<FullSink>(bytes, 4), {.chunk_bytes = 1024});  // the header and three chunks
  test::SomeFile file(writer);
  const auto messages = some_messages(500);
  EXPECT_THROW(file.write(messages), SystemError);
  try {
    writer.flush();
    FAIL();
  } catch (const SystemError& error) {
    EXPECT_NE(std::string(error.what()).find("No space left"), std::string::npos) << error.what();
  }
  EXPECT_THROW(writer.close(), SystemError);
  const Reader reader = reader_of(bytes);
  EXPECT_EQ(reader.statistics().chunks, 3U);
  const auto kept = messages_of(reader);
  EXPECT_TRUE(std::equal(kept.begin(), kept.end(), messages.begin()));
}

TEST(WriterFailureTest, AHeaderThatCannotBeWrittenIsSaidAtOnce) {
  Bytes bytes;
  EXPECT_THROW(Writer(std::make_unique<FullSink>(bytes, 0)), SystemError);
}

/// Which of 200 chunks, each with a message of "/a" and from the 70th on one of "/late", describe each channel.
std::map<std::string, std::vector<int>> chunks_that_describe() {
  std::map<std::string, std::vector<int>> chunks;
  Bytes bytes;
  Writer writer(test::memory_sink(bytes), {.compression = Compression::kNone});
  const ChannelId first = writer.add_channel(kNoSchema, "/a", "json");
  const ChannelId late = writer.add_channel(kNoSchema, "/late", "json");
  for (int chunk = 0; chunk < 200; ++chunk) {
    const std::size_t before = bytes.size();
    writer.write(first, 0, chunk, chunk, {});
    if (chunk >= 70) {
      writer.write(late, 0, chunk, chunk, {});
    }
    writer.flush();
    const Bytes added(bytes.begin() + static_cast<std::ptrdiff_t>(before), bytes.end());
    for (const char* topic : {"/a", "/late"}) {
      if (test::text_of(added).contains(topic)) {
        chunks[topic].push_back(chunk);
      }
    }
  }
  return chunks;
}

TEST(WriterRepetitionTest, DefinitionsAreSaidAgainNowAndThenAndInTheChunkAfterTheirFirst) {
  const auto chunks = chunks_that_describe();
  EXPECT_EQ(chunks.at("/a"), (std::vector<int>{0, 1, 2, 4, 8, 16, 32, 64, 71, 128, 192}));
  EXPECT_EQ(chunks.at("/late"), (std::vector<int>{70, 71, 128, 192}));
}

// What a recorder does all day: once the buffers have their size, nothing is allocated but the index of the summary.
TEST(WriterAllocationTest, AMessageAllocatesNothingOnceTheBuffersHaveTheirSize) {
  class NoSink final : public Sink {
   public:
    void write(Parts /*parts*/) override {}
    void sync() override {}
  };
  Writer writer(std::make_unique<NoSink>(), {.compression = Compression::kNone, .chunk_bytes = 64 * 1024});
  const ChannelId channel = writer.add_channel(kNoSchema, "/t", "json");
  const std::array<std::byte, 100> data{};
  for (int i = 0; i < 5000; ++i) {
    writer.write(channel, 0, i, i, data);
  }
  writer.flush();
  const testing::AllocationGuard guard;
  for (int i = 0; i < 100; ++i) {
    writer.write(channel, 0, i, i, data);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::trajectory::mcap
