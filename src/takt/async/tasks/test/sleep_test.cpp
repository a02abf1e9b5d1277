#include "takt/async/tasks/sleep.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

Task<void> append_twice(std::vector<int>* order, int id) {
  order->push_back(id);
  co_await yield();
  order->push_back(id);
}

TEST(SleepTest, SleepsExactlyAsLongAsAskedOnVirtualTime) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    Clock& clock = this_loop().clock();
    co_await sleep_for(5s);
    EXPECT_EQ(clock.now_ns(), 5'000'000'000);
    co_await sleep_until(7'000'000'000);
    EXPECT_EQ(clock.now_ns(), 7'000'000'000);
  };
  loop.run(app());
}

TEST(SleepTest, NeverWakesEarlyOnRealTime) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    for (int i = 0; i < 20; ++i) {
      const core::Nanoseconds start_ns = core::monotonic_now_ns();
      co_await sleep_for(100us);
      EXPECT_GE(core::monotonic_now_ns() - start_ns, 100'000);
    }
  };
  loop.run(app());
}

TEST(SleepTest, ADurationIsCountedFromTheAwaitNotFromTheCall) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    Sleep later = sleep_for(1s);
    co_await sleep_for(10s);
    co_await later;
    EXPECT_EQ(this_loop().clock().now_ns(), 11'000'000'000);
  };
  loop.run(app());
}

TEST(SleepTest, ZeroAndNegativeDurationsLetTheOthersRunOnce) {
  for (const Duration duration : {Duration(0), Duration(-1s), Duration::min()}) {
    EventLoop loop(LoopTime::kVirtual);
    std::vector<int> order;
    const auto app = [&]() -> Task<void> {
      co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("other", append_twice(&order, 1));
        order.push_back(0);
        co_await sleep_for(duration);
        order.push_back(0);
        co_return kJoin;
      });
      EXPECT_EQ(this_loop().clock().now_ns(), 0);
    };
    loop.run(app());
    EXPECT_EQ(order, (std::vector{0, 1, 0, 1}));
  }
}

TEST(SleepTest, TheLongestSleepDoesNotOverflow) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    co_await sleep_for(1s);
    const bool woke = co_await with_timeout(24h * 365, sleep_for(Duration::max()));
    EXPECT_FALSE(woke);
  };
  loop.run(app());
}

TEST(SleepTest, ACancelledSleepThrowsAtOnceAndLeavesTheClock) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    const bool woke = co_await with_timeout(1s, sleep_for(100s));
    EXPECT_FALSE(woke);
    EXPECT_EQ(this_loop().clock().now_ns(), 1'000'000'000);
    EXPECT_EQ(this_loop().clock().sleepers(), 0U);
  };
  loop.run(app());
}

TEST(SleepTest, ASleepInACancelledScopeThrowsEvenWhenItsTimeHasCome) {
  EventLoop loop(LoopTime::kVirtual);
  bool went_on = false;
  const auto app = [&]() -> Task<void> {
    CancelScope scope;
    scope.cancel("never mind");
    const auto body = [&]() -> Task<void> {
      co_await sleep_for(0s);
      went_on = true;
    };
    const bool finished = co_await scope.run(body());
    EXPECT_FALSE(finished);
  };
  loop.run(app());
  EXPECT_FALSE(went_on);
}

TEST(SleepTest, TheDeadlockReportSaysForHowLong) {
  EventLoop loop(LoopTime::kVirtual);
  std::string waiting_for;
  const auto app = [&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("sleeper", []() -> Task<void> { co_await sleep_for(3s); });
      co_await sleep_for(1s);
      for (const TaskInfo& task : this_loop().tasks()) {
        waiting_for += task.waiting_for;
      }
      co_return kCancel;
    });
  };
  loop.run(app());
  EXPECT_EQ(waiting_for, "sleep, for another 2 s");
}

TEST(SleepTest, CheckpointGoesOnWithoutLettingOthersRunAndThrowsWhenCancelled) {
  EventLoop loop(LoopTime::kVirtual);
  std::vector<int> order;
  bool went_on = false;
  const auto app = [&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("other", append_twice(&order, 1));
      co_await checkpoint();
      order.push_back(0);
      co_return kJoin;
    });
    CancelScope scope;
    scope.cancel("over");
    const auto body = [&]() -> Task<void> {
      co_await checkpoint();
      went_on = true;
    };
    const bool finished = co_await scope.run(body());
    EXPECT_FALSE(finished);
  };
  loop.run(app());
  EXPECT_EQ(order, (std::vector{0, 1, 1}));
  EXPECT_FALSE(went_on);
}

TEST(SleepTest, SleepingAllocatesNothing) {
  if (TAKT_ADDRESS_SANITIZER) {
    GTEST_SKIP() << "frames are not recycled under AddressSanitizer";
  }
  EventLoop loop(LoopTime::kVirtual);
  std::uint64_t allocations = 1;
  const auto app = [&]() -> Task<void> {
    const auto one = []() -> Task<void> { co_await sleep_for(1ms); };
    co_await one();
    const testing::AllocationGuard guard;
    for (int i = 0; i < 1000; ++i) {
      co_await one();
      co_await sleep_for(1ms);
    }
    allocations = guard.count();
  };
  loop.run(app());
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace takt::async
