#include "takt/async/tasks/event_loop.hpp"

#include <latch>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

Task<int> forty_two() {
  co_await yield();
  co_return 42;
}

TEST(EventLoopTest, GivesTheResultOfItsTask) {
  EventLoop loop;
  EXPECT_EQ(loop.run(forty_two()), 42);
  EXPECT_EQ(loop.run(forty_two()), 42);
}

TEST(EventLoopTest, GivesAResultThatCanOnlyBeMoved) {
  EventLoop loop;
  const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  EXPECT_EQ(*loop.run(make()), 3);
}

TEST(EventLoopTest, ThrowsWhatTheTaskThrows) {
  EventLoop loop;
  const auto fails = []() -> Task<void> {
    co_await yield();
    throw DeviceError("no answer");
  };
  EXPECT_THROW(loop.run(fails()), DeviceError);
}

TEST(EventLoopTest, ALoopInsideALoopIsRefused) {
  EventLoop outer;
  const auto app = []() -> Task<void> {
    EventLoop inner;
    try {
      inner.run(forty_two());
      ADD_FAILURE();
    } catch (const LogicError& error) {
      EXPECT_NE(std::string(error.what()).find("'app'"), std::string::npos) << error.what();
    }
    co_return;
  };
  outer.run(app(), "app");
}

TEST(EventLoopTest, SleepsOnTheSteadyClock) {
  EventLoop loop;
  const auto app = []() -> Task<core::Nanoseconds> {
    const core::Nanoseconds start_ns = core::monotonic_now_ns();
    co_await sleep_for(2ms);
    co_return core::monotonic_now_ns() - start_ns;
  };
  EXPECT_GE(loop.run(app()), 2'000'000);
  EXPECT_GE(loop.statistics().sleeps, 1U);
}

TEST(EventLoopTest, VirtualTimeJumpsToTheNextDeadline) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> { co_await sleep_for(24h); };
  loop.run(app());
  EXPECT_EQ(loop.clock().now_ns(), core::Nanoseconds{86'400} * core::kNanosecondsPerSecond);
  EXPECT_EQ(loop.statistics().sleeps, 0U);
}

TEST(EventLoopTest, CanBeCancelledFromAnotherThread) {
  EventLoop loop;
  std::latch running(1);
  std::jthread stopper([&] {
    running.wait();
    loop.cancel("test");
  });
  std::string reason;
  const auto app = [&]() -> Task<void> {
    running.count_down();
    try {
      co_await sleep_for(1h);
    } catch (...) {
      reason = cancel_reason();
      throw;
    }
  };
  EXPECT_THROW(loop.run(app()), Cancelled);
  EXPECT_EQ(reason, "test");
}

TEST(EventLoopTest, ACancellationBeforeItRunsIsNotLost) {
  EventLoop loop;
  loop.cancel("early");
  const auto app = []() -> Task<void> { co_await sleep_for(1h); };
  EXPECT_THROW(loop.run(app()), Cancelled);
  loop.run([]() -> Task<void> { co_return; }());
}

TEST(EventLoopTest, ADeadlockNamesEveryParkedTaskAndWhatItWaitsFor) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    Event go("go");
    const auto body = [&](Nursery& nursery) -> Task<Join> {
      nursery.start("camera", [&]() -> Task<void> { co_await go; });
      nursery.start("arm", [&]() -> Task<void> { co_await go; });
      co_return kJoin;
    };
    co_await with_nursery(body);
  };
  try {
    loop.run(app());
    ADD_FAILURE();
  } catch (const Deadlock& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("main (started at event_loop_test.cpp:"), std::string::npos) << what;
    EXPECT_NE(what.find("2 children of the nursery of task 'main'"), std::string::npos) << what;
    EXPECT_NE(what.find("main/camera (started at event_loop_test.cpp:"), std::string::npos) << what;
    EXPECT_NE(what.find("main/arm"), std::string::npos) << what;
    EXPECT_NE(what.find("Event 'go'"), std::string::npos) << what;
  }
}

TEST(EventLoopTest, ADeadlockInAShieldIsUndoneToo) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    Event never("never");
    CancelScope shield({.shielded = true});
    static_cast<void>(co_await shield.run(never.wait()));
  };
  EXPECT_THROW(loop.run(app()), Deadlock);
}

TEST(EventLoopTest, ListsItsTasks) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = [&]() -> Task<void> {
    const auto body = [&](Nursery& nursery) -> Task<Join> {
      nursery.start("sleeper", []() -> Task<void> { co_await sleep_for(2s); });
      co_await sleep_for(1s);
      const std::vector<TaskInfo> tasks = loop.tasks();
      EXPECT_EQ(tasks.size(), 2U);
      EXPECT_EQ(tasks[0].path, "main");
      EXPECT_EQ(tasks[0].waiting_for, "");
      EXPECT_EQ(tasks[1].path, "main/sleeper");
      EXPECT_EQ(tasks[1].waiting_for, "sleep, for another 1 s");
      co_return kJoin;
    };
    co_await with_nursery(body);
  };
  loop.run(app());
}

TEST(EventLoopTest, TwoLoopsRunOnTwoThreads) {
  const auto work = [] {
    EventLoop loop;
    const auto app = []() -> Task<int> {
      int sum = 0;
      const auto body = [&](Nursery& nursery) -> Task<Join> {
        for (int i = 0; i < 100; ++i) {
          nursery.start("child", [&sum]() -> Task<void> {
            co_await sleep_for(10us);
            ++sum;
          });
        }
        co_return kJoin;
      };
      co_await with_nursery(body);
      co_return sum;
    };
    EXPECT_EQ(loop.run(app()), 100);
  };
  std::jthread other(work);
  work();
}

TEST(EventLoopTest, RunsOnOneThreadAfterTheOther) {
  EventLoop loop;
  const auto app = []() -> Task<void> { co_await sleep_for(1ms); };
  loop.run(app());
  std::jthread([&] { loop.run(app()); }).join();
  loop.run(app());
}

TEST(EventLoopTest, WhileItRunsAnotherThreadMayNeitherRunItNorLookIntoIt) {
  EventLoop loop;
  const auto nothing = []() -> Task<void> { co_return; };
  const auto app = [&]() -> Task<void> {
    std::jthread([&] {
      EXPECT_THROW(loop.run(nothing()), LogicError);
      EXPECT_THROW(static_cast<void>(loop.tasks()), LogicError);
      EXPECT_THROW(static_cast<void>(loop.statistics()), LogicError);
    }).join();
    EXPECT_EQ(loop.tasks().size(), 1U);
    co_return;
  };
  loop.run(app());
  loop.run(nothing());
}

TEST(EventLoopTest, ATaskMadeOnAnotherThreadRunsOnTheLoopsThread) {
  std::optional<Task<int>> task;
  std::jthread([&] { task = forty_two(); }).join();
  EventLoop loop;
  EXPECT_EQ(loop.run(std::move(*task)), 42);
}

TEST(EventLoopTest, OutsideOfALoopThereIsNone) {
  EXPECT_THROW(static_cast<void>(this_loop()), LogicError);
}

}  // namespace
}  // namespace takt::async
