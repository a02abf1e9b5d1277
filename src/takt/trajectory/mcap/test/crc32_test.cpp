#include "takt/trajectory/mcap/internal/crc32.hpp"

#include <random>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace takt::trajectory::mcap::internal {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// By the definition: bit by bit.
std::uint32_t by_definition(std::span<const std::byte> bytes) {
  std::uint32_t remainder = 0xFFFFFFFF;
  for (const std::byte byte : bytes) {
    remainder ^= static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return ~remainder;
}

std::vector<std::byte> random_bytes(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(random());
  }
  return bytes;
}

TEST(Crc32Test, IsThatOfTheSpecification) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xCBF43926U);
  EXPECT_EQ(crc32_by_tables(bytes_of("123456789")), 0xCBF43926U);
  EXPECT_EQ(crc32({}), 0U);
}

TEST(Crc32Test, BothWaysAreTheDefinitionForEveryLengthAndAlignment) {
  const std::vector<std::byte> bytes = random_bytes(1600);
  for (std::size_t start = 0; start < 17; ++start) {
    for (std::size_t size = 0; start + size <= 1600; ++size) {
      const auto part = std::span(bytes).subspan(start, size);
      const std::uint32_t expected = by_definition(part);
      ASSERT_EQ(crc32(part), expected) << start << ", " << size;
      ASSERT_EQ(crc32_by_tables(part), expected) << start << ", " << size;
    }
  }
}

TEST(Crc32Test, GoesOnWhereItStopped) {
  const std::vector<std::byte> bytes = random_bytes(100'000);
  const std::uint32_t whole = by_definition(bytes);
  for (const std::size_t cut : {0UL, 1UL, 63UL, 64UL, 65'536UL, 99'999UL, 100'000UL}) {
    EXPECT_EQ(crc32(std::span(bytes).subspan(cut), crc32(std::span(bytes).first(cut))), whole) << cut;
    EXPECT_EQ(crc32_by_tables(std::span(bytes).subspan(cut), crc32_by_tables(std::span(bytes).first(cut))), whole);
  }
}

}  // namespace
}  // namespace takt::trajectory::mcap::internal
