#include "takt/transports/zmq/internal/header.hpp"

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

Header example() {
  return {.kind = Header::Kind::kReply,
          .session = 3,
          .from = 1,
          .to = 2,
          .position = 4,
          .sequence = 0x0102030405060708U,
          .source_wall_ns = 9};
}

std::vector<std::byte> written(const Header& header) {
  const auto bytes = write_header(header);
  return {bytes.begin(), bytes.end()};
}

TEST(HeaderTest, TheExampleOfTheFormatsPageIsWrittenAsItStandsThere) {
  std::string expected("TKZ\x04\x08\x03\0\0\0", 9);
  for (const char* number : {"\1\0\0\0\0\0\0\0", "\2\0\0\0\0\0\0\0", "\4\0\0\0\0\0\0\0",
                             "\x08\x07\x06\x05\x04\x03\x02\x01", "\x09\0\0\0\0\0\0\0"}) {
    expected += std::string(number, 8);
  }
  const auto bytes = written(example());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), expected);
}

TEST(HeaderTest, WhatIsWrittenIsRead) {
  EXPECT_EQ(read_header(written(example())), example());
  EXPECT_EQ(read_header(written({})), Header{});
}

TEST(HeaderTest, EveryTruncationIsRefusedAndWhatFollowsIsNotItsOwn) {
  auto bytes = written(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read = read_header(bus::Bytes(bytes).first(size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error() == HeaderFault::kLength, size >= 3) << size;
  }
  bytes.push_back(std::byte{});
  EXPECT_EQ(read_header(bytes), example());
}

TEST(HeaderTest, EachFaultIsNamed) {
  const auto fault_with = [](std::size_t at, int value) {
    auto bytes = written(example());
    bytes[at] = static_cast<std::byte>(value);
    const auto read = read_header(bytes);
    EXPECT_FALSE(read);
    return read ? HeaderFault{} : read.error();
  };
  EXPECT_EQ(fault_with(0, 'X'), HeaderFault::kNotOurs);
  EXPECT_EQ(fault_with(3, 1), HeaderFault::kOtherVersion);
  EXPECT_EQ(fault_with(4, 12), HeaderFault::kKind);
}

}  // namespace
}  // namespace takt::zmq::internal
