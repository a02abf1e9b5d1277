#include "takt/async/tasks/every.hpp"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/clocks.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

constexpr core::Nanoseconds kMillisecond_ns = 1'000'000;

core::Nanoseconds now_ms() {
  return this_loop().clock().now_ns() / kMillisecond_ns;
}

TEST(EveryTest, TheFirstTickComesOnePeriodAfterTheFirstAwaitAndTheOthersInPhase) {
  EventLoop loop(LoopTime::kVirtual);
  std::vector<core::Nanoseconds> times_ms;
  const auto app = [&]() -> Task<void> {
    auto tick = every(10ms);
    co_await sleep_for(3ms);
    for (int i = 0; i < 4; ++i) {
      co_await tick;
      times_ms.push_back(now_ms());
      co_await sleep_for(Duration(4ms) * i / 2);  // work that takes differently long shifts nothing
    }
    EXPECT_EQ(tick.missed(), 0U);
  };
  loop.run(app());
  EXPECT_EQ(times_ms, (std::vector<core::Nanoseconds>{13, 23, 33, 43}));
}

TEST(EveryTest, ALateTaskGoesOnInPhaseAndKnowsWhatItMissed) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    auto tick = every(10ms);
    co_await tick;
    co_await sleep_for(25ms);  // 35 ms: the ticks of 20 and 30 ms are gone
    const Tick late = co_await tick;
    EXPECT_EQ(late.deadline_ns, 40 * kMillisecond_ns);
    EXPECT_EQ(late.missed, 2U);
    EXPECT_EQ(now_ms(), 40);
    const Tick next = co_await tick;
    EXPECT_EQ(next.missed, 0U);
    EXPECT_EQ(next.deadline_ns, 50 * kMillisecond_ns);
    EXPECT_EQ(tick.missed(), 2U);
  };
  loop.run(app());
}

TEST(EveryTest, ALoopOverItHasNoEnd) {
  EventLoop loop(LoopTime::kVirtual);
  int rounds = 0;
  std::uint64_t missed = 0;
  const auto app = [&]() -> Task<void> {
    for (auto tick : every(20ms)) {
      const Tick now = co_await tick;
      EXPECT_EQ(now.lateness_ns, 0);
      if (++rounds == 3) {
        co_await sleep_for(45ms);
      }
      if (rounds == 5) {
        missed = tick.missed();
        break;
      }
    }
    EXPECT_EQ(now_ms(), (5 + 2) * 20);
  };
  loop.run(app());
  EXPECT_EQ(rounds, 5);
  EXPECT_EQ(missed, 2U);
}

TEST(EveryTest, LatenessIsFromTheDeadlineUntilTheTaskRuns) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    ManualClock clock(1000);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("time", [&]() -> Task<void> {
        clock.advance(17ns);
        co_return;
      });
      auto tick = every(clock, 10ns);
      const Tick first = co_await tick;
      EXPECT_EQ(first.deadline_ns, 1010);
      EXPECT_EQ(first.lateness_ns, 7);
      EXPECT_EQ(first.missed, 0U);
      co_return kJoin;
    });
  };
  loop.run(app());
}

TEST(EveryTest, OnRealTimeNoTickIsEarlyAndThePhaseHolds) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    auto tick = every(300us);
    core::Nanoseconds first_ns = 0;
    std::uint64_t ticks = 0;
    for (int i = 0; i < 30; ++i) {
      const Tick now = co_await tick;
      EXPECT_GE(now.lateness_ns, 0);
      first_ns = i == 0 ? now.deadline_ns : first_ns;
      ticks += i == 0 ? 0 : 1 + now.missed;
      EXPECT_EQ(now.deadline_ns - first_ns, static_cast<core::Nanoseconds>(ticks) * 300'000);
    }
  };
  loop.run(app());
}

TEST(EveryTest, ACancelledWaitLeavesTheDeadlineTheNextOne) {
  EventLoop loop(LoopTime::kVirtual);
  std::vector<core::Nanoseconds> ticks_ms;
  const auto app = [&]() -> Task<void> {
    auto tick = every(20ms);
    int waits = 0;
    while (ticks_ms.size() < 3) {
      ++waits;
      if (const auto now = co_await with_timeout(7ms, tick.next()); now) {
        ticks_ms.push_back(now->deadline_ns / kMillisecond_ns);
      }
    }
    EXPECT_EQ(waits, 9);
    EXPECT_EQ(tick.missed(), 0U);
    EXPECT_EQ(this_loop().clock().sleepers(), 0U);
  };
  loop.run(app());
  EXPECT_EQ(ticks_ms, (std::vector<core::Nanoseconds>{20, 40, 60}));
}

TEST(EveryTest, APeriodThatIsNotPositiveIsALogicError) {
  ManualClock clock;
  EXPECT_THROW(static_cast<void>(every(0ms)), LogicError);
  EXPECT_THROW(static_cast<void>(every(-1ms)), LogicError);
  EXPECT_THROW(static_cast<void>(every(clock, 0ms)), LogicError);
}

TEST(EveryTest, TheLongestPeriodDoesNotOverflow) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    auto tick = every(Duration::max());
    const auto now = co_await with_timeout(24h * 365, tick.next());
    EXPECT_FALSE(now);
  };
  loop.run(app());
}

TEST(EveryTest, TwoTasksOnOneRhythmIsALogicError) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    auto tick = every(1s);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("first", [&]() -> Task<void> { co_await tick; });
      co_await yield();
      bool refused = false;
      try {
        co_await tick;
      } catch (const LogicError&) {
        refused = true;
      }
      EXPECT_TRUE(refused);
      co_return kJoin;
    });
    EXPECT_EQ(now_ms(), 1000);
  };
  loop.run(app());
}

TEST(EveryTest, WhoWaitsWhenItIsDestroyedGetsALogicError) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    auto tick = std::make_unique<Every>(nullptr, 1s);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("destroyer", [&]() -> Task<void> {
        tick.reset();
        co_return;
      });
      bool failed = false;
      try {
        co_await *tick;
      } catch (const LogicError&) {
        failed = true;
      }
      EXPECT_TRUE(failed);
      co_return kJoin;
    });
    EXPECT_EQ(this_loop().clock().sleepers(), 0U);
  };
  loop.run(app());
}

TEST(EveryTest, AClockThatWasSetBackBeginsTheRhythmAnew) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    SimulatedClock clock;
    clock.set_time(1000);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      auto tick = every(clock, 10ns);
      const auto set_soon = [&](core::Nanoseconds time_ns) {
        nursery.start("time", [&clock, time_ns]() -> Task<void> {
          clock.set_time(time_ns);
          co_return;
        });
      };
      set_soon(1010);
      co_await tick;
      clock.set_time(500);
      set_soon(510);
      const Tick anew = co_await tick;
      EXPECT_EQ(anew.deadline_ns, 510);
      EXPECT_EQ(anew.missed, 0U);
      co_return kJoin;
    });
  };
  loop.run(app());
}

TEST(EveryTest, ItsWaitSaysWhatItWaitsFor) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    ManualClock clock;
    auto tick = every(clock, 20ms);
    co_await tick;
  };
  try {
    loop.run(app());
    FAIL() << "nobody advances the clock";
  } catch (const Deadlock& deadlock) {
    EXPECT_NE(std::string(deadlock.what()).find("the next tick of every(0.02 s)"), std::string::npos)
        << deadlock.what();
  }
}

TEST(EveryTest, TickingAllocatesNothing) {
  if (TAKT_ADDRESS_SANITIZER) {
    GTEST_SKIP() << "frames are not recycled under AddressSanitizer";
  }
  EventLoop loop(LoopTime::kVirtual);
  std::uint64_t allocations = 1;
  const auto app = [&]() -> Task<void> {
    auto tick = every(1ms);
    co_await tick;
    const testing::AllocationGuard guard;
    for (int i = 0; i < 1000; ++i) {
      co_await tick;
    }
    allocations = guard.count();
  };
  loop.run(app());
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace takt::async
