// Chunks that overlap in time, more than a reader keeps.

#include <memory>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;

constexpr int kEach = 200;
constexpr std::size_t kData = 1000;

/// `chunks` chunks of 200 messages and about 200 KB, whose messages take turns.
Bytes file_of_turns(int chunks) {
  Bytes bytes;
  Writer writer(test::memory_sink(bytes), {.compression = Compression::kNone, .chunk_bytes = kMegabyte});
  const ChannelId channel = writer.add_channel(kNoSchema, "/a", "");
  for (int chunk = 0; chunk < chunks; ++chunk) {
    for (int i = 0; i < kEach; ++i) {
      const int time = i * chunks + chunk;
      writer.write(channel, static_cast<std::uint32_t>(time), time, time, Bytes(kData));
    }
    writer.flush();
  }
  writer.close();
  return bytes;
}

TEST(OverlapTest, ChunksAreDecodedOnceWhereTheyFit) {
  const Bytes bytes = file_of_turns(4);
  test::Reads reads;
  const Reader reader(std::make_unique<test::WatchedSource>(bytes, reads),
                      {.cache_bytes = 1, .overlap_bytes = 1, .max_chunk_bytes = kMegabyte});
  EXPECT_EQ(test::messages_of(reader).size(), 4U * kEach);
  EXPECT_LE(reads.total, 3 * bytes.size());
}

TEST(OverlapTest, MoreThatOverlapAreReadSlowlyAndNotForEver) {
  const Bytes bytes = file_of_turns(8);
  test::Reads reads;
  const Reader reader(std::make_unique<test::WatchedSource>(bytes, reads),
                      {.cache_bytes = 1, .overlap_bytes = 1, .max_chunk_bytes = kMegabyte});
  try {
    static_cast<void>(test::messages_of(reader));
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_TRUE(std::string(error.what()).contains("chunks that overlap in time")) << error.what();
  }
  EXPECT_LE(reads.total, 100 * bytes.size());
}

TEST(OverlapTest, HowManyMayOverlapHasNothingToDoWithTheCache) {
  const Bytes bytes = file_of_turns(8);
  test::Reads reads;
  const Reader reader(std::make_unique<test::WatchedSource>(bytes, reads),
                      {.cache_bytes = 1, .max_chunk_bytes = kMegabyte});
  EXPECT_EQ(test::messages_of(reader).size(), 8U * kEach);
  EXPECT_LE(reads.total, 3 * bytes.size());
}

}  // namespace
}  // namespace takt::trajectory::mcap
