#include "takt/async/loop_watch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/loop_watch_reports.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"

// The host may stop any of these threads for longer than any threshold. So a task blocks until it was reported, and
// what is not reported is never a count. A report that never comes is the test's time limit.

namespace takt::async {
namespace {

using namespace std::chrono_literals;

bool has_function(const std::vector<StackFrame>& stack, std::string_view name) {
  return std::ranges::any_of(stack, [&](const StackFrame& frame) { return frame.function.contains(name); });
}

void expect_stack_has(const BlockReport& report, std::string_view name) {
  if (TAKT_THREAD_SANITIZER == 0) {  // its signals come at some later place
    EXPECT_TRUE(has_function(report.stack, name)) << report.text();
    EXPECT_FALSE(has_function(report.stack, "run_ready_tasks")) << report.text();
  }
}

core::Nanoseconds cpu_time_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * core::kNanosecondsPerSecond + time.tv_nsec;
}

[[gnu::noinline]] void burn_the_time() {
  const core::Nanoseconds end_ns = cpu_time_ns() + kBlock.count();
  while (cpu_time_ns() < end_ns) {
    if (TAKT_THREAD_SANITIZER != 0) {
      usleep(1);  // it keeps a signal until the thread calls something that it knows
    }
  }
}

TEST(LoopWatchTest, NamesATaskThatBurnsTheCpuWhereItWasStartedForHowLongAndWhere) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await block_until(reports, "main", &burn_the_time);
  });
  const BlockReport report = reports.last(from("main"));
  EXPECT_TRUE(report.started_at.starts_with("loop_watch_test.cpp:")) << report.started_at;
  EXPECT_GE(report.duration_ns + report.uncertainty_ns, kBlock.count());
  EXPECT_TRUE(report.ended);
  expect_stack_has(report, "burn_the_time");
}

TEST(LoopWatchTest, NamesATaskThatSleepsInASystemCall) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await block_until(reports, "main", &sleep_in_the_system);
  });
  const BlockReport report = reports.last(from("main"));
  EXPECT_GE(report.duration_ns + report.uncertainty_ns, kBlock.count());
  expect_stack_has(report, "sleep_in_the_system");
  if (TAKT_THREAD_SANITIZER == 0) {
    EXPECT_TRUE(report.user_frame()->function.contains("sleep_in_the_system")) << report.text();
  }
}

Task<void> blocks_deep_inside() {
  sleep_in_the_system();
  co_return;
}

Task<void> awaits_it() {
  co_await blocks_deep_inside();
}

TEST(LoopWatchTest, TheStackOfAnAwaitedTaskNamesItAndTheStartedTaskIsBlamed) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("outer", [&]() -> Task<void> {
        while (!reports.have(from("main/outer"))) {
          co_await sleep_for(2ms);
          co_await awaits_it();
        }
      });
      co_return kJoin;
    });
  });
  expect_stack_has(reports.first(from("main/outer")), "blocks_deep_inside");
}

TEST(LoopWatchTest, AChildIsNamedByItsPath) {
  Reports reports;
  const std::string path = "main/perception/camera";
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await with_nursery([&](Nursery& outer) -> Task<Join> {
      outer.start("perception", [&]() -> Task<void> {
        co_await with_nursery([&](Nursery& inner) -> Task<Join> {
          inner.start("camera", block_until(reports, path, &sleep_in_the_system));
          co_return kJoin;
        });
      });
      co_return kJoin;
    });
  });
  EXPECT_TRUE(reports.have(from(path)));
}

TEST(LoopWatchTest, TasksThatDoNotBlockAreNotNamed) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch({.threshold = 200ms, .on_report = [&](const BlockReport& report) { reports.add(report); }});
    for (int i = 0; i < 200; ++i) {
      co_await sleep_for(1ms);
    }
  });
  EXPECT_TRUE(reports.all().empty()) << reports.all().front().text();
}

TEST(LoopWatchTest, ManyTurnsInARowAreNotOneLongTurn) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch({.threshold = 200ms, .on_report = [&](const BlockReport& report) { reports.add(report); }});
    const core::Nanoseconds end_ns = core::monotonic_now_ns() + 1'000'000'000;
    while (core::monotonic_now_ns() < end_ns) {  // never asleep
      co_await sleep_for(0ns);
    }
  });
  EXPECT_TRUE(reports.all().empty()) << reports.all().front().text();
}

TEST(LoopWatchTest, WatchesALoopWithVirtualTimeInRealTime) {
  Reports reports;
  EventLoop loop{LoopTime::kVirtual};
  loop.run([](Reports* into) -> Task<void> {
    const LoopWatch watch(into->options());
    co_await block_until(*into, "main", &sleep_in_the_system);
  }(&reports));
  EXPECT_TRUE(reports.have(from("main")));
}

TEST(LoopWatchTest, SaysThatALoopIsStillBlockedWhileItIs) {
  Reports reports;
  const auto still = [](const BlockReport& report) { return !report.ended; };
  const auto ended = [](const BlockReport& report) { return report.ended && !report.later_stack.empty(); };
  run_on_loop([&]() -> Task<void> {
    LoopWatchOptions options = reports.options();
    options.still_blocked_after = 30ms;
    const LoopWatch watch(options);
    while (!reports.have(still)) {
      sleep_in_the_system();  // the whole of it in one turn
    }
    co_await sleep_for(1ms);
  });
  EXPECT_EQ(reports.first(still).task, "main");
  EXPECT_GE(reports.first(ended).duration_ns, 30'000'000 - 1'000'000);
  EXPECT_TRUE(reports.have(ended));
}

TEST(LoopWatchTest, ALoopThatHasSleptForLongIsWatchedFromItsFirstTurn) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    while (!reports.have(from("main"))) {
      co_await sleep_for(50ms);  // the watch is parked
      sleep_in_the_system();
      co_await sleep_for(1ms);
    }
  });
  EXPECT_GE(reports.first(from("main")).duration_ns + reports.first(from("main")).uncertainty_ns, kBlock.count());
}

TEST(LoopWatchTest, TwoLoopsAreWatchedAtOnce) {
  Reports reports;
  const auto app = [&](const std::string& name) {
    EventLoop().run(
        [](Reports* into, std::string me) -> Task<void> {
          const LoopWatch watch(into->options());
          co_await block_until(*into, me, &sleep_in_the_system);
        }(&reports, name),
        name);
  };
  std::thread other([&] { app("other"); });
  app("one");
  other.join();
  EXPECT_TRUE(reports.have(from("one")));
  EXPECT_TRUE(reports.have(from("other")));
}

TEST(LoopWatchTest, CountsWhatItReports) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await block_until(reports, "main", &sleep_in_the_system);
    EXPECT_GE(watch.statistics().blocked, 1U);
    EXPECT_GE(watch.statistics().longest_ns, kBlock.count() / 2);
  });
}

TEST(LoopWatchTest, WithoutACallbackItWarnsInTheLog) {
  ::testing::internal::CaptureStderr();
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch;
    while (watch.statistics().blocked < 5) {
      sleep_in_the_system();
      co_await sleep_for(2ms);
    }
  });
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("task 'main' (started at loop_watch_test.cpp:"), std::string::npos) << log;
}

}  // namespace
}  // namespace takt::async
