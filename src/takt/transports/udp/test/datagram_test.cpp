#include "takt/transports/udp/internal/datagram.hpp"

#include <string>

#include <gtest/gtest.h>

namespace takt::udp::internal {
namespace {

std::vector<std::byte> written(const Datagram& datagram) {
  std::vector<std::byte> bytes;
  write_header(datagram, bytes);
  bytes.insert(bytes.end(), datagram.payload.begin(), datagram.payload.end());
  return bytes;
}

/// The example of docs/formats/udp.md.
struct Example {
  std::vector<std::byte> payload{std::byte{1}, std::byte{2}};
  Datagram datagram{.kind = Kind::kData,
                    .sender = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 3},
                    .sequence = 7,
                    .source_wall_ns = 0,
                    .message_bytes = 2,
                    .fragment_bytes = 2,
                    .index = 0,
                    .hash = {},
                    .topic = "/a",
                    .type = "b",
                    .payload = payload};
};

DatagramFault fault_of(const std::vector<std::byte>& bytes) {
  const auto read = read_datagram(bytes);
  EXPECT_FALSE(read);
  return read ? DatagramFault{} : read.error();
}

TEST(DatagramTest, TheExampleOfTheFormatsPageIsWrittenAsItStandsThere) {
  const Example example;
  const auto bytes = written(example.datagram);
  std::vector<int> expected{0x54, 0x4b, 0x54, 0x55, 1, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                            3,    0,    0,    0,    0, 0, 0, 0, 7,    0,    0,    0,    0,    0,    0,    0,
                            0,    0,    0,    0,    0, 0, 0, 0, 2,    0,    0,    0,    2,    0,    0,    0};
  expected.resize(80, 0);
  for (const int byte : {2, 1, 0x2f, 0x61, 0x62, 1, 2}) {
    expected.push_back(byte);
  }
  ASSERT_EQ(bytes.size(), expected.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(std::to_integer<int>(bytes[i]), expected[i]) << "at " << i;
  }
}

TEST(DatagramTest, WhatIsWrittenIsRead) {
  const Example example;
  const auto bytes = written(example.datagram);
  const auto read = read_datagram(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sender, example.datagram.sender);
  EXPECT_EQ(read->sequence, 7);
  EXPECT_EQ(read->topic, "/a");
  EXPECT_EQ(read->type, "b");
  EXPECT_EQ(std::vector(read->payload.begin(), read->payload.end()), example.payload);
}

TEST(DatagramTest, HereEndsAfterTheSender) {
  Datagram here;
  here.kind = Kind::kHere;
  here.sender = {1, 2};
  const auto bytes = written(here);
  EXPECT_EQ(bytes.size(), 24);
  const auto read = read_datagram(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, Kind::kHere);
  EXPECT_EQ(read->sender, here.sender);
}

TEST(DatagramTest, EveryTruncationIsRefused) {
  const Example example;
  const auto bytes = written(example.datagram);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_datagram(bus::Bytes(bytes).first(size))) << size;
  }
}

TEST(DatagramTest, EachFaultIsNamed) {
  const Example example;
  const auto with = [&](std::size_t at, int value) {
    auto bytes = written(example.datagram);
    bytes[at] = static_cast<std::byte>(value);
    return bytes;
  };
  EXPECT_EQ(fault_of(with(0, 'X')), DatagramFault::kNotOurs);
  EXPECT_EQ(fault_of(with(4, 2)), DatagramFault::kVersion);
  EXPECT_EQ(fault_of(with(5, 9)), DatagramFault::kKind);
  EXPECT_EQ(fault_of(with(80, 200)), DatagramFault::kTruncated);
  EXPECT_EQ(fault_of(with(80, 0)), DatagramFault::kNames);
  EXPECT_EQ(fault_of(with(40, 1)), DatagramFault::kFragment) << "longer than the message";
  EXPECT_EQ(fault_of(with(43, 0x7f)), DatagramFault::kFragment) << "shorter than its fragments";
  EXPECT_EQ(fault_of(with(44, 0)), DatagramFault::kFragment) << "fragments of nothing";
  EXPECT_EQ(fault_of(with(46, 1)), DatagramFault::kFragment) << "behind the last";
}

TEST(DatagramTest, AnEmptyMessageIsOneDatagram) {
  Example example;
  example.datagram.message_bytes = 0;
  example.datagram.payload = {};
  const auto bytes = written(example.datagram);
  const auto read = read_datagram(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fragments(), 1);
  EXPECT_TRUE(read->payload.empty());
}

}  // namespace
}  // namespace takt::udp::internal
