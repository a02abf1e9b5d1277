#include "takt/async/tasks/doorbell.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

TEST(DoorbellTest, ARingBeforeTheWaitIsNotLost) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    Doorbell bell("bell");
    std::jthread([&] { bell.ring(); }).join();
    co_await bell;
    bell.ring();
    co_await bell.wait();
  };
  loop.run(app());
}

TEST(DoorbellTest, SeveralRingsBeforeTheTaskRunsAreOne) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    Doorbell bell("bell");
    for (int i = 0; i < 5; ++i) {
      bell.ring();
    }
    co_await sleep_for(1ms);
    bell.ring();
    co_await sleep_for(1ms);
    co_await bell;
    const bool rang_again = co_await with_timeout(1s, bell.wait());
    EXPECT_FALSE(rang_again);
  };
  loop.run(app());
}

TEST(DoorbellTest, OneRingWakesTheOneWhoWaitsLongest) {
  EventLoop loop(LoopTime::kVirtual);
  std::vector<int> order;
  const auto app = [&]() -> Task<void> {
    Doorbell bell("bell");
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 3; ++i) {
        nursery.start("waiter", [&, i]() -> Task<void> {
          co_await bell;
          order.push_back(i);
        });
      }
      for (std::size_t rings = 1; rings <= 3; ++rings) {
        co_await sleep_for(1ms);
        bell.ring();
        co_await sleep_for(1ms);
        EXPECT_EQ(order.size(), rings);
      }
      co_return kJoin;
    });
  };
  loop.run(app());
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST(DoorbellTest, ACancelledWaitLosesNoRing) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = [&]() -> Task<void> {
    Doorbell bell("bell");
    const bool rang = co_await with_timeout(1s, bell.wait());
    EXPECT_FALSE(rang);
    EXPECT_EQ(loop.state().outside_waits, 0);
    bell.ring();
    co_await bell;
  };
  loop.run(app());
}

TEST(DoorbellTest, VirtualTimeWaitsForItWhenThereIsNoDeadline) {
  EventLoop loop(LoopTime::kVirtual);
  std::jthread ringer;
  const auto app = [&]() -> Task<void> {
    Doorbell bell("bell");
    ringer = std::jthread([&] {
      std::this_thread::sleep_for(5ms);
      bell.ring();
    });
    co_await bell;
    ringer.join();
  };
  loop.run(app());
  EXPECT_EQ(loop.clock().now_ns(), 0);
  EXPECT_EQ(loop.state().outside_waits, 0);
}

TEST(DoorbellTest, VirtualTimeJumpsToADeadlineWithoutWaitingForIt) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = [&]() -> Task<void> {
    Doorbell bell("bell");
    const bool rang = co_await with_timeout(1h, bell.wait());
    EXPECT_FALSE(rang);
  };
  loop.run(app());
  EXPECT_EQ(loop.clock().now_ns(), 3600 * core::kNanosecondsPerSecond);
}

TEST(DoorbellTest, WhenItIsDestroyedItsWaitersGetALogicErrorAndAreNotCountedAnyMore) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = [&]() -> Task<void> {
    auto bell = std::make_unique<Doorbell>("bell");
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("destroyer", [&]() -> Task<void> {
        bell.reset();
        co_return;
      });
      bool failed = false;
      try {
        co_await *bell;
      } catch (const LogicError&) {
        failed = true;
      }
      EXPECT_TRUE(failed);
      EXPECT_EQ(loop.state().outside_waits, 0);
      co_return kJoin;
    });
  };
  loop.run(app());
}

TEST(DoorbellTest, MayBeDestroyedWithARingOnItsWay) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    for (int i = 0; i < 200; ++i) {
      auto bell = std::make_unique<Doorbell>("bell");
      std::thread ringer([&] { bell->ring(); });
      if (i % 2 == 0) {
        co_await yield();
      }
      ringer.join();  // nobody rings any more, but the ring may not have been delivered
      bell.reset();
      co_await yield();
    }
  };
  loop.run(app());
}

TEST(DoorbellTest, ADoorbellOutsideOfATaskIsALogicError) {
  EXPECT_THROW(Doorbell("bell"), LogicError);
}

TEST(DoorbellTest, ItsWaitIsNamed) {
  EventLoop loop(LoopTime::kVirtual);
  std::string waiting_for;
  const auto app = [&]() -> Task<void> {
    Doorbell bell("frame");
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("waiter", [&]() -> Task<void> { co_await bell; });
      co_await yield();
      for (const TaskInfo& task : loop.tasks()) {
        waiting_for += task.waiting_for;
      }
      co_return kCancel;
    });
  };
  loop.run(app());
  EXPECT_EQ(waiting_for, "Doorbell 'frame'");
}

// Each thread stores a number and rings; the task must see the last number of each, though rings coalesce and though it
// is often parked when they come.
TEST(DoorbellTest, TheLastRingOfManyThreadsIsNeverLost) {
  constexpr int kThreads = 3;
  constexpr int kRings = 10'000;
  EventLoop loop;
  std::vector<std::atomic<int>> slots(kThreads);
  int woke = 0;
  const auto app = [&]() -> Task<void> {
    Doorbell bell("bell");
    std::vector<std::jthread> ringers;
    for (auto& slot : slots) {
      ringers.emplace_back([&] {
        for (int i = 1; i <= kRings; ++i) {
          slot.store(i, std::memory_order_relaxed);
          bell.ring();
          if (i % 64 == 0) {
            std::this_thread::yield();
          }
        }
      });
    }
    const auto all_arrived = [&] {
      for (const auto& slot : slots) {
        if (slot.load(std::memory_order_relaxed) < kRings) {
          return false;
        }
      }
      return true;
    };
    while (!all_arrived()) {
      co_await bell;
      ++woke;
    }
    ringers.clear();
  };
  loop.run(app());
  EXPECT_GT(woke, 0);
}

// One ring at a time, each into a loop that has gone to sleep or is about to: a lost one would hang here.
TEST(DoorbellTest, TenThousandRingsIntoAParkedLoopAllArrive) {
  constexpr int kRings = 10'000;
  EventLoop loop;
  std::atomic<int> heard{0};
  const auto app = [&]() -> Task<void> {
    Doorbell bell("bell");
    std::jthread ringer([&] {
      for (int i = 0; i < kRings; ++i) {
        bell.ring();
        heard.wait(i, std::memory_order_acquire);
      }
    });
    for (int i = 1; i <= kRings; ++i) {
      co_await bell;
      heard.store(i, std::memory_order_release);
      heard.notify_one();
    }
    ringer.join();
  };
  loop.run(app());
  EXPECT_EQ(heard.load(), kRings);
}

TEST(DoorbellTest, RingingAllocatesNothing) {
  EventLoop loop;
  std::uint64_t allocations = 1;
  const auto app = [&]() -> Task<void> {
    Doorbell bell("bell");
    const testing::AllocationGuard guard;
    for (int i = 0; i < 100; ++i) {
      bell.ring();
      co_await bell;
    }
    allocations = guard.count();
  };
  loop.run(app());
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace takt::async
