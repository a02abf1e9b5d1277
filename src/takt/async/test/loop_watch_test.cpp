#include "takt/async/loop_watch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/thread_names.hpp"

// The host may stop any of these threads for longer than any threshold. So a task blocks until it was reported, and
// what is not reported is never a count. A report that never comes is the test's time limit.

namespace takt::async {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBlock = 10ms;

/// What a watch has reported; filled on its thread.
class Reports {
 public:
  [[nodiscard]] LoopWatchOptions options() {
    return {.on_report = [this](const BlockReport& report) { add(report); }};
  }
  void add(const BlockReport& report) {
    const std::scoped_lock lock(mutex_);
    reports_.push_back(report);
  }
  [[nodiscard]] std::vector<BlockReport> all() const {
    const std::scoped_lock lock(mutex_);
    return reports_;
  }
  using Wanted = std::function<bool(const BlockReport&)>;
  [[nodiscard]] bool have(const Wanted& wanted) const { return std::ranges::any_of(all(), wanted); }
  [[nodiscard]] BlockReport first(const Wanted& wanted) const {
    const auto reports = all();
    const auto found = std::ranges::find_if(reports, wanted);
    return found == reports.end() ? BlockReport() : *found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<BlockReport> reports_;
};

Reports::Wanted from(std::string task) {
  return [task = std::move(task)](const BlockReport& report) { return report.task == task; };
}

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

[[gnu::noinline]] void sleep_in_the_system() {
  std::this_thread::sleep_for(kBlock);
}

bool is_there(const std::string& thread) {
  return std::ranges::count(core::thread_names(), thread) > 0;
}

/// Blocks, a turn each time, until that is reported.
Task<void> block_until(Reports& reports, std::string name, void (*block)()) {
  while (!reports.have(from(name))) {
    block();
    co_await sleep_for(2ms);
  }
}

template <class App>
void run(App app) {
  EventLoop().run(app());
}

TEST(LoopWatchTest, NamesATaskThatBurnsTheCpuWhereItWasStartedForHowLongAndWhere) {
  Reports reports;
  run([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await block_until(reports, "main", &burn_the_time);
  });
  const BlockReport report = reports.first(from("main"));
  EXPECT_TRUE(report.started_at.starts_with("loop_watch_test.cpp:")) << report.started_at;
  EXPECT_GE(report.duration_ns + report.uncertainty_ns, kBlock.count());
  EXPECT_TRUE(report.ended);
  expect_stack_has(report, "burn_the_time");
}

TEST(LoopWatchTest, NamesATaskThatSleepsInASystemCall) {
  Reports reports;
  run([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await block_until(reports, "main", &sleep_in_the_system);
  });
  const BlockReport report = reports.first(from("main"));
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
  run([&]() -> Task<void> {
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
  run([&]() -> Task<void> {
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
  run([&]() -> Task<void> {
    const LoopWatch watch({.threshold = 200ms, .on_report = [&](const BlockReport& report) { reports.add(report); }});
    for (int i = 0; i < 200; ++i) {
      co_await sleep_for(1ms);
    }
  });
  EXPECT_TRUE(reports.all().empty()) << reports.all().front().text();
}

TEST(LoopWatchTest, ManyTurnsInARowAreNotOneLongTurn) {
  Reports reports;
  run([&]() -> Task<void> {
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
  run([&]() -> Task<void> {
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

TEST(LoopWatchTest, TheTurnInWhichItEndsCountsUpToThere) {
  Reports reports;
  run([&]() -> Task<void> {
    while (!reports.have(from("main"))) {
      const LoopWatch watch(reports.options());
      sleep_in_the_system();
    }
    co_return;
  });
  EXPECT_TRUE(reports.have(from("main")));
}

TEST(LoopWatchTest, ALoopThatEndsFirstEndsTheWatchingAndTheNumbersStay) {
  Reports reports;
  std::optional<LoopWatch> watch;
  {
    EventLoop loop;
    loop.run([&]() -> Task<void> {
      watch.emplace(reports.options());
      co_await block_until(reports, "main", &sleep_in_the_system);
    }());
  }
  const std::uint64_t blocked = watch->statistics().blocked;
  EXPECT_GE(blocked, 1U);
  run([&]() -> Task<void> {  // another loop of this thread is not its business, and may have a watch of its own
    const LoopWatch other;
    co_return;
  });
  EXPECT_EQ(watch->statistics().blocked, blocked);
}

TEST(LoopWatchTest, SeesNothingAfterItsEndAndWatchesAgainWhenMadeAgain) {
  Reports reports;
  Reports again;
  run([&]() -> Task<void> {
    {
      const LoopWatch watch(reports.options());
      co_await sleep_for(1ms);
    }
    const auto before = reports.all().size();
    EXPECT_FALSE(is_there("watch"));
    for (int i = 0; i < 5; ++i) {
      sleep_in_the_system();
      co_await sleep_for(1ms);
    }
    EXPECT_EQ(reports.all().size(), before);
    const LoopWatch watch(again.options());
    EXPECT_TRUE(is_there("watch"));
    co_await block_until(again, "main", &sleep_in_the_system);
  });
  EXPECT_TRUE(again.have(from("main")));
}

TEST(LoopWatchTest, ALoopThatHasSleptForLongIsWatchedFromItsFirstTurn) {
  Reports reports;
  run([&]() -> Task<void> {
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
  run([&]() -> Task<void> {
    const LoopWatch watch(reports.options());
    co_await block_until(reports, "main", &sleep_in_the_system);
    EXPECT_GE(watch.statistics().blocked, 1U);
    EXPECT_GE(watch.statistics().longest_ns, kBlock.count() / 2);
  });
}

TEST(LoopWatchTest, WithoutACallbackItWarnsInTheLog) {
  ::testing::internal::CaptureStderr();
  run([&]() -> Task<void> {
    const LoopWatch watch;
    while (watch.statistics().blocked < 5) {
      sleep_in_the_system();
      co_await sleep_for(2ms);
    }
  });
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("task 'main' (started at loop_watch_test.cpp:"), std::string::npos) << log;
}

TEST(LoopWatchTest, TellsMisuseByName) {
  EXPECT_THROW(LoopWatch(), LogicError);  // outside of a task
  run([&]() -> Task<void> {
    const LoopWatch watch;
    EXPECT_THROW(LoopWatch(), LogicError);
    co_return;
  });
  run([&]() -> Task<void> {
    EXPECT_THROW(LoopWatch({.threshold = 1us}), LogicError);
    co_return;
  });
}

}  // namespace
}  // namespace takt::async
