#include "takt/bus/wire.hpp"

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

TEST(WireTest, NumbersAreLittleEndianAndComeBack) {
  std::vector<std::byte> bytes;
  WireWriter writer(bytes);
  writer.number(std::uint32_t{0x01020304});
  writer.number(std::uint8_t{5});
  writer.text("ab");
  writer.array(std::array<std::uint8_t, 2>{9, 8});
  EXPECT_EQ(bytes.front(), std::byte{4});

  WireReader reader(bytes);
  EXPECT_EQ(reader.number<std::uint32_t>(), 0x01020304);
  EXPECT_EQ(reader.number<std::uint8_t>(), 5);
  EXPECT_EQ(reader.text(2), "ab");
  EXPECT_EQ(reader.array<2>(), (std::array<std::uint8_t, 2>{9, 8}));
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.rest().empty());
}

TEST(WireTest, WhatIsNotThereReadsAsNothingAndIsNotOk) {
  const std::vector<std::byte> bytes(3, std::byte{1});
  WireReader reader(bytes);
  EXPECT_EQ(reader.number<std::uint64_t>(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.number<std::uint8_t>(), 0) << "nothing is read after a failure";
  EXPECT_EQ(reader.text(1), "");
}

}  // namespace
}  // namespace takt::bus
