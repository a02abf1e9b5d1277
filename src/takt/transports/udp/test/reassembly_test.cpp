#include "takt/transports/udp/internal/reassembly.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <gtest/gtest.h>

namespace takt::udp::internal {
namespace {

/// A message of `bytes` numbers, and its fragments of up to 10 bytes each.
class Fragmented {
 public:
  explicit Fragmented(std::size_t bytes, std::uint64_t sequence = 1, std::uint8_t sender = 1)
      : whole_(bytes), sequence_(sequence), sender_(sender) {
    for (std::size_t i = 0; i < bytes; ++i) {
      whole_[i] = static_cast<std::byte>(i * 31 + sequence);
    }
  }
  [[nodiscard]] Datagram at(std::size_t index) const {
    Datagram datagram;
    datagram.sender = {sender_};
    datagram.sequence = sequence_;
    datagram.message_bytes = static_cast<std::uint32_t>(whole_.size());
    datagram.fragment_bytes = 10;
    datagram.index = static_cast<std::uint16_t>(index);
    datagram.payload = bus::Bytes(whole_).subspan(index * 10, std::min<std::size_t>(10, whole_.size() - index * 10));
    return datagram;
  }
  [[nodiscard]] const std::vector<std::byte>& whole() const { return whole_; }

 private:
  std::vector<std::byte> whole_;
  std::uint64_t sequence_;
  std::uint8_t sender_;
};

TEST(ReassemblyTest, OneFragmentIsTheMessage) {
  Reassembly reassembly(1000);
  const Fragmented message(4);
  EXPECT_EQ(reassembly.add(message.at(0)), message.whole());
  EXPECT_EQ(reassembly.bytes(), 0);
}

TEST(ReassemblyTest, FragmentsInAnyOrderMakeTheMessage) {
  const Fragmented message(45);
  std::vector<std::size_t> order{0, 1, 2, 3, 4};
  do {
    Reassembly reassembly(100'000);
    std::optional<std::vector<std::byte>> whole;
    for (std::size_t i = 0; i < order.size(); ++i) {
      EXPECT_FALSE(whole);
      whole = reassembly.add(message.at(order[i]));
      EXPECT_FALSE(i + 1 < order.size() && reassembly.add(message.at(order[i]))) << "a copy completes nothing";
    }
    ASSERT_TRUE(whole);
    EXPECT_EQ(*whole, message.whole());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ReassemblyTest, ALateCopyOfAFinishedMessageIsDropped) {
  Reassembly reassembly(10'000);
  const Fragmented message(20);
  EXPECT_FALSE(reassembly.add(message.at(0)));
  EXPECT_TRUE(reassembly.add(message.at(1)));
  EXPECT_FALSE(reassembly.add(message.at(0)));
  EXPECT_FALSE(reassembly.add(message.at(1)));
}

TEST(ReassemblyTest, ANewerMessageEndsTheUnfinishedOlderOne) {
  Reassembly reassembly(10'000);
  const Fragmented older(20, 1);
  const Fragmented newer(20, 2);
  EXPECT_FALSE(reassembly.add(older.at(0)));
  EXPECT_FALSE(reassembly.add(newer.at(0)));
  EXPECT_FALSE(reassembly.add(older.at(1)));
  EXPECT_EQ(reassembly.add(newer.at(1)), newer.whole());
}

TEST(ReassemblyTest, SendersDoNotMix) {
  Reassembly reassembly(10'000);
  const Fragmented one(20, 1, 1);
  const Fragmented other(20, 1, 2);
  EXPECT_FALSE(reassembly.add(one.at(0)));
  EXPECT_FALSE(reassembly.add(other.at(1)));
  EXPECT_EQ(reassembly.add(one.at(1)), one.whole());
  EXPECT_EQ(reassembly.add(other.at(0)), other.whole());
}

TEST(ReassemblyTest, AFragmentThatContradictsTheFirstIsDropped) {
  Reassembly reassembly(10'000);
  const Fragmented message(20);
  const Fragmented liar(30);
  EXPECT_FALSE(reassembly.add(message.at(0)));
  EXPECT_FALSE(reassembly.add(liar.at(1)));
  EXPECT_EQ(reassembly.add(message.at(1)), message.whole());
}

TEST(ReassemblyTest, APromisedLengthTakesNoMemory) {
  Reassembly reassembly(std::size_t{1} << 30U);
  const std::vector<std::byte> payload(1000);
  Datagram promise;
  promise.message_bytes = 60'000'000;
  promise.fragment_bytes = 1000;
  promise.index = 50'000;
  promise.payload = payload;
  EXPECT_FALSE(reassembly.add(promise));
  EXPECT_LT(reassembly.bytes(), 4000);
}

TEST(ReassemblyTest, MemoryIsBoundedAndTheLongestUntouchedGivesWay) {
  Reassembly reassembly(5000);
  std::vector<Fragmented> messages;
  for (std::uint8_t sender = 1; sender <= 50; ++sender) {
    messages.emplace_back(20, 1, sender);
    EXPECT_FALSE(reassembly.add(messages.back().at(0)));
    EXPECT_LE(reassembly.bytes(), 5000);
  }
  EXPECT_EQ(reassembly.add(messages.back().at(1)), messages.back().whole());
  EXPECT_FALSE(reassembly.add(messages.front().at(1))) << "its beginning was given up";
}

/// CPU seconds that each of `count` first fragments costs, each of a sender of its own.
double cost_s(Reassembly& reassembly, std::uint64_t& sender, std::size_t count) {
  const std::vector<std::byte> bytes(1);
  Datagram datagram;
  datagram.sequence = 1;
  datagram.message_bytes = 2;
  datagram.fragment_bytes = 1;
  datagram.payload = bytes;
  const std::clock_t begin = std::clock();
  for (std::size_t i = 0; i < count; ++i) {
    ++sender;
    std::memcpy(datagram.sender.data(), &sender, sizeof(sender));
    EXPECT_FALSE(reassembly.add(datagram));
  }
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / static_cast<double>(count);
}

// Relative, and by far: looking at each of the 130 000 would cost 10 000 times as much.
TEST(ReassemblyTest, AFragmentCostsTheSameHoweverManySendersThereAre) {
  constexpr std::size_t kBound = std::size_t{32} << 20U;
  constexpr std::size_t kSenders = kBound / (Reassembly::kEntryBytes + 1);
  Reassembly reassembly(kBound);
  std::uint64_t sender = 0;
  const double few_s = cost_s(reassembly, sender, kSenders / 10);
  static_cast<void>(cost_s(reassembly, sender, kSenders - kSenders / 10));
  const double many_s = cost_s(reassembly, sender, 1000);
  EXPECT_LT(many_s, 100 * few_s);
  EXPECT_LE(reassembly.bytes(), kBound);
}

TEST(ReassemblyTest, WhatGrowsOutlivesAFloodOfBeginnings) {
  Reassembly reassembly(10'000);
  const Fragmented message(1000, 1, 255);
  std::optional<std::vector<std::byte>> whole;
  std::uint8_t sender = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_FALSE(whole);
    whole = reassembly.add(message.at(i));
    for (int flood = 0; flood < 10; ++flood) {
      sender = static_cast<std::uint8_t>((sender + 1) % 250);
      EXPECT_FALSE(reassembly.add(Fragmented(20, i + 1, sender).at(0)));
    }
  }
  EXPECT_EQ(whole, message.whole());
}

}  // namespace
}  // namespace takt::udp::internal
