#include "takt/realtime/stall_log.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

constexpr core::Nanoseconds kMs = 1'000'000;

TEST(StallLogTest, KnowsOfNoStallAtFirst) {
  const StallLog log;
  EXPECT_FALSE(log.stalled(0, 100 * kMs));
  EXPECT_TRUE(log.list().empty());
}

TEST(StallLogTest, TellsHowMuchOfATimeStallsCover) {
  StallLog log;
  log.add({.start_ns = 10 * kMs, .length_ns = 2 * kMs});
  log.add({.start_ns = 20 * kMs, .length_ns = 4 * kMs});
  EXPECT_EQ(log.stalled_ns(0, 100 * kMs), 6 * kMs);
  EXPECT_EQ(log.stalled_ns(11 * kMs, 22 * kMs), 3 * kMs);
  EXPECT_EQ(log.stalled_ns(21 * kMs, 23 * kMs), 2 * kMs);
  EXPECT_EQ(log.stalled_ns(12 * kMs, 20 * kMs), 0);
  EXPECT_FALSE(log.stalled(24 * kMs, 30 * kMs));
  EXPECT_FALSE(log.stalled(0, 10 * kMs));
  EXPECT_TRUE(log.stalled(0, 10 * kMs + 1));
}

TEST(StallLogTest, KeepsTheLastSixtyFourInOrder) {
  StallLog log;
  for (int i = 0; i < 100; ++i) {
    log.add({.start_ns = i * 10 * kMs, .length_ns = kMs, .steal_ticks = static_cast<std::uint64_t>(i)});
  }
  const std::vector<Stall> stalls = log.list();
  EXPECT_EQ(log.count(), 100U);
  ASSERT_EQ(stalls.size(), StallLog::kKept);
  EXPECT_EQ(stalls.front().steal_ticks, 36U);
  EXPECT_EQ(stalls.back().steal_ticks, 99U);
  EXPECT_FALSE(log.stalled(0, 360 * kMs));
  EXPECT_EQ(log.stalled_ns(0, 1000 * kMs), 64 * kMs);
}

TEST(StallLogTest, AmendsTheNewestOnly) {
  StallLog log;
  log.add({.start_ns = 1, .length_ns = 1});
  log.add({.start_ns = 5, .length_ns = 1});
  log.amend({.start_ns = 5, .length_ns = 1, .steal_ticks = 3});
  EXPECT_EQ(log.count(), 2U);
  EXPECT_EQ(log.list()[0].steal_ticks, 0U);
  EXPECT_EQ(log.list()[1].steal_ticks, 3U);
}

TEST(StallLogTest, IsAskedWhileItIsWritten) {
  StallLog log;
  std::atomic<bool> done{false};
  std::jthread writer([&] {
    for (core::Nanoseconds i = 1; i <= 20'000; ++i) {
      log.add({.start_ns = i * 10, .length_ns = 10, .steal_ticks = static_cast<std::uint64_t>(i)});
      log.amend({.start_ns = i * 10, .length_ns = 10, .steal_ticks = static_cast<std::uint64_t>(i)});
    }
    done = true;
  });
  std::uint64_t wrong = 0;
  while (!done) {
    for (const Stall& stall : log.list()) {
      wrong += stall.start_ns == static_cast<core::Nanoseconds>(stall.steal_ticks) * 10 ? 0 : 1;
    }
    wrong += log.stalled_ns(0, 1'000'000) <= static_cast<core::Nanoseconds>(StallLog::kKept + 1) * 10 ? 0 : 1;
  }
  writer.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(log.stalled_ns(0, 1'000'000), static_cast<core::Nanoseconds>(StallLog::kKept) * 10);
}

TEST(StallLogTest, AddingAndAskingAllocateNothing) {
  StallLog log;
  const testing::AllocationGuard guard;
  for (int i = 0; i < 100; ++i) {
    log.add({.start_ns = i, .length_ns = 1});
  }
  EXPECT_TRUE(log.stalled(0, 1000));
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::realtime
