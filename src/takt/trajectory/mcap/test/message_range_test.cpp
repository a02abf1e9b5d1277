#include "takt/trajectory/mcap/message_range.hpp"

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::file_of;
using test::OwnMessage;
using test::reader_of;
using test::some_messages;

class MessageRangeTest : public ::testing::Test {
 protected:
  std::vector<OwnMessage> messages_ = some_messages(400);
  Bytes bytes_ = file_of(messages_, Compression::kZstd);
  Reader reader_{std::make_unique<MemorySource>(bytes_)};
};

TEST_F(MessageRangeTest, EndsAndStaysThere) {
  auto range = reader_.messages({.topics = {}, .from_ns = messages_[398].log_time_ns});
  EXPECT_NE(range.next(), nullptr);
  EXPECT_NE(range.next(), nullptr);
  EXPECT_EQ(range.next(), nullptr);
  EXPECT_EQ(range.next(), nullptr);
}

TEST_F(MessageRangeTest, SeeksToEveryMessageFromAnywhere) {
  auto range = reader_.messages();
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    const std::size_t at = i * 157 % messages_.size();
    range.seek(messages_[at].log_time_ns);
    const Message* message = range.next();
    ASSERT_NE(message, nullptr);
    EXPECT_EQ(message->sequence, at);
    range.seek(messages_[at].log_time_ns - 1);
    EXPECT_EQ(range.next()->sequence, at);
    range.seek(messages_[at].log_time_ns + 1);
    message = range.next();
    EXPECT_EQ(message == nullptr ? messages_.size() : message->sequence, at + 1);
  }
}

TEST_F(MessageRangeTest, SeeksWithinItsFilter) {
  auto range = reader_.messages(
      {.topics = {"/event"}, .from_ns = messages_[100].log_time_ns, .to_ns = messages_[200].log_time_ns});
  range.seek(0);
  EXPECT_EQ(range.next()->sequence, 109U);
  range.seek(messages_[150].log_time_ns);
  EXPECT_EQ(range.next()->sequence, 159U);
  range.seek(messages_[300].log_time_ns);
  EXPECT_EQ(range.next(), nullptr);
}

TEST_F(MessageRangeTest, TwoRangesOfOneReaderDoNotDisturbEachOther) {
  auto first = reader_.messages();
  auto second = reader_.messages({.topics = {"/b"}});
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(first.next()->sequence, i);
    EXPECT_EQ(second.next()->sequence % 2, 1U);
  }
}

TEST_F(MessageRangeTest, MovesWithItsPlace) {
  auto first = reader_.messages();
  static_cast<void>(first.next());
  auto second = std::move(first);
  EXPECT_EQ(second.next()->sequence, 1U);
}

TEST_F(MessageRangeTest, GoesOnWithForWhereItIs) {
  auto range = reader_.messages();
  range.seek(messages_[390].log_time_ns);
  std::uint32_t sequence = 390;
  for (const Message& message : range) {
    EXPECT_EQ(message.sequence, sequence++);
  }
  EXPECT_EQ(sequence, 400U);
}

}  // namespace
}  // namespace takt::trajectory::mcap
