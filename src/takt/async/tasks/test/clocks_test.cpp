#include "takt/async/tasks/clocks.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <sys/timerfd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

// What is particular to each clock; what they have in common is in clock_test.cpp. Not tested: that sleepers on the
// SystemClock follow when the wall is set, since a test cannot set it. What can be seen of it is: the kernel is asked
// to report a change, and a wake-up that comes early wakes nobody and arms the timer again.

namespace takt::async {
namespace {

using namespace std::chrono_literals;

// Starts a sleeper that notes the time at which it woke.
void start_sleeper(Nursery& nursery, Clock& clock, core::Nanoseconds deadline_ns,
                   std::vector<core::Nanoseconds>& woke) {
  nursery.start("sleeper", [&clock, deadline_ns, &woke]() -> Task<void> {
    co_await sleep_until(clock, deadline_ns);
    woke.push_back(deadline_ns);
  });
}

void run_virtual(std::function<Task<void>(Nursery&)> body) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = [&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      co_await body(nursery);
      co_return kCancel;
    });
  };
  loop.run(app());
}

// ---- SystemClock

TEST(SystemClockTest, ShowsTheWall) {
  const SystemClock clock;
  const core::Nanoseconds before_ns = core::wall_now_ns();
  EXPECT_GT(clock.now_ns(), 1'600'000'000 * core::kNanosecondsPerSecond);
  EXPECT_GE(clock.now_ns(), before_ns);
}

TEST(SystemClockTest, IsWatchedOnlyWhileSomebodySleeps) {
  EventLoop loop;
  const auto app = [&]() -> Task<void> {
    SystemClock clock;
    EXPECT_TRUE(loop.state().watches.empty());
    co_await sleep_for(clock, 1ms);
    EXPECT_TRUE(loop.state().watches.empty());
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 2; ++i) {
        nursery.start("sleeper", [&]() -> Task<void> { co_await sleep_for(clock, 1h); });
      }
      co_await yield();
      EXPECT_FALSE(loop.state().watches.empty());
      EXPECT_EQ(loop.state().outside_waits, 1);
      co_return kCancel;
    });
    EXPECT_TRUE(loop.state().watches.empty());
    EXPECT_EQ(loop.state().outside_waits, 0);
  };
  loop.run(app());
}

TEST(SystemClockTest, AnEarlierDeadlineAfterALaterOneIsMet) {
  EventLoop loop;
  bool met = false;
  const auto app = [&]() -> Task<void> {
    SystemClock clock;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("later", [&]() -> Task<void> { co_await sleep_for(clock, 1h); });
      co_await yield();
      co_await sleep_for(clock, 1ms);
      met = true;
      co_return kCancel;
    });
  };
  loop.run(app());
  EXPECT_TRUE(met);
}

// The timerfd of this process, found by its name; -1 when there is none.
int find_timer() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) == "anon_inode:[timerfd]") {
      return std::stoi(entry.path().filename());
    }
  }
  return -1;
}

TEST(SystemClockTest, TheKernelIsAskedToReportThatTheWallWasSet) {
  EventLoop loop;
  std::string information;
  const auto app = [&]() -> Task<void> {
    SystemClock clock;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("sleeper", [&]() -> Task<void> { co_await sleep_for(clock, 1h); });
      co_await yield();
      std::ifstream file("/proc/self/fdinfo/" + std::to_string(find_timer()));
      information.assign(std::istreambuf_iterator<char>(file), {});
      co_return kCancel;
    });
  };
  loop.run(app());
  if (information.find("settime flags") == std::string::npos) {
    GTEST_SKIP() << "this kernel does not show the flags of a timerfd";
  }
  EXPECT_NE(information.find("settime flags: 03"), std::string::npos) << information;
}

TEST(SystemClockTest, AWakeUpBeforeTheDeadlineWakesNobodyAndArmsTheTimerAgain) {
  EventLoop loop;
  const auto app = [&]() -> Task<void> {
    SystemClock clock;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      const core::Nanoseconds deadline_ns = clock.now_ns() + 20'000'000;
      nursery.start("disturber", []() -> Task<void> {
        const int timer = find_timer();
        EXPECT_GE(timer, 0);
        const itimerspec long_ago{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 1}};
        EXPECT_EQ(timerfd_settime(timer, TFD_TIMER_ABSTIME, &long_ago, nullptr), 0);
        co_return;
      });
      co_await sleep_until(clock, deadline_ns);
      EXPECT_GE(clock.now_ns(), deadline_ns);
      co_return kJoin;
    });
  };
  loop.run(app());
}

TEST(SystemClockTest, VirtualTimeWaitsForItWhenThereIsNoDeadline) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = [&]() -> Task<void> {
    SystemClock clock;
    co_await sleep_for(clock, 2ms);
  };
  loop.run(app());
  EXPECT_EQ(loop.clock().now_ns(), 0);
}

TEST(SystemClockTest, TheLongestSleepIsNoError) {
  EventLoop loop;
  const auto app = [&]() -> Task<void> {
    SystemClock clock;
    const bool woke = co_await with_timeout(1ms, sleep_for(clock, Duration::max()));
    EXPECT_FALSE(woke);
  };
  loop.run(app());
}

// ---- ManualClock

TEST(ManualClockTest, StartsWhereItIsToldAndMovesAsFarAsItIsTold) {
  ManualClock clock(100);
  EXPECT_EQ(clock.now_ns(), 100);
  clock.advance(20ns);
  clock.advance(0ns);
  EXPECT_EQ(clock.now_ns(), 120);
  EXPECT_THROW(clock.advance(-1ns), LogicError);
  EXPECT_EQ(clock.now_ns(), 120);
}

TEST(ManualClockTest, AdvancingWakesWhoIsDueAndNobodyElse) {
  run_virtual([](Nursery& nursery) -> Task<void> {
    ManualClock clock;
    std::vector<core::Nanoseconds> woke;
    for (const core::Nanoseconds deadline_ns : {30, 10, 20}) {
      start_sleeper(nursery, clock, deadline_ns, woke);
    }
    co_await yield();
    clock.advance(9ns);
    co_await sleep_for(1h);  // the loop's time is another
    EXPECT_TRUE(woke.empty());
    clock.advance(11ns);
    co_await yield();
    EXPECT_EQ(woke, (std::vector<core::Nanoseconds>{10, 20}));
    EXPECT_EQ(clock.sleepers(), 1U);
    clock.advance(1h);
    co_await yield();
    EXPECT_EQ(clock.sleepers(), 0U);
  });
}

TEST(ManualClockTest, NobodyToAdvanceItIsADeadlock) {
  EventLoop loop(LoopTime::kVirtual);
  ManualClock clock;
  const auto app = [&]() -> Task<void> { co_await sleep_for(clock, 1s); };
  EXPECT_THROW(loop.run(app()), Deadlock);
}

// ---- SimulatedClock

TEST(SimulatedClockTest, IsInactiveAtZeroUntilTheFirstMessageAndSleepersWait) {
  run_virtual([](Nursery& nursery) -> Task<void> {
    SimulatedClock clock;
    std::vector<core::Nanoseconds> woke;
    EXPECT_FALSE(clock.active());
    EXPECT_EQ(clock.now_ns(), 0);
    start_sleeper(nursery, clock, 1, woke);
    co_await sleep_for(1h);
    EXPECT_TRUE(woke.empty());
    clock.set_time(0);
    co_await yield();
    EXPECT_TRUE(clock.active());
    EXPECT_TRUE(woke.empty());
    clock.set_time(100);
    co_await yield();
    EXPECT_EQ(woke.size(), 1U);
    EXPECT_EQ(clock.jumps_back(), 0U);
  });
}

TEST(SimulatedClockTest, ASleepOfOneSecondFromTenEndsAtEleven) {
  run_virtual([](Nursery& nursery) -> Task<void> {
    SimulatedClock clock;
    clock.set_time(10 * core::kNanosecondsPerSecond);
    bool woke = false;
    nursery.start("sleeper", [&]() -> Task<void> {
      co_await sleep_for(clock, 1s);
      woke = true;
    });
    co_await yield();
    clock.set_time(11 * core::kNanosecondsPerSecond - 1);
    co_await sleep_for(1s);
    EXPECT_FALSE(woke);
    clock.set_time(11 * core::kNanosecondsPerSecond);
    co_await yield();
    EXPECT_TRUE(woke);
  });
}

TEST(SimulatedClockTest, AJumpForwardWakesAllWhoAreDueAndNobodyElse) {
  run_virtual([](Nursery& nursery) -> Task<void> {
    SimulatedClock clock;
    std::vector<core::Nanoseconds> woke;
    for (const core::Nanoseconds deadline_ns : {10, 1, 5}) {
      start_sleeper(nursery, clock, deadline_ns, woke);
    }
    co_await yield();
    clock.set_time(3);
    co_await yield();
    EXPECT_EQ(woke, (std::vector<core::Nanoseconds>{1}));
    clock.set_time(11);
    co_await yield();
    EXPECT_EQ(woke, (std::vector<core::Nanoseconds>{1, 5, 10}));
  });
}

TEST(SimulatedClockTest, AJumpBackIsCountedAndSleepersKeepTheirDeadlines) {
  run_virtual([](Nursery& nursery) -> Task<void> {
    SimulatedClock clock;
    std::vector<core::Nanoseconds> woke;
    clock.set_time(100);
    start_sleeper(nursery, clock, 110, woke);
    co_await yield();
    clock.set_time(50);
    EXPECT_EQ(clock.jumps_back(), 1U);
    EXPECT_EQ(clock.now_ns(), 50);
    start_sleeper(nursery, clock, 60, woke);
    co_await yield();
    clock.set_time(109);
    co_await yield();
    EXPECT_EQ(woke, (std::vector<core::Nanoseconds>{60}));
    clock.set_time(110);
    co_await yield();
    EXPECT_EQ(woke, (std::vector<core::Nanoseconds>{60, 110}));
    clock.set_time(110);
    EXPECT_EQ(clock.jumps_back(), 1U) << "standing still is no jump";
  });
}

TEST(SimulatedClockTest, AnotherSourceThrowsIntoWhoSleepsAndWaitsForItsFirstMessage) {
  int changed = 0;
  run_virtual([&](Nursery& nursery) -> Task<void> {
    SimulatedClock clock;
    clock.set_time(100);
    const auto expect_change = [&](auto wait) -> Task<void> {
      try {
        co_await wait();
      } catch (const TimeSourceChanged&) {
        ++changed;
      }
    };
    Every rhythm = every(clock, 10ns);
    co_await with_nursery([&](Nursery& sleepers) -> Task<Join> {
      sleepers.start("relative", expect_change([&] { return sleep_for(clock, 1s); }));
      sleepers.start("absolute", expect_change([&] { return sleep_until(clock, 200); }));
      sleepers.start("rhythm", expect_change([&] { return rhythm.next(); }));
      co_await yield();
      EXPECT_EQ(clock.sleepers(), 3U);
      clock.change_source();
      EXPECT_EQ(clock.sleepers(), 0U);
      co_return kJoin;
    });
    EXPECT_FALSE(clock.active());
    EXPECT_EQ(clock.now_ns(), 0);
    clock.set_time(40);
    EXPECT_EQ(clock.jumps_back(), 0U) << "another source does not jump";
    nursery.start("time", [&]() -> Task<void> {
      co_await yield();
      clock.set_time(50);
    });
    const Tick tick = co_await rhythm;
    EXPECT_EQ(tick.deadline_ns, 50) << "the rhythm begins anew";
  });
  EXPECT_EQ(changed, 3);
}

TEST(SimulatedClockTest, AMessageThatWakesNobodyAllocatesNothingHoweverManySleep) {
  run_virtual([](Nursery& nursery) -> Task<void> {
    SimulatedClock clock;
    std::vector<core::Nanoseconds> woke;
    for (int i = 0; i < 10'000; ++i) {
      start_sleeper(nursery, clock, 1'000'000'000, woke);
    }
    for (int i = 0; i < 100; ++i) {
      co_await yield();
    }
    EXPECT_EQ(clock.sleepers(), 10'000U);
    const testing::AllocationGuard guard;
    for (int i = 0; i < 1'000'000; ++i) {  // a message that costs O(sleepers) would make this test last for minutes
      clock.set_time(i);
    }
    EXPECT_EQ(guard.count(), 0U);
    EXPECT_TRUE(woke.empty());
    clock.set_time(1'000'000'000);
    while (woke.size() < 10'000) {
      co_await yield();
    }
  });
}

}  // namespace
}  // namespace takt::async
