#include "takt/bus/inbox.hpp"

#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

TEST(InboxTest, AsksToRingForTheFirstMessageAfterTakeGaveNothing) {
  Inbox<int> inbox(10, 1);
  EXPECT_TRUE(inbox.push(1));
  EXPECT_FALSE(inbox.push(2));
  EXPECT_EQ(inbox.take(), 1);
  EXPECT_EQ(inbox.take(), 2);
  EXPECT_FALSE(inbox.push(3)) << "it is empty, but nobody has found that out";
  EXPECT_EQ(inbox.take(), 3);
  EXPECT_EQ(inbox.take(), std::nullopt);
  EXPECT_TRUE(inbox.push(4));
}

TEST(InboxTest, KeepsTheLastAndCountsTheOthers) {
  Inbox<int> inbox(2, 100);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(inbox.has_room());
    static_cast<void>(inbox.push(i));
  }
  EXPECT_EQ(inbox.lost(), 3);
  EXPECT_EQ(inbox.take(), 3);
  EXPECT_EQ(inbox.take(), 4);
}

TEST(InboxTest, KeepsAllWithinItsBoundAndSaysWhenItIsFull) {
  Inbox<int> inbox(0, 2);
  static_cast<void>(inbox.push(1));
  EXPECT_TRUE(inbox.has_room());
  EXPECT_FALSE(inbox.has_room(1)) << "what is on the way will fill it";
  static_cast<void>(inbox.push(2));
  EXPECT_FALSE(inbox.has_room());
  static_cast<void>(inbox.push(3));
  EXPECT_EQ(inbox.lost(), 1);
  EXPECT_EQ(inbox.take(), 2);
  EXPECT_TRUE(inbox.has_room());
}

TEST(InboxTest, SeveralAtOnceAreKeptAsIfTheyCameOneByOne) {
  Inbox<int> inbox(3, 100);
  std::vector<int> messages{1, 2};
  EXPECT_FALSE(inbox.push_all(std::span(messages).first(0), 1)) << "nothing to ring for";
  EXPECT_TRUE(inbox.push_all(messages, 4));
  EXPECT_FALSE(inbox.push_all(messages, 0));
  EXPECT_EQ(inbox.lost(), 6);
  EXPECT_EQ(inbox.take(), 2);
  EXPECT_EQ(inbox.take(), 1);
  EXPECT_EQ(inbox.take(), 2);
  EXPECT_EQ(inbox.take(), std::nullopt);
}

TEST(InboxTest, LossOnTheWayCountsToo) {
  Inbox<int> inbox(1, 1);
  inbox.add_lost(4);
  EXPECT_EQ(inbox.lost(), 4);
}

TEST(InboxTest, KeepsNoMoreBytesThanItMayButOneMessageOfAnySize) {
  for (const std::uint32_t depth : {0U, 100U}) {
    Inbox<int> inbox(depth, 100, 1000);
    for (int i = 0; i < 5; ++i) {
      static_cast<void>(inbox.push(i, 400));
    }
    EXPECT_EQ(inbox.size(), 2);
    EXPECT_EQ(inbox.lost(), 3);
    EXPECT_EQ(inbox.take(), 3);
    static_cast<void>(inbox.push(5, 600));
    EXPECT_EQ(inbox.size(), 2) << "what was taken takes no room";
    static_cast<void>(inbox.push(6, 5000));
    EXPECT_EQ(inbox.take(), 6);
    EXPECT_EQ(inbox.lost(), 5);
  }
}

}  // namespace
}  // namespace takt::bus
