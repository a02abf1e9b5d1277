#include "takt/transports/zmq/internal/lane.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

using Sequences = std::vector<std::uint64_t>;

Outgoing message(std::uint64_t sequence, std::size_t bytes = 8) {
  return {.sequence = sequence, .source_wall_ns = 0, .payload = ::zmq::message_t(bytes)};
}

/// The sequences of all that may go, as they are sent.
std::vector<std::uint64_t> all_next(Lane& lane) {
  std::vector<std::uint64_t> sequences;
  for (Lane::Due due = lane.pack(); due != Lane::Due::kNothing; due = lane.pack()) {
    if (due == Lane::Due::kSingle) {
      sequences.push_back(lane.next().sequence);
      continue;
    }
    for (std::uint64_t i = 0; i < lane.parcel().count(); ++i) {
      sequences.push_back(lane.parcel().sequence() + i);
    }
    lane.empty_parcel();
  }
  return sequences;
}

bool pack(Lane& lane, std::uint64_t sequence, std::size_t bytes = 8) {
  return lane.pack(sequence, 0, std::vector<std::byte>(bytes));
}

void push(Lane& lane, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = first; i <= last; ++i) {
    lane.push(message(i));
  }
}

TEST(LaneTest, GivesWhatWasGrantedInOrderAndNumbersIt) {
  Lane lane({.room = 10, .presses_back = true, .window = 2});
  push(lane, 5, 8);
  EXPECT_EQ(all_next(lane), (Sequences{5, 6}));
  EXPECT_EQ(lane.position(), 2);
  lane.grant(2, 3);
  EXPECT_EQ(all_next(lane), Sequences{7});
  lane.grant(3, 10);
  EXPECT_EQ(all_next(lane), Sequences{8});
}

TEST(LaneTest, WhatIsSmallAndMayGoIsPackedUntilNoMoreMay) {
  Lane lane({.room = 10, .presses_back = true, .window = 3});
  EXPECT_EQ(lane.pack(), Lane::Due::kNothing);
  EXPECT_TRUE(pack(lane, 1));
  EXPECT_EQ(lane.pack(), Lane::Due::kMore);
  EXPECT_FALSE(lane.is_empty());
  EXPECT_TRUE(pack(lane, 2));
  EXPECT_TRUE(pack(lane, 3));
  EXPECT_EQ(lane.pack(), Lane::Due::kParcel) << "no more is granted";
  EXPECT_FALSE(pack(lane, 4));
  push(lane, 4, 5);
  lane.grant(0, 4);
  EXPECT_EQ(lane.pack(), Lane::Due::kParcel);
  EXPECT_EQ(lane.parcel().count(), 4);
  EXPECT_EQ(lane.position(), 4);
  lane.empty_parcel();
  EXPECT_EQ(lane.pack(), Lane::Due::kNothing) << "one waits to be granted";
  EXPECT_FALSE(lane.is_empty());
  lane.grant(4, 10);
  EXPECT_FALSE(pack(lane, 6)) << "it is the turn of what waits";
  EXPECT_EQ(all_next(lane), Sequences{5});
  EXPECT_TRUE(lane.is_empty());
}

TEST(LaneTest, WhatIsLargeOrNotTheNextGoesAfterTheParcel) {
  Lane lane({.room = 10, .presses_back = true, .window = 10});
  EXPECT_FALSE(pack(lane, 1, kMaxSmallBytes + 1));
  EXPECT_TRUE(pack(lane, 1));
  lane.push(message(2, kMaxSmallBytes + 1));
  EXPECT_FALSE(pack(lane, 3));
  EXPECT_EQ(lane.pack(), Lane::Due::kParcel);
  lane.empty_parcel();
  EXPECT_EQ(lane.pack(), Lane::Due::kSingle);
  EXPECT_EQ(lane.next().sequence, 2);
  EXPECT_EQ(lane.position(), 2);
  EXPECT_TRUE(pack(lane, 3));
  EXPECT_FALSE(pack(lane, 5)) << "one was lost";
  push(lane, 5, 5);
  EXPECT_EQ(all_next(lane), (Sequences{3, 5}));
}

TEST(LaneTest, AGrantForWhatWasNotSentSaysNothing) {
  Lane lane({.room = 10, .presses_back = true, .window = 10});
  EXPECT_TRUE(pack(lane, 1));
  EXPECT_TRUE(pack(lane, 2));
  lane.grant(2, 10);
  EXPECT_EQ(all_next(lane), (Sequences{1, 2}));
  lane.push(message(3, kMaxBytesOfAllOnTheWay));
  EXPECT_EQ(all_next(lane), Sequences{3});
  EXPECT_FALSE(pack(lane, 4)) << "as many bytes as may be are on the way";
  lane.grant(3, 10);
  EXPECT_TRUE(pack(lane, 4));
}

TEST(LaneTest, WhereTheLastAreKeptTheNewestWait) {
  Lane lane({.room = 2, .presses_back = false, .window = 1});
  push(lane, 1, 9);
  EXPECT_FALSE(lane.is_full());
  EXPECT_EQ(all_next(lane), Sequences{8});
  lane.grant(1, 5);
  EXPECT_EQ(all_next(lane), Sequences{9});
}

TEST(LaneTest, WhereAllAreKeptItIsFullAndLosesNothing) {
  Lane lane({.room = 2, .presses_back = true, .window = 0});
  push(lane, 1, 1);
  EXPECT_FALSE(lane.is_full());
  push(lane, 2, 5);  // what is kept for who comes late may be more
  EXPECT_TRUE(lane.is_full());
  lane.grant(0, 5);
  EXPECT_EQ(all_next(lane), (Sequences{1, 2, 3, 4, 5}));
  EXPECT_FALSE(lane.is_full());
}

TEST(LaneTest, WithoutProgressPatienceIsLostUntilAllIsOut) {
  Lane lane({.room = 2, .presses_back = true, .window = 1});
  push(lane, 1, 3);
  EXPECT_EQ(all_next(lane), Sequences{1});
  EXPECT_FALSE(lane.lose_patience(1000, 100));
  EXPECT_FALSE(lane.lose_patience(1099, 100));
  lane.grant(1, 1);  // it got something
  EXPECT_FALSE(lane.lose_patience(1100, 100));
  lane.grant(1, 1);  // nothing new
  EXPECT_TRUE(lane.is_full());
  EXPECT_TRUE(lane.lose_patience(1200, 100));
  EXPECT_FALSE(lane.lose_patience(1300, 100)) << "said once";
  EXPECT_FALSE(lane.is_full());
  push(lane, 4, 6);
  EXPECT_FALSE(lane.is_full());
  lane.grant(1, 10);
  EXPECT_EQ(all_next(lane), (Sequences{5, 6})) << "the older gave way";
  push(lane, 7, 8);
  EXPECT_TRUE(lane.is_full()) << "it keeps up again";
}

TEST(LaneTest, BytesOnTheWayAreBoundedButForASingleMessage) {
  Lane lane({.room = 10, .presses_back = false, .window = 10});
  for (std::uint64_t i = 1; i <= 4; ++i) {
    lane.push(message(i, kMaxBytesOnTheWay - 1));
  }
  EXPECT_EQ(all_next(lane), (Sequences{1, 2}));
  lane.grant(1, 10);
  EXPECT_EQ(all_next(lane), Sequences{3});
  lane.grant(3, 10);
  EXPECT_EQ(all_next(lane), Sequences{4});
}

TEST(LaneTest, MoreBytesAreOnTheWayWhereAllIsKept) {
  Lane lane({.room = 10, .presses_back = true, .window = 10});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    lane.push(message(i, kMaxBytesOfAllOnTheWay / 2));
  }
  EXPECT_EQ(all_next(lane), (Sequences{1, 2}));
}

TEST(LaneTest, BytesThatWaitAreBoundedButForASingleMessage) {
  constexpr std::size_t kHalf = kMaxBytesWaiting / 2 + 1;
  Lane last({.room = 10, .presses_back = false, .window = 0});
  Lane all({.room = 10, .presses_back = true, .window = 0});
  for (std::uint64_t i = 1; i <= 2; ++i) {
    EXPECT_FALSE(all.is_full());
    all.push(message(i, kHalf));
  }
  EXPECT_TRUE(all.is_full());
  for (std::uint64_t i = 1; i <= 3; ++i) {
    last.push(message(i, kHalf));
  }
  last.grant(0, 10);
  EXPECT_EQ(all_next(last), Sequences{2}) << "the first gave way";
  last.grant(1, 10);
  EXPECT_EQ(all_next(last), Sequences{3});
}

TEST(LaneTest, NoReaderIsBelievedToTakeMoreThanAWindow) {
  Lane lane({.room = 5 * kMaxWindow, .presses_back = true, .window = UINT64_MAX});
  push(lane, 1, 3 * kMaxWindow);
  EXPECT_EQ(all_next(lane).size(), kMaxWindow);
  lane.grant(0, UINT64_MAX);
  EXPECT_EQ(all_next(lane).size(), kMaxWindow);
}

TEST(LaneTest, NonsensicalGrantsDoNoHarm) {
  Lane lane({.room = 10, .presses_back = true, .window = 1});
  push(lane, 1, 3);
  EXPECT_EQ(all_next(lane), Sequences{1});
  lane.grant(UINT64_MAX, 0);
  lane.grant(0, 1);
  EXPECT_EQ(all_next(lane).size(), 0);
  lane.grant(1, UINT64_MAX);
  EXPECT_EQ(all_next(lane), (Sequences{2, 3}));
}

TEST(LaneTest, AWindowIsARoundTripLongAndNotMoreThanThereIsRoom) {
  bus::Qos qos = bus::Qos::latest();
  EXPECT_EQ(window_of(qos, 16384), 16);
  qos.depth = 10;
  EXPECT_EQ(window_of(qos, 16384), 160);
  qos.depth = UINT32_MAX;
  EXPECT_EQ(window_of(qos, 16384), 1024);
  qos.depth = 0;
  EXPECT_EQ(window_of(qos, 10), 10);
  EXPECT_EQ(window_of(qos, 16384), kMaxWindow);
}

TEST(ReceptionTest, TakesWhatIsNextAndGranted) {
  Reception reception(2);
  EXPECT_FALSE(reception.receive(0, 1, 1));
  EXPECT_FALSE(reception.receive(2, 1, 1));
  EXPECT_TRUE(reception.receive(1, 1, 1));
  EXPECT_FALSE(reception.receive(1, 1, 1));
  EXPECT_TRUE(reception.receive(2, 1, 1));
  EXPECT_FALSE(reception.receive(3, 1, 1)) << "not granted";
  EXPECT_TRUE(reception.regrant(1));
  EXPECT_EQ(reception.granted(), 3);
  EXPECT_TRUE(reception.receive(3, 1, 1));
}

TEST(ReceptionTest, TakesWhatCameTogetherIfAllOfItWasGranted) {
  Reception reception(3);
  EXPECT_FALSE(reception.receive(1, 4, 1));
  EXPECT_FALSE(reception.receive(1, UINT64_MAX, 1));
  EXPECT_TRUE(reception.receive(1, 2, 1));
  EXPECT_EQ(reception.received(), 2);
  EXPECT_FALSE(reception.receive(3, 2, 1));
  EXPECT_TRUE(reception.receive(3, 1, 1));
}

TEST(ReceptionTest, GrantsAnewWhenHalfIsUsedUp) {
  Reception reception(4);
  EXPECT_FALSE(reception.regrant(4));
  EXPECT_TRUE(reception.receive(1, 1, 1));
  EXPECT_FALSE(reception.regrant(4));
  EXPECT_TRUE(reception.receive(2, 1, 1));
  EXPECT_FALSE(reception.regrant(0)) << "there is no room";
  EXPECT_TRUE(reception.regrant(4));
  EXPECT_EQ(reception.received(), 2);
  EXPECT_EQ(reception.granted(), 6);
}

TEST(ReceptionTest, TakesNoMoreBytesThanMayBeOnTheWayUntilItSaidThatTheyCame) {
  Reception reception(100);
  EXPECT_TRUE(reception.receive(1, 1, kMaxBytesOfAllOnTheWay - 1));
  EXPECT_TRUE(reception.receive(2, 1, 10 * kMaxBytesOfAllOnTheWay)) << "a single one may be of any size";
  EXPECT_FALSE(reception.receive(3, 1, 1));
  EXPECT_TRUE(reception.regrant(0));
  EXPECT_TRUE(reception.receive(3, 1, 1));
}

TEST(ReceptionTest, SaysWhatCameWhenItIsManyBytes) {
  Reception reception(100);
  EXPECT_TRUE(reception.receive(1, 1, kMaxBytesOnTheWay / 2));
  EXPECT_TRUE(reception.regrant(0));
  EXPECT_EQ(reception.granted(), 100) << "what was granted stays granted";
  EXPECT_FALSE(reception.regrant(0));
}

}  // namespace
}  // namespace takt::zmq::internal
