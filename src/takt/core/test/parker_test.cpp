#include "takt/core/parker.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::core {
namespace {

constexpr Nanoseconds kFar_ns = 3'600 * kNanosecondsPerSecond;

TEST(ParkerTest, AWakeUpThatComesBeforeEndsTheSleepAtOnceAndSeveralAreOne) {
  Parker parker;
  parker.wake();
  parker.wake();
  EXPECT_TRUE(parker.sleep_until_ns(monotonic_now_ns() + kFar_ns));
  EXPECT_FALSE(parker.sleep_until_ns(0));
}

TEST(ParkerTest, NobodyWakesItAndItSleepsToTheInstantAndNoLess) {
  Parker parker;
  const Nanoseconds until_ns = monotonic_now_ns() + 5'000'000;
  EXPECT_FALSE(parker.sleep_until_ns(until_ns));
  EXPECT_GE(monotonic_now_ns(), until_ns);
}

TEST(ParkerTest, WhatHappenedBeforeTheWakeUpIsSeenAfterIt) {
  constexpr int kRounds = 2000;
  Parker there;
  Parker back;
  int ball = 0;  // no atomic: what orders it is the parkers
  std::jthread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      there.sleep();
      ++ball;
      back.wake();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    ++ball;
    there.wake();
    EXPECT_TRUE(back.sleep_until_ns(monotonic_now_ns() + kFar_ns));
    EXPECT_EQ(ball, 2 * i + 2);
  }
}

TEST(ParkerTest, WakesAndSleepsWithoutAllocating) {
  Parker there;
  Parker back;
  std::jthread other([&] {
    const testing::AllocationGuard guard;
    there.sleep();
    back.wake();
    EXPECT_EQ(guard.count(), 0U);
  });
  const testing::AllocationGuard guard;
  there.wake();
  back.sleep();
  there.wake();
  EXPECT_TRUE(there.sleep_until_ns(monotonic_now_ns() + kFar_ns));
  EXPECT_FALSE(there.sleep_until_ns(monotonic_now_ns() + 1'000'000));
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::core
