#include "takt/transports/zmq/internal/parcel.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

bus::Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(bus::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// As on the formats page.
Parcel example() {
  Parcel parcel;
  parcel.add(7, 1000, bytes_of("ab"));
  parcel.add(8, 1000 + 0x01020304, bytes_of(""));
  parcel.add(9, 1001, bytes_of("c"));
  return parcel;
}

TEST(ParcelTest, TheExampleOfTheFormatsPageIsWrittenAsItStandsThere) {
  const Parcel parcel = example();
  EXPECT_EQ(text_of(parcel.bytes()), std::string("\2\0\0\0\0\0ab\0\0\4\3\2\1\1\0\1\0\0\0c", 21));
  EXPECT_EQ(parcel.count(), 3);
  EXPECT_EQ(parcel.sequence(), 7);
  EXPECT_EQ(parcel.clock(), 1000);
  EXPECT_EQ(parcel.message_bytes(), 3);
  EXPECT_EQ(text_of(parcel.front()), "ab");
}

TEST(ParcelTest, WhatIsPackedIsUnpacked) {
  const Parcel parcel = example();
  std::vector<Packed> unpacked(5);  // what was there is replaced
  ASSERT_TRUE(read_parcel(parcel.bytes(), unpacked));
  ASSERT_EQ(unpacked.size(), 3);
  EXPECT_EQ(text_of(unpacked[0].bytes), "ab");
  EXPECT_EQ(text_of(unpacked[1].bytes), "");
  EXPECT_EQ(text_of(unpacked[2].bytes), "c");
  EXPECT_EQ(unpacked[0].later_ns, 0);
  EXPECT_EQ(unpacked[1].later_ns, 0x01020304);
  EXPECT_EQ(unpacked[2].later_ns, 1);
}

TEST(ParcelTest, TakesWhatIsSmallAndNextAndNotEarlierThanTheFirst) {
  Parcel parcel;
  EXPECT_FALSE(parcel.takes(1, 1000, kMaxSmallBytes + 1));
  EXPECT_TRUE(parcel.takes(1, 1000, kMaxSmallBytes));
  parcel.add(1, 1000, bytes_of("a"));
  EXPECT_TRUE(parcel.takes(2, 1000, 1));
  EXPECT_FALSE(parcel.takes(1, 1000, 1));
  EXPECT_FALSE(parcel.takes(3, 1000, 1));
  EXPECT_FALSE(parcel.takes(2, 999, 1));
  EXPECT_TRUE(parcel.takes(2, 1000 + std::uint64_t{UINT32_MAX}, 1));
  EXPECT_FALSE(parcel.takes(2, 1001 + std::uint64_t{UINT32_MAX}, 1));
  parcel.clear();
  EXPECT_TRUE(parcel.is_empty());
  EXPECT_TRUE(parcel.takes(9, 1, 1)) << "the first of the next";
}

TEST(ParcelTest, TakesNoMoreThanGoesTogetherAndThatIsRead) {
  const std::string large(kMaxSmallBytes, 'x');
  Parcel parcel;
  std::uint64_t count = 0;
  for (; parcel.takes(count, 0, large.size()); ++count) {
    parcel.add(count, 0, bytes_of(large));
  }
  EXPECT_LE(parcel.bytes().size(), kMaxParcelBytes);
  EXPECT_GT(parcel.bytes().size(), kMaxParcelBytes - 2 * kMaxSmallBytes);
  std::vector<Packed> unpacked;
  EXPECT_TRUE(read_parcel(parcel.bytes(), unpacked));
  EXPECT_EQ(unpacked.size(), count);
  EXPECT_FALSE(read_parcel(std::vector<std::byte>(kMaxParcelBytes + 6), unpacked)) << "empty ones, but too many";
}

TEST(ParcelTest, WhatEndsInsideOfAMessageIsNoParcelNorIsNothing) {
  const Parcel parcel = example();
  std::vector<Packed> unpacked;
  for (std::size_t size = 0; size < parcel.bytes().size(); ++size) {
    const bool ends_with_a_message = size == 8 || size == 14;
    EXPECT_EQ(read_parcel(parcel.bytes().first(size), unpacked), ends_with_a_message) << size;
  }
}

}  // namespace
}  // namespace takt::zmq::internal
