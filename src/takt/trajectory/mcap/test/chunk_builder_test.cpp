#include "takt/trajectory/mcap/internal/chunk_builder.hpp"

#include <limits>
#include <span>
#include <stdexcept>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

constexpr ChannelId kFirst{1};
constexpr ChannelId kSecond{2};

/// With an entry of that channel, so many bytes of data that no memory holds them.
Message endless(ChannelId channel) {
  static constexpr std::byte kByte{};
  return {.channel = channel, .data = std::span(&kByte, std::numeric_limits<std::ptrdiff_t>::max())};
}

TEST(ChunkBuilderTest, AMessageForWhichThereIsNoMemoryIsInNoIndex) {
  ChunkBuilder builder(Compression::kNone, 1000);
  const test::Bytes data(10);
  builder.append_message(0, {.channel = kFirst, .log_time_ns = 7, .data = data});
  const std::size_t size = builder.size();
  EXPECT_THROW(builder.append_message(0, endless(kFirst)), std::length_error);
  EXPECT_THROW(builder.append_message(1, endless(kSecond)), std::length_error);
  EXPECT_EQ(builder.size(), size);
  const ChunkBuilder::Finished finished = builder.finish();
  ASSERT_EQ(finished.indexes.size(), 1U);
  EXPECT_EQ(finished.indexes[0].channel, kFirst);
  EXPECT_EQ(finished.index_length, kRecordHead + 2 + 4 + sizeof(IndexEntry));
  EXPECT_EQ(finished.start_ns, 7);
  EXPECT_EQ(finished.end_ns, 7);
}

}  // namespace
}  // namespace takt::trajectory::mcap::internal
