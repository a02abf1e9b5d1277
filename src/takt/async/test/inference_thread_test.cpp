#include "takt/async/inference_thread.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/blocking.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

TEST(InferenceThreadTest, TheInitializerRunsFirstOnTheThreadItself) {
  run_virtual([]() -> Task<void> {
    std::vector<std::string> order;
    pid_t initialized_on = 0;
    InferenceThread thread({.name = "policy", .initialize = [&] {
                              initialized_on = gettid();
                              order.emplace_back("initialize");
                            }});
    co_await thread.start();
    const pid_t ran_on = co_await thread.run([&] {
      order.emplace_back("call");
      return gettid();
    });
    const pid_t again = co_await thread.run([] { return gettid(); });
    const std::string name =
        co_await thread.run([] { return core::thread_name(static_cast<std::uint32_t>(gettid())); });
    EXPECT_EQ(order, (std::vector<std::string>{"initialize", "call"}));
    EXPECT_EQ(initialized_on, ran_on);
    EXPECT_EQ(again, ran_on);
    EXPECT_NE(ran_on, gettid());
    EXPECT_EQ(name, "policy");
    EXPECT_EQ(thread.statistics().completed, 3U);
  });
}

TEST(InferenceThreadTest, ACallThatWasMovedFromIsRefused) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread;
    co_await thread.start();
    auto call = thread.run([] { return 1; });
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

TEST(InferenceThreadTest, WhatTheInitializerThrowsComesOutOfStart) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread({.initialize = [] { throw std::runtime_error("no GPU"); }});
    std::string what;
    try {
      co_await thread.start();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    EXPECT_EQ(what, "no GPU");
    bool refused = false;
    try {
      co_await thread.run([] {});
    } catch (const LogicError&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
  });
}

TEST(InferenceThreadTest, CallsQueuedBehindAFailingInitializerEndAsStopped) {
  run_virtual([]() -> Task<void> {
    Gate gate;
    InferenceThread thread({.initialize =
                                [&] {
                                  gate.wait();
                                  throw std::runtime_error("no GPU");
                                },
                            .capacity = 4});
    int failed_starts = 0;
    int stopped = 0;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("start", [&]() -> Task<void> {
        try {
          co_await thread.start();
        } catch (const std::runtime_error&) {
          ++failed_starts;
        }
      });
      for (int i = 0; i < 3; ++i) {
        nursery.start("call", [&]() -> Task<void> {
          const Expected<int, NotRun> result = co_await thread.try_run([] { return 1; });
          stopped += result.has_value() ? 0 : 1;
          EXPECT_EQ(result.error(), NotRun::kStopped);
        });
      }
      co_await yield();
      gate.open();
      co_return kJoin;
    });
    EXPECT_EQ(failed_starts, 1);
    EXPECT_EQ(stopped, 3);
    EXPECT_EQ(thread.statistics().discarded, 3U);
  });
}

TEST(InferenceThreadTest, ArgumentsResultsAndExceptionsPassThrough) {
  run_virtual([]() -> Task<void> {
    struct Model {
      double gain;
      double infer(double value) const { return gain * value; }
    };
    const Model model{3.0};
    InferenceThread thread;
    co_await thread.start();
    const double action = co_await thread.run(&Model::infer, &model, 2.0);
    EXPECT_EQ(action, 6.0);
    const auto owned = co_await thread.run([](std::unique_ptr<int> value) { return value; }, std::make_unique<int>(4));
    EXPECT_EQ(*owned, 4);
    int target = 0;
    int& same = co_await thread.run([](int& to) -> int& { return to = 5; }, std::ref(target));
    EXPECT_EQ(&same, &target);
    EXPECT_EQ(target, 5);
    bool thrown = false;
    try {
      co_await thread.run([]() -> int { throw std::out_of_range("x"); });
    } catch (const std::out_of_range&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
    const Expected<void, NotRun> done = co_await thread.try_run([](int) {}, 1);
    EXPECT_TRUE(done.has_value());
  });
}

TEST(InferenceThreadTest, AWrappedFunctionRunsThereAndItsSyncHere) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread;
    co_await thread.start();
    const auto where = thread.wrap([](int value) { return std::pair(gettid(), value); });
    const auto there = co_await where(7);
    EXPECT_NE(there.first, gettid());
    EXPECT_EQ(there.second, 7);
    EXPECT_EQ(where.sync(8).first, gettid());
  });
}

TEST(InferenceThreadTest, MisuseIsALogicErrorThatNamesTheThread) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread({.name = "policy"});
    std::vector<std::string> errors;
    const auto attempt = [&errors](Task<void> task) -> Task<void> {
      try {
        co_await std::move(task);
      } catch (const LogicError& error) {
        errors.emplace_back(error.what());
      }
    };
    const auto call = [&thread]() -> Task<void> { co_await thread.run([] {}); };
    co_await attempt(call());  // before the start
    co_await thread.start();
    co_await attempt(thread.start());  // twice
    co_await thread.stop();
    co_await attempt(call());          // after the stop
    co_await attempt(thread.start());  // after the stop
    EXPECT_EQ(errors.size(), 4U);
    for (const std::string& error : errors) {
      EXPECT_NE(error.find("'policy'"), std::string::npos) << error;
    }
  });
  EXPECT_THROW(InferenceThread({.fifo_priority = 100}), LogicError);
  EXPECT_THROW(InferenceThread({.nice = 20}), LogicError);
  EXPECT_THROW(InferenceThread({.cpu = -2}), LogicError);
  EXPECT_THROW(InferenceThread({.capacity = 0, .on_full = OnFull::kLatestWins}), LogicError);
}

TEST(InferenceThreadTest, TheDestructorEndsAThreadThatWasNotStopped) {
  std::atomic<bool> ended{false};
  run_virtual([&]() -> Task<void> {
    InferenceThread never_started;
    InferenceThread thread;
    co_await thread.start();
    co_await thread.run([&ended] {
      struct AtExit {
        std::atomic<bool>* flag{nullptr};
        ~AtExit() { *flag = true; }
      };
      static thread_local AtExit at_exit;
      at_exit.flag = &ended;
    });
  });
  EXPECT_TRUE(ended);
}

TEST(InferenceThreadTest, ACallMayEndAfterTheThreadsObject) {
  run_virtual([]() -> Task<void> {
    auto thread = std::make_unique<InferenceThread>(InferenceThreadOptions{.capacity = 4});
    co_await thread->start();
    auto busy = std::make_unique<Busy>(*thread);
    int stopped = 0;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("busy", busy->hold());
      co_await yield();
      nursery.start("queued", [&]() -> Task<void> {
        const Expected<int, NotRun> result = co_await thread->try_run([] { return 1; });
        stopped += result.has_value() ? 0 : 1;
      });
      co_await yield();
      busy->wait_until_running();
      busy->release();
      thread.reset();
      co_return kCancel;  // meets calls that are on their way home
    });
    EXPECT_LE(stopped, 1);
  });
}

TEST(InferenceThreadTest, APinnedThreadRunsOnItsCpu) {
  run_virtual([]() -> Task<void> {
    const int cpu = sched_getcpu();
    InferenceThread thread({.cpu = cpu});
    co_await thread.start();
    for (int i = 0; i < 20; ++i) {
      const int there = co_await thread.run([] { return sched_getcpu(); });
      EXPECT_EQ(there, cpu);
    }
  });
}

TEST(InferenceThreadTest, ARefusedPriorityDoesNotStopIt) {
  run_virtual([]() -> Task<void> {
    InferenceThread thread({.fifo_priority = 1, .nice = -20, .cpu = CPU_SETSIZE - 1});  // the CPU at least is refused
    co_await thread.start();
    const int value = co_await thread.run([] { return 3; });
    EXPECT_EQ(value, 3);
  });
}

TEST(InferenceThreadTest, ASteadyStateAllocatesNothing) {
  if (TAKT_SANITIZED) {
    GTEST_SKIP() << "frames come from the heap under a sanitizer";
  }
  run_virtual([]() -> Task<void> {
    InferenceThread thread;
    co_await thread.start();
    const auto wrapped = thread.wrap([](int value) { return value; });
    int sum = co_await wrapped(1);
    const testing::AllocationGuard guard;
    for (int i = 0; i < 100; ++i) {
      sum += co_await thread.run([](int value) { return value; }, i);
      sum += co_await wrapped(i);
    }
    EXPECT_EQ(guard.count(), 0U);
    EXPECT_EQ(sum, 9901);
  });
}

}  // namespace
}  // namespace takt::async
