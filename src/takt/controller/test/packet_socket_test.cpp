#include "takt/controller/internal/packet_socket.hpp"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace takt::controller::internal {
namespace {

using enum PacketSocket::Descriptors;

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    left.emplace(FileDescriptor(ends[0]));
    right.emplace(FileDescriptor(ends[1]));
  }
  std::optional<PacketSocket> left;
  std::optional<PacketSocket> right;
};

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (int i = 0; i < 1024; ++i) {
    count += fcntl(i, F_GETFD) >= 0 ? 1U : 0U;
  }
  return count;
}

TEST(PacketSocketTest, DeliversPacketsWholeAndInOrder) {
  Pair pair;
  const std::vector<std::byte> first(10, std::byte{1});
  const std::vector<std::byte> second(20, std::byte{2});
  ASSERT_EQ(pair.left->send(first), Sent::kYes);
  ASSERT_EQ(pair.left->send(second), Sent::kYes);
  std::array<std::byte, 100> buffer{};
  const auto got = pair.right->receive(buffer, kRefuse);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->bytes, 10U);
  EXPECT_FALSE(got->truncated);
  const auto next = pair.right->receive(buffer, kRefuse);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->bytes, 20U);
  EXPECT_EQ(buffer[19], std::byte{2});
}

TEST(PacketSocketTest, SaysThatThereIsNothingAndThatThereWillBeNothing) {
  Pair pair;
  std::array<std::byte, 100> buffer{};
  EXPECT_EQ(pair.right->receive(buffer, kRefuse).error(), NotReceived::kNothing);
  EXPECT_FALSE(pair.right->hung_up());
  pair.left.reset();
  EXPECT_TRUE(pair.right->hung_up());
  EXPECT_EQ(pair.right->receive(buffer, kRefuse).error(), NotReceived::kClosed);
  EXPECT_EQ(pair.right->send(buffer), Sent::kGone);
}

TEST(PacketSocketTest, WhatWasSentBeforeTheEndStillArrives) {
  Pair pair;
  const std::vector<std::byte> last(10, std::byte{1});
  ASSERT_EQ(pair.left->send(last), Sent::kYes);
  pair.left.reset();
  EXPECT_TRUE(pair.right->hung_up());
  std::array<std::byte, 100> buffer{};
  EXPECT_TRUE(pair.right->receive(buffer, kRefuse));
  EXPECT_EQ(pair.right->receive(buffer, kRefuse).error(), NotReceived::kClosed);
}

TEST(PacketSocketTest, SaysWhenAPacketIsLongerThanTheBuffer) {
  Pair pair;
  ASSERT_EQ(pair.left->send(std::vector<std::byte>(200)), Sent::kYes);
  std::array<std::byte, 100> buffer{};
  const auto got = pair.right->receive(buffer, kRefuse);
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->truncated);
}

TEST(PacketSocketTest, NeverWaitsForAReaderThatDoesNotRead) {
  Pair pair;
  const std::vector<std::byte> packet(4096);
  Sent sent = Sent::kYes;
  for (int i = 0; i < 100'000 && sent == Sent::kYes; ++i) {
    sent = pair.left->send(packet);
  }
  EXPECT_EQ(sent, Sent::kFull);
}

TEST(PacketSocketTest, PassesADescriptorOn) {
  Pair pair;
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe2(pipe_ends.data(), O_CLOEXEC), 0);
  const FileDescriptor reader(pipe_ends[0]);
  FileDescriptor writer(pipe_ends[1]);
  const std::array<std::byte, 1> packet{};
  ASSERT_EQ(pair.left->send(packet, writer.get()), Sent::kYes);
  writer.reset();
  std::array<std::byte, 100> buffer{};
  const auto got = pair.right->receive(buffer, kTake);
  ASSERT_TRUE(got);
  ASSERT_TRUE(got->descriptor);
  EXPECT_EQ(fcntl(got->descriptor.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(write(got->descriptor.get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(read(reader.get(), &byte, 1), 1);
}

TEST(PacketSocketTest, LeaksNoDescriptorThatNobodyWants) {
  Pair pair;
  const std::size_t before = open_descriptors();
  const std::array<std::byte, 1> packet{};
  std::array<std::byte, 100> buffer{};
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(pair.left->send(packet, STDIN_FILENO), Sent::kYes);
    const auto refused = pair.right->receive(buffer, kRefuse);
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->descriptor);
    ASSERT_EQ(pair.left->send(packet, STDIN_FILENO), Sent::kYes);
    EXPECT_TRUE(pair.right->receive(buffer, kTake)->descriptor);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace takt::controller::internal
