#include "takt/transports/zmq/internal/header.hpp"

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

Header example() {
  Header header;
  header.kind = Header::Kind::kReply;
  header.reliable = true;
  header.from = {1, 2};
  header.to = {3};
  header.sequence = 0x0102030405060708U;
  header.source_wall_ns = 9;
  header.type = "a/msg/A";
  header.hash[5] = 6;
  return header;
}

std::vector<std::byte> written(const Header& header) {
  std::vector<std::byte> bytes(5, std::byte{0xff});  // what was there is replaced
  write_header(header, bytes);
  return bytes;
}

TEST(HeaderTest, WhatIsWrittenIsRead) {
  for (const bool kept : {false, true}) {
    Header header = example();
    header.transient_local = kept;
    const auto bytes = written(header);
    EXPECT_EQ(read_header(bytes), header);
  }
}

TEST(HeaderTest, EveryTruncationIsRefusedAndSoIsWhatFollows) {
  auto bytes = written(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_header(bus::Bytes(bytes).first(size))) << size;
  }
  bytes.push_back(std::byte{});
  const auto read = read_header(bytes);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), HeaderFault::kLength);
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
  EXPECT_EQ(fault_with(3, 2), HeaderFault::kVersion);
  EXPECT_EQ(fault_with(4, 5), HeaderFault::kKind);
  EXPECT_EQ(fault_with(54, 200), HeaderFault::kLength);
}

}  // namespace
}  // namespace takt::zmq::internal
