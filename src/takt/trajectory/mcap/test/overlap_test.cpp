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

/// Counts what is read.
class CountedSource final : public Source {
 public:
  CountedSource(const Bytes& bytes, std::uint64_t& read) : memory_(bytes, "test.mcap"), read_(&read) {}

  [[nodiscard]] const std::string& name() const noexcept override { return memory_.name(); }
  [[nodiscard]] std::uint64_t size() const noexcept override { return memory_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> into) override {
    *read_ += into.size();
    memory_.read(offset, into);
  }

 private:
  MemorySource memory_;
  std::uint64_t* read_;
};

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
  std::uint64_t read = 0;
  const Reader reader(std::make_unique<CountedSource>(bytes, read), {.cache_bytes = 1, .max_chunk_bytes = kMegabyte});
  EXPECT_EQ(test::messages_of(reader).size(), 4U * kEach);
  EXPECT_LE(read, 3 * bytes.size());
}

TEST(OverlapTest, MoreThatOverlapAreReadSlowlyAndNotForEver) {
  const Bytes bytes = file_of_turns(8);
  std::uint64_t read = 0;
  const Reader reader(std::make_unique<CountedSource>(bytes, read), {.cache_bytes = 1, .max_chunk_bytes = kMegabyte});
  try {
    static_cast<void>(test::messages_of(reader));
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_TRUE(std::string(error.what()).contains("chunks that overlap in time")) << error.what();
  }
  EXPECT_LE(read, 100 * bytes.size());
  const Reader greater(std::make_unique<MemorySource>(bytes), {.cache_bytes = 2 * kMegabyte});
  EXPECT_EQ(test::messages_of(greater).size(), 8U * kEach) << "with a greater cache";
}

}  // namespace
}  // namespace takt::trajectory::mcap
