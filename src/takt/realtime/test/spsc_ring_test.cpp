#include "takt/realtime/spsc_ring.hpp"

#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

TEST(SpscRingTest, GivesBackInOrderWhatWasPutIn) {
  SpscRing<int> ring(4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(ring.try_push(i));
  }
  int value = -1;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(ring.try_pop(value));
    EXPECT_EQ(value, i);
  }
  EXPECT_FALSE(ring.try_pop(value));
}

TEST(SpscRingTest, DropsTheNewestWhenFullAndCountsIt) {
  SpscRing<int> ring(2);
  EXPECT_TRUE(ring.try_push(1));
  EXPECT_TRUE(ring.try_push(2));
  EXPECT_FALSE(ring.try_push(3));
  EXPECT_EQ(ring.dropped(), 1U);
  EXPECT_EQ(ring.size(), 2U);
  int value = 0;
  EXPECT_TRUE(ring.try_pop(value));
  EXPECT_EQ(value, 1);
  EXPECT_TRUE(ring.try_push(4));
}

TEST(SpscRingTest, RoundsItsCapacityUpAndRefusesNone) {
  EXPECT_EQ(SpscRing<int>(5).capacity(), 8U);
  EXPECT_EQ(SpscRing<int>(1).capacity(), 1U);
  EXPECT_THROW(SpscRing<int>(0), LogicError);
}

TEST(SpscRingTest, WhatIsNotDroppedArrivesOnceAndInOrderAcrossThreads) {
  constexpr std::uint64_t kPushes = 100'000;
  SpscRing<std::uint64_t> ring(64);
  std::uint64_t received = 0;
  std::uint64_t disorder = 0;
  std::jthread consumer([&](const std::stop_token& stop) {
    std::uint64_t last = 0;
    std::uint64_t value = 0;
    for (bool finishing = false;;) {
      finishing = stop.stop_requested();  // asked before the ring is emptied for the last time
      while (ring.try_pop(value)) {
        ++received;
        disorder += value > last ? 0 : 1;
        last = value;
      }
      if (finishing) {
        return;
      }
      std::this_thread::yield();
    }
  });
  for (std::uint64_t i = 1; i <= kPushes; ++i) {
    ring.try_push(i);
  }
  consumer.request_stop();
  consumer.join();
  EXPECT_EQ(disorder, 0U);
  EXPECT_EQ(received + ring.dropped(), kPushes);
}

TEST(SpscRingTest, PushingAndPoppingAllocateNothing) {
  SpscRing<int> ring(8);
  const testing::AllocationGuard guard;
  int value = 0;
  for (int i = 0; i < 100; ++i) {
    ring.try_push(i);
    static_cast<void>(ring.try_pop(value));
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::realtime
