// What a small file may make a reader keep.

#include <string>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::reader_of;

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;

/// A schema of 4 MiB in each of 20 chunks, which compress to nothing.
Bytes file_of_great_schemas() {
  Bytes bytes;
  Writer writer(test::memory_sink(bytes), {.compression = Compression::kZstd});
  const std::string zeros(4 * kMegabyte, '\0');
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(i);
    const ChannelId channel = writer.add_channel(writer.add_schema(name, "", zeros), "/" + name, "");
    writer.write(channel, 1, i, i, {});
    writer.flush();
  }
  writer.close();
  return bytes;
}

TEST(LimitsTest, SchemasTogetherAreBounded) {
  const Bytes whole = file_of_great_schemas();
  const Bytes killed(whole.begin(), whole.end() - 8);
  for (const Bytes& bytes : {whole, killed}) {
    const Reader reader = reader_of(bytes);
    std::size_t held = 0;
    for (const Schema& schema : reader.schemas()) {
      held += schema.data.size();
    }
    EXPECT_LE(held, 64 * kMegabyte);
    EXPECT_GE(held, 48 * kMegabyte);
    ASSERT_TRUE(reader.recovered());
    EXPECT_FALSE(reader.recovery()->lossless());
    EXPECT_EQ(reader.recovery()->broken_chunks, 20 - reader.schemas().size());
    EXPECT_EQ(test::messages_of(reader).size(), reader.schemas().size());
  }
}

TEST(LimitsTest, AChannelsMetadataCountAmongThem) {
  Bytes bytes;
  {
    Writer writer(test::memory_sink(bytes), {.compression = Compression::kZstd});
    for (int i = 0; i < 20; ++i) {
      const ChannelId channel =
          writer.add_channel(kNoSchema, "/" + std::to_string(i), "", {{"", std::string(4 * kMegabyte, '\0')}});
      writer.write(channel, 1, i, i, {});
      writer.flush();
    }
    writer.close();
  }
  const Reader reader = reader_of(bytes);
  EXPECT_LE(reader.channels().size(), 16U);
  EXPECT_EQ(reader.recovery().value().broken_chunks, 20 - reader.channels().size());
}

}  // namespace
}  // namespace takt::trajectory::mcap
