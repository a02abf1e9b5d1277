#include "takt/transports/zmq/internal/traffic.hpp"

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

TEST(TrafficTest, WhatIsReadMakesRoomHoweverMuchItIs) {
  Departures to;
  Arrivals from;
  std::uint64_t said = 0;
  for (std::uint64_t i = 0; i < 5 * kMaxMessagesToPeer; ++i) {
    const std::size_t bytes = i % 100 == 0 ? std::size_t{1} << 20U : 10;
    ASSERT_TRUE(to.may_send());
    to.send(bytes, i);
    if (from.receive(bytes, i)) {
      ASSERT_TRUE(to.confirm(from.count(), from.proof()));
      ++said;
    }
  }
  EXPECT_GT(said, 20);
  EXPECT_LT(said, kMaxMessagesToPeer / 10);
}

TEST(TrafficTest, BytesAndMessagesOnTheWayAreBounded) {
  Departures large;
  large.send(kMaxBytesToPeer - 1, 1);
  EXPECT_TRUE(large.may_send()) << "a single one may be of any size";
  large.send(kMaxBytesToPeer, 1);
  EXPECT_FALSE(large.may_send());
  EXPECT_TRUE(large.confirm(2, 2));
  EXPECT_TRUE(large.may_send());

  Departures many;
  for (std::size_t i = 0; i < kMaxMessagesToPeer; ++i) {
    EXPECT_TRUE(many.may_send());
    many.send(0, 1);
  }
  EXPECT_FALSE(many.may_send());
}

TEST(TrafficTest, WhoDidNotReadCannotSayThatItDid) {
  Departures to;
  to.send(1, 11);
  to.send(1, 12);
  EXPECT_FALSE(to.confirm(0, 0)) << "nothing new";
  EXPECT_FALSE(to.confirm(1, 12));
  EXPECT_FALSE(to.confirm(3, 23));
  EXPECT_FALSE(to.confirm(UINT64_MAX, 23));
  EXPECT_TRUE(to.confirm(1, 11));
  EXPECT_FALSE(to.confirm(1, 11)) << "said before";
  EXPECT_FALSE(to.confirm(0, 0)) << "less than before";
  EXPECT_TRUE(to.confirm(2, 23));
}

}  // namespace
}  // namespace takt::zmq::internal
