#include "takt/realtime/mpsc_ring.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

bool push(MpscRing<int>& ring, int value, std::size_t spare = 0) {
  return ring.try_push([&](int& slot) { slot = value; }, spare);
}

std::vector<int> take(MpscRing<int>& ring, std::size_t most = 100) {
  std::vector<int> values;
  ring.take([&](int value) { values.push_back(value); }, most);
  return values;
}

TEST(MpscRingTest, GivesBackInOrderWhatWasPutIn) {
  MpscRing<int> ring(4);
  for (int lap = 0; lap < 3; ++lap) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(push(ring, i));
    }
    EXPECT_EQ(take(ring), (std::vector{0, 1, 2, 3}));
    EXPECT_EQ(take(ring), std::vector<int>{});
  }
}

TEST(MpscRingTest, TakesNoMoreThanAskedFor) {
  MpscRing<int> ring(4);
  push(ring, 1);
  push(ring, 2);
  push(ring, 3);
  EXPECT_EQ(take(ring, 2), (std::vector{1, 2}));
  EXPECT_EQ(ring.size(), 1U);
  EXPECT_EQ(take(ring, 2), std::vector{3});
}

TEST(MpscRingTest, RefusesTheNewestWhenFull) {
  MpscRing<int> ring(2);
  EXPECT_TRUE(push(ring, 1));
  EXPECT_TRUE(push(ring, 2));
  EXPECT_FALSE(push(ring, 3));
  EXPECT_EQ(ring.size(), 2U);
  EXPECT_EQ(take(ring, 1), std::vector{1});
  EXPECT_TRUE(push(ring, 4));
  EXPECT_EQ(take(ring), (std::vector{2, 4}));
}

TEST(MpscRingTest, KeepsRoomForThoseWhoMayUseIt) {
  MpscRing<int> ring(4);
  for (int lap = 0; lap < 3; ++lap) {
    EXPECT_TRUE(push(ring, 1, 2));
    EXPECT_TRUE(push(ring, 2, 2));
    EXPECT_FALSE(push(ring, 3, 2)) << "two are left, and those are for others";
    EXPECT_TRUE(push(ring, 4, 1));
    EXPECT_TRUE(push(ring, 5));
    EXPECT_FALSE(push(ring, 6));
    EXPECT_EQ(take(ring), (std::vector{1, 2, 4, 5}));
  }
}

TEST(MpscRingTest, RoundsItsCapacityUpAndRefusesNone) {
  EXPECT_EQ(MpscRing<int>(5).capacity(), 8U);
  EXPECT_EQ(MpscRing<int>(1).capacity(), 2U);
  EXPECT_THROW(MpscRing<int>(0), LogicError);
}

TEST(MpscRingTest, AProducerFindsWhatWasLeftInItsSlot) {
  MpscRing<std::vector<int>> ring(2);
  ring.try_push([](std::vector<int>& slot) { slot = {1, 2, 3}; });
  ring.take([](std::vector<int>& slot) { slot.clear(); }, 1);
  ring.try_push([](std::vector<int>& slot) { slot.clear(); });
  ring.try_push([](std::vector<int>& slot) { EXPECT_GE(slot.capacity(), 3U); });
}

std::vector<int> close(MpscRing<int>& ring, std::size_t given_up) {
  std::vector<int> values;
  EXPECT_EQ(ring.close([&](int value) { values.push_back(value); }), given_up);
  return values;
}

TEST(MpscRingTest, ClosingTakesWhatIsThereAndNothingGoesInAfterIt) {
  MpscRing<int> ring(4);
  for (int i = 0; i < 3; ++i) {  // into a second lap
    push(ring, i);
    take(ring);
  }
  push(ring, 3);
  push(ring, 4);
  EXPECT_EQ(close(ring, 0), (std::vector{3, 4}));
  EXPECT_FALSE(push(ring, 5));
  EXPECT_FALSE(push(ring, 5, 1));
  EXPECT_EQ(ring.size(), 0U);
  EXPECT_EQ(take(ring), std::vector<int>{});
  EXPECT_EQ(close(ring, 0), std::vector<int>{});
}

TEST(MpscRingTest, WhatIsBeingFilledHoldsUpWhatCameBehindItUntilItIsClosedAndThenIsRefused) {
  MpscRing<int> ring(4);
  push(ring, 1);
  const bool taken = ring.try_push([&](int& slot) {  // meanwhile, on other threads
    EXPECT_TRUE(push(ring, 3));
    EXPECT_EQ(take(ring), std::vector{1});
    EXPECT_EQ(take(ring), std::vector<int>{});
    EXPECT_EQ(ring.size(), 2U);
    EXPECT_EQ(close(ring, 1), std::vector{3});
    slot = 2;
  });
  EXPECT_FALSE(taken);
  EXPECT_EQ(ring.size(), 0U);
  EXPECT_FALSE(push(ring, 4));
  EXPECT_EQ(take(ring), std::vector<int>{});
}

struct Numbered {
  std::size_t producer{0};
  std::uint64_t number{0};
  std::array<std::uint64_t, 30> copies{};  // large enough to be caught half written
};

// Refused, a producer tries again: nothing is missing then, so that whatever is lost or doubled shows.
void push_all(MpscRing<Numbered>& ring, std::size_t producer, std::uint64_t pushes, std::size_t spare = 0) {
  for (std::uint64_t number = 1; number <= pushes; ++number) {
    while (!ring.try_push(
        [&](Numbered& slot) {
          slot.producer = producer;
          slot.number = number;
          slot.copies.fill(number);
        },
        spare)) {
      std::this_thread::yield();
    }
  }
}

TEST(MpscRingTest, WhatIsTakenArrivesWholeOnceAndInEachProducersOrder) {
  constexpr std::size_t kProducers = 4;
  constexpr std::uint64_t kPushes = 5'000;
  MpscRing<Numbered> ring(64);
  std::vector<std::jthread> producers;
  for (std::size_t producer = 0; producer < kProducers; ++producer) {
    producers.emplace_back([&ring, producer] { push_all(ring, producer, kPushes); });
  }
  std::array<std::uint64_t, kProducers> last{};
  std::uint64_t faults = 0;
  for (std::size_t received = 0; received < kProducers * kPushes;) {
    received += ring.take(
        [&](const Numbered& value) {
          faults += value.number == ++last[value.producer] ? 0 : 1;
          for (const std::uint64_t copy : value.copies) {
            faults += copy == value.number ? 0 : 1;
          }
        },
        16);
    std::this_thread::yield();
  }
  EXPECT_EQ(faults, 0U);
  EXPECT_EQ(ring.size(), 0U);
}

TEST(MpscRingTest, RoomThatIsKeptForOthersStaysFreeHoweverManyPush) {
  constexpr std::size_t kProducers = 4;
  constexpr std::size_t kSpare = 8;
  constexpr std::uint64_t kPushes = 5'000;
  MpscRing<Numbered> ring(32);
  std::vector<std::jthread> producers;
  for (std::size_t producer = 0; producer < kProducers; ++producer) {
    producers.emplace_back([&ring, producer] { push_all(ring, producer, kPushes, kSpare); });
  }
  std::array<std::uint64_t, kProducers> last{};
  std::uint64_t faults = 0;
  for (std::size_t received = 0; received < kProducers * kPushes;) {
    faults += ring.size() <= ring.capacity() - kSpare ? 0 : 1;
    received += ring.take([&](const Numbered& value) { faults += value.number == ++last[value.producer] ? 0 : 1; }, 16);
    std::this_thread::yield();
  }
  EXPECT_EQ(faults, 0U);
}

TEST(MpscRingTest, WhatWasTakenInBeforeItIsClosedComesOutAndNothingElse) {
  constexpr std::size_t kProducers = 3;
  for (int round = 0; round < 50; ++round) {
    MpscRing<Numbered> ring(16);
    std::array<std::uint64_t, kProducers> pushed{};
    std::array<std::uint64_t, kProducers> taken{};
    std::atomic<int> begun{0};
    std::vector<std::jthread> producers;
    for (std::size_t producer = 0; producer < kProducers; ++producer) {
      producers.emplace_back([&, producer](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          pushed[producer] += ring.try_push([&](Numbered& slot) { slot.producer = producer; }) ? 1 : 0;
          ++begun;
          std::this_thread::yield();
        }
      });
    }
    while (begun < 20) {
      ring.take([&](const Numbered& value) { ++taken[value.producer]; }, 16);
      std::this_thread::yield();
    }
    const std::size_t given_up = ring.close([&](const Numbered& value) { ++taken[value.producer]; });
    EXPECT_LE(given_up, kProducers);
    producers.clear();
    EXPECT_EQ(pushed, taken);
    EXPECT_EQ(ring.size(), 0U);
  }
}

TEST(MpscRingTest, PushingAndTakingAllocateNothing) {
  MpscRing<int> ring(8);
  const testing::AllocationGuard guard;
  for (int i = 0; i < 100; ++i) {
    push(ring, i);
    ring.take([](int&) {}, 1);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::realtime
