#include "takt/trajectory/mcap/internal/compression.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

Bytes repeating(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i % 17);
  }
  return bytes;
}

class CompressionTest : public ::testing::TestWithParam<Compression> {
 protected:
  [[nodiscard]] Bytes compressed(ByteView bytes) {
    const ByteView made = compressor_.compress(bytes);
    return {made.begin(), made.end()};
  }
  [[nodiscard]] Expected<Buffer, std::string> decompressed(ByteView bytes, std::uint64_t size) {
    return decompressor_.decompress(GetParam(), bytes, size);
  }

  Compressor compressor_{GetParam()};
  Decompressor decompressor_;
};

INSTANTIATE_TEST_SUITE_P(Compressions, CompressionTest, ::testing::Values(Compression::kLz4, Compression::kZstd),
                         [](const auto& info) { return to_text(info.param); });

TEST_P(CompressionTest, GivesBackWhatItGot) {
  for (const std::size_t size : {100UL, 4096UL, 1UL << 20U, 5'000'000UL}) {
    const Bytes bytes = repeating(size);
    const Bytes packed = compressed(bytes);
    ASSERT_FALSE(packed.empty());
    EXPECT_LT(packed.size(), size);
    const auto out = decompressed(packed, size);
    ASSERT_TRUE(out.has_value()) << out.error();
    EXPECT_TRUE(std::ranges::equal(out->view(), bytes));
  }
}

TEST_P(CompressionTest, WhatDoesNotGetSmallerIsNotCompressed) {
  std::mt19937 random(3);
  Bytes noise(1000);
  for (std::byte& byte : noise) {
    byte = static_cast<std::byte>(random());
  }
  EXPECT_TRUE(compressed(noise).empty());
  EXPECT_TRUE(compressed({}).empty());
}

TEST_P(CompressionTest, ASizeThatIsNotTheirsIsRefused) {
  const Bytes bytes = repeating(100'000);
  const Bytes packed = compressed(bytes);
  for (const std::uint64_t size : {0UL, 1UL, 99'999UL, 100'001UL, 1UL << 40U}) {
    EXPECT_FALSE(decompressed(packed, size).has_value()) << size;
  }
}

TEST_P(CompressionTest, ALyingSizeCostsNoMemoryToSpeakOf) {
  const Bytes packed = compressed(repeating(100'000));
  static_cast<void>(decompressed(packed, 100'000));  // its own memory is there
  const takt::testing::AllocationGuard guard;
  EXPECT_FALSE(decompressed(packed, std::uint64_t{1} << 40U).has_value());
  EXPECT_LT(guard.bytes(), 4U << 20U);
}

TEST_P(CompressionTest, WhatCompressesVeryWellIsGivenRoomAsItComes) {
  const Bytes zeros(20'000'000);
  const Bytes packed = compressed(zeros);
  const auto out = decompressed(packed, zeros.size());
  ASSERT_TRUE(out.has_value()) << out.error();
  EXPECT_TRUE(std::ranges::equal(out->view(), zeros));
}

TEST_P(CompressionTest, DamagedAndCutDataAreRefusedAndLeaveItUsable) {
  const Bytes bytes = repeating(10'000);
  const Bytes packed = compressed(bytes);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(decompressed(ByteView(packed).first(size), bytes.size()).has_value()) << size;
  }
  for (std::size_t at = 0; at < packed.size(); ++at) {
    Bytes damaged = packed;
    damaged[at] ^= std::byte{0x55};
    static_cast<void>(decompressed(damaged, bytes.size()));  // a chunk's CRC says whether it is the same
  }
  EXPECT_TRUE(decompressed(packed, bytes.size()).has_value());
}

TEST(NoCompressionTest, CompressesNothing) {
  EXPECT_TRUE(Compressor(Compression::kNone).compress(repeating(1000)).empty());
}

}  // namespace
}  // namespace takt::trajectory::mcap::internal
