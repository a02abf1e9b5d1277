#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/inference_thread.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/blocking.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

TEST(InferenceQueueTest, WithLatestWinsTheOlderQueuedCallIsSuperseded) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread({.name = "policy", .capacity = 1, .on_full = OnFull::kLatestWins});
    co_await thread.start();
    Busy busy(thread);
    std::vector<std::string> ends;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("busy", busy.hold());
      co_await yield();
      busy.wait_until_running();
      for (int i = 0; i < 4; ++i) {
        nursery.start("call", [&, i]() -> Task<void> {
          try {
            const int result = co_await thread.run([i] { return i; });
            ends.push_back("ran " + std::to_string(result));
          } catch (const Superseded& error) {
            EXPECT_NE(std::string(error.what()).find("'policy'"), std::string::npos);
            ends.push_back("superseded " + std::to_string(i));
          }
        });
      }
      co_await yield();
      co_await yield();
      busy.release();
      co_return kJoin;
    });
    EXPECT_EQ(ends, (std::vector<std::string>{"superseded 0", "superseded 1", "superseded 2", "ran 3"}));
    EXPECT_EQ(thread.statistics().superseded, 3U);
  });
}

TEST(InferenceQueueTest, AFullQueueRejectsByNameWhenToldTo) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread({.name = "policy", .capacity = 2, .on_full = OnFull::kReject});
    co_await thread.start();
    Busy busy(thread);
    int ran = 0;
    int rejected = 0;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("busy", busy.hold());
      co_await yield();
      for (int i = 0; i < 5; ++i) {
        nursery.start("call", [&]() -> Task<void> {
          try {
            co_await thread.run([] {});
            ++ran;
          } catch (const QueueFull& error) {
            EXPECT_NE(std::string(error.what()).find("'policy'"), std::string::npos);
            ++rejected;
          }
        });
      }
      co_await yield();
      co_await yield();
      EXPECT_EQ(rejected, 3);
      EXPECT_EQ(thread.statistics().queued, 2U);
      busy.release();
      co_return kJoin;
    });
    EXPECT_EQ(ran, 2);
    EXPECT_EQ(thread.statistics().rejected, 3U);
  });
}

TEST(InferenceQueueTest, OneCallAfterTheOtherIsNeverRejectedByAnEmptyQueue) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread({.capacity = 0, .on_full = OnFull::kReject});
    co_await thread.start();
    for (int i = 0; i < 1000; ++i) {
      const int same = co_await thread.run([i] { return i; });
      EXPECT_EQ(same, i);
    }
    EXPECT_EQ(thread.statistics().rejected, 0U);
  });
}

TEST(InferenceQueueTest, WithWaitAllCallsRunInTheirOrder) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread({.capacity = 1, .on_full = OnFull::kWait});
    co_await thread.start();
    std::vector<int> order;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 10; ++i) {
        nursery.start("call", [&, i]() -> Task<void> { co_await thread.run([&order, i] { order.push_back(i); }); });
      }
      co_return kJoin;
    });
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  });
}

TEST(InferenceQueueTest, AQueuedCallIsWithdrawnWhenItIsCancelled) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread;
    co_await thread.start();
    Busy busy(thread);
    std::atomic<bool> ran{false};
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("busy", busy.hold());
      co_await yield();
      CancelScope scope;
      nursery.start("canceller", [&]() -> Task<void> {
        scope.cancel("test");
        co_return;
      });
      const bool done = co_await scope.run(thread.run([&] { ran = true; }));
      EXPECT_FALSE(done);
      EXPECT_EQ(thread.statistics().cancelled, 1U);
      busy.release();
      co_return kJoin;
    });
    EXPECT_FALSE(ran);
  });
}

TEST(InferenceQueueTest, TheRunningCallIsWaitedForAndAskedToStop) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread;
    co_await thread.start();
    Gate began;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      CancelScope scope;
      nursery.start("canceller", [&]() -> Task<void> {
        began.wait();
        scope.cancel("test");
        co_return;
      });
      const auto result = co_await scope.run(thread.run([&](const std::stop_token& stop) {
        began.open();
        while (!stop.stop_requested()) {
          std::this_thread::sleep_for(1ms);
        }
        return 6;
      }));
      EXPECT_EQ(result, 6);
      co_return kJoin;
    });
  });
}

TEST(InferenceQueueTest, ALateCallGivesItsResultAndIsCounted) {
  EventLoop loop;  // a deadline that passes while a call runs needs time that goes on
  loop.run([]() -> Task<void> {
    InferenceThread thread;
    co_await thread.start();
    Expected<int, NotRun> result = Unexpected<NotRun>(NotRun::kDeadlinePassed);
    for (Duration limit = 1ms; !result; limit *= 2) {  // it must begin before its deadline, on a busy machine as well
      result = co_await thread.try_run(
          {.deadline_after = limit},
          [limit](int value) {
            std::this_thread::sleep_for(limit);
            return value;
          },
          5);
    }
    EXPECT_EQ(*result, 5);
    co_await thread.run({.deadline_after = 1h}, [] {});
    EXPECT_EQ(thread.statistics().missed_deadlines, 1U);
    EXPECT_EQ(thread.statistics().completed, 2U);
  }());
}

TEST(InferenceQueueTest, AQueuedCallWhoseDeadlinePassesIsNotRun) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    InferenceThread thread({.name = "policy"});
    co_await thread.start();
    Busy busy(thread);
    std::atomic<bool> ran{false};
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("busy", busy.hold());
      co_await yield();
      bool passed = false;
      try {
        co_await thread.run({.deadline_after = 2ms}, [&] { ran = true; });  // ends although the thread is stuck
      } catch (const DeadlinePassed&) {
        passed = true;
      }
      EXPECT_TRUE(passed);
      busy.release();
      co_return kJoin;
    });
    EXPECT_FALSE(ran);
    EXPECT_EQ(thread.statistics().expired, 1U);
    const Expected<void, NotRun> at_once = co_await thread.try_run({.deadline_after = 0ns}, [&] { ran = true; });
    EXPECT_EQ(at_once.error(), NotRun::kDeadlinePassed);
    EXPECT_FALSE(ran);
  }());
}

TEST(InferenceQueueTest, StopDiscardsOrDrainsAsTold) {
  for (const StopMode mode : {StopMode::kDiscard, StopMode::kDrain}) {
    run_virtual([mode]() -> Task<void> {
      InferenceThread thread({.capacity = 4});
      co_await thread.start();
      Busy busy(thread);
      int ran = 0;
      int stopped = 0;
      co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("busy", busy.hold());
        co_await yield();
        for (int i = 0; i < 3; ++i) {
          nursery.start("call", [&]() -> Task<void> {
            const Expected<int, NotRun> result = co_await thread.try_run([] { return 1; });
            result ? ++ran : ++stopped;
          });
        }
        co_await yield();
        nursery.start("stop", [&]() -> Task<void> { co_await thread.stop(mode); });
        nursery.start("stop too", [&]() -> Task<void> { co_await thread.stop(mode); });
        co_await yield();
        busy.release();
        co_return kJoin;
      });
      EXPECT_EQ(ran, mode == StopMode::kDrain ? 3 : 0);
      EXPECT_EQ(stopped, mode == StopMode::kDrain ? 0 : 3);
      EXPECT_FALSE(thread.statistics().running);
    });
  }
}

}  // namespace
}  // namespace takt::async
