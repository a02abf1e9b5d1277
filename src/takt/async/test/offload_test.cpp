#include "takt/async/offload.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/blocking.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

TEST(OffloadTest, ACallRunsOnAThreadNamedOffload) {
  run_virtual([]() -> Task<void> {
    const auto here = gettid();
    const std::string other = co_await offload(
        [here] { return gettid() == here ? "the same" : core::thread_name(static_cast<std::uint32_t>(gettid())); });
    EXPECT_EQ(other, "offload");
  });
}

TEST(OffloadTest, ACallThatWasMovedFromIsRefused) {
  run_virtual([]() -> Task<void> {
    auto call = offload({.on_cancel = OnCancel::kAbandon}, [] { return 1; });
    auto moved = std::move(call);
    std::string error;
    try {
      co_await std::move(call);  // NOLINT(bugprone-use-after-move): that is the test
    } catch (const LogicError& refusal) {
      error = refusal.what();
    }
    EXPECT_NE(error.find("moved from"), std::string::npos) << error;
    const int result = co_await std::move(moved);
    EXPECT_EQ(result, 1);
  });
}

TEST(OffloadTest, ResultsAreMovedBack) {
  run_virtual([]() -> Task<void> {
    auto value = co_await offload([] { return std::make_unique<int>(7); });
    EXPECT_EQ(*value, 7);
    int target = 1;
    int& same = co_await offload([&]() -> int& { return target; });
    EXPECT_EQ(&same, &target);
    co_await offload([&] { target = 2; });
    EXPECT_EQ(target, 2);
    const int moved = co_await offload([owned = std::make_unique<int>(9)] { return *owned; });
    EXPECT_EQ(moved, 9);
  });
}

TEST(OffloadTest, ExceptionsPassThrough) {
  run_virtual([]() -> Task<void> {
    std::string what;
    try {
      co_await offload([]() -> int { throw std::runtime_error("no disk"); });
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    EXPECT_EQ(what, "no disk");
  });
}

TEST(OffloadTest, TheLoopGoesOnMeanwhile) {
  run_virtual([]() -> Task<void> {
    Gate gate;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("opener", [&]() -> Task<void> {
        co_await yield();
        gate.open();
      });
      co_await offload([&] { gate.wait(); });
      co_return kJoin;
    });
  });
}

TEST(OffloadTest, VirtualTimeWaitsForACall) {
  run_virtual([]() -> Task<void> {
    const bool in_time = co_await with_timeout(1ns, offload([] { std::this_thread::sleep_for(5ms); }));
    EXPECT_TRUE(in_time);
    EXPECT_EQ(this_loop().clock().now_ns(), 0);
  });
}

TEST(OffloadTest, AQueuedCallIsWithdrawnAtOnce) {
  const Limit one(1);
  run_virtual([]() -> Task<void> {
    Gate busy;
    Gate gate;
    std::atomic<bool> began{false};
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("first", [&]() -> Task<void> { co_await offload([&] { busy.open(), gate.wait(); }); });
      co_await yield();
      busy.wait();
      CancelScope scope;
      nursery.start("canceller", [&]() -> Task<void> {
        scope.cancel("test");
        co_return;
      });
      const bool ran = co_await scope.run(offload([&] { began = true; }));
      EXPECT_FALSE(ran);
      EXPECT_EQ(offload_statistics().queued, 0U);
      gate.open();
      co_return kJoin;
    });
    EXPECT_FALSE(began);
  });
}

TEST(OffloadTest, ARunningCallIsWaitedForAndItsResultStands) {
  run_virtual([]() -> Task<void> {
    Gate began;
    Gate gate;
    CancelScope scope;
    bool next_await_threw = false;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("canceller", [&]() -> Task<void> {
        co_await offload([&] { began.wait(); });
        scope.cancel("test");
        co_await yield();
        EXPECT_FALSE(next_await_threw);
        gate.open();
      });
      const auto body = [&]() -> Task<int> {
        const int result = co_await offload([&] {
          began.open();
          gate.wait();
          return 5;
        });
        EXPECT_EQ(result, 5);
        try {
          co_await yield();
        } catch (const Cancelled&) {
          next_await_threw = true;
          throw;
        }
        co_return result;
      };
      const auto result = co_await scope.run(body());
      EXPECT_FALSE(result.has_value());
      co_return kJoin;
    });
    EXPECT_TRUE(next_await_threw);
  });
}

TEST(OffloadTest, AFunctionThatTakesAStopTokenIsAskedToStop) {
  run_virtual([]() -> Task<void> {
    Gate began;
    CancelScope scope;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("canceller", [&]() -> Task<void> {
        co_await offload([&] { began.wait(); });
        scope.cancel("test");
      });
      const auto turns = co_await scope.run(offload([&](const std::stop_token& stop) {
        began.open();
        wait_until([&] { return stop.stop_requested(); });
        return 3;
      }));
      EXPECT_EQ(turns, 3);  // delivered, so it stands
      co_return kJoin;
    });
  });
}

TEST(OffloadTest, AnAbandonedCallEndsTheAwaitAtOnceAndIsCountedAndVisible) {
  auto began = std::make_shared<Gate>();
  auto gate = std::make_shared<Gate>();
  const std::uint64_t abandoned_before = offload_statistics().abandoned;
  run_virtual([=]() -> Task<void> {
    CancelScope scope;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("canceller", [&]() -> Task<void> {
        co_await offload([&] { began->wait(); });
        scope.cancel("test");
      });
      const auto result = co_await scope.run(offload({.on_cancel = OnCancel::kAbandon}, [=] {
        began->open();
        gate->wait();
        return std::string("nobody reads this");
      }));
      EXPECT_FALSE(result.has_value());
      co_return kJoin;
    });
    const OffloadStatistics statistics = offload_statistics();
    EXPECT_EQ(statistics.abandoned, abandoned_before + 1);
    EXPECT_EQ(statistics.abandoned_running.size(), 1U);
    EXPECT_EQ(statistics.abandoned_running.front().started_at.substr(0, 16), "offload_test.cpp");
    EXPECT_GT(statistics.abandoned_running.front().running_for, 0ns);
  });
  EXPECT_EQ(offload_statistics().running, 1U);  // it outlived its loop
  gate->open();
  wait_until([] { return offload_statistics().abandoned_running.empty(); });
  wait_until([&] { return gate.use_count() == 1; });  // what it owned is gone
}

TEST(OffloadTest, AnAbandonableCallThatIsNotCancelledGivesItsResult) {
  run_virtual([]() -> Task<void> {
    const int value = co_await offload({.on_cancel = OnCancel::kAbandon}, [] { return 4; });
    EXPECT_EQ(value, 4);
    const int waited = co_await offload({.on_cancel = OnCancel::kWait}, [] { return 5; });
    EXPECT_EQ(waited, 5);
  });
}

TEST(OffloadTest, AnAbandonedCallIsAskedToStopToo) {
  auto began = std::make_shared<Gate>();
  run_virtual([=]() -> Task<void> {
    CancelScope scope;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("canceller", [&]() -> Task<void> {
        co_await offload([&] { began->wait(); });
        scope.cancel("test");
      });
      const bool done = co_await scope.run(offload({.on_cancel = OnCancel::kAbandon}, [=](const std::stop_token& stop) {
        began->open();
        wait_until([&] { return stop.stop_requested(); });
        throw std::runtime_error("nobody hears this: it is logged");
      }));
      EXPECT_FALSE(done);
      co_return kJoin;
    });
  });
  wait_until([] { return offload_statistics().abandoned_running.empty(); });
}

TEST(OffloadTest, ASteadyStateAllocatesNothing) {
  if (TAKT_SANITIZED) {
    GTEST_SKIP() << "frames come from the heap under a sanitizer";
  }
  run_virtual([]() -> Task<void> {
    int sum = 0;
    for (int i = 0; i < 10; ++i) {
      sum += co_await offload([i] { return i; });
    }
    const testing::AllocationGuard guard;
    for (int i = 0; i < 100; ++i) {
      sum += co_await offload([i] { return i; });
    }
    EXPECT_EQ(guard.count(), 0U);
    EXPECT_GT(sum, 0);
  });
}

void exit_while_an_abandoned_call_is_stuck() {
  auto began = std::make_shared<Gate>();
  run_virtual([=]() -> Task<void> {
    CancelScope scope;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("canceller", [&]() -> Task<void> {
        co_await offload([&] { began->wait(); });
        scope.cancel("test");
      });
      const bool done = co_await scope.run(offload({.on_cancel = OnCancel::kAbandon}, [=] {
        began->open();
        Gate().wait();  // for ever
      }));
      EXPECT_FALSE(done);
      co_return kJoin;
    });
  });
  std::exit(offload_statistics().abandoned_running.size() == 1 ? 0 : 1);
}

TEST(OffloadDeathTest, AProgramMayExitWhileAnAbandonedCallIsStuck) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(exit_while_an_abandoned_call_is_stuck(), ::testing::ExitedWithCode(0), "");
}

TEST(OffloadTest, OutsideOfATaskItIsALogicError) {
  auto call = offload([] {});
  EXPECT_THROW(static_cast<void>(call.await_ready()), LogicError);
}

}  // namespace
}  // namespace takt::async
