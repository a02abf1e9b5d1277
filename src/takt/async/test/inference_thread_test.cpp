#include "takt/async/inference_thread.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

class Gate {
 public:
  void open() {
    open_.store(true, std::memory_order_release);
    open_.notify_all();
  }
  void wait() const { open_.wait(false, std::memory_order_acquire); }

 private:
  std::atomic<bool> open_{false};
};

template <class Body>
void run_virtual(Body body) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run(body());
}

/// A started thread whose hand is full: a call runs until release().
class Busy {
 public:
  explicit Busy(InferenceThread& thread) noexcept : thread_(thread) {}

  Task<void> hold() {
    co_await thread_.run([this] {
      began_.open();
      gate_.wait();
    });
  }
  void wait_until_running() { began_.wait(); }
  void release() { gate_.open(); }

 private:
  InferenceThread& thread_;
  Gate began_;
  Gate gate_;
};

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

TEST(InferenceThreadTest, WithLatestWinsTheOlderQueuedCallIsSuperseded) {
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

TEST(InferenceThreadTest, AFullQueueRejectsByNameWhenToldTo) {
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

TEST(InferenceThreadTest, OneCallAfterTheOtherIsNeverRejectedByAnEmptyQueue) {
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

TEST(InferenceThreadTest, WithWaitAllCallsRunInTheirOrder) {
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

TEST(InferenceThreadTest, AQueuedCallIsWithdrawnWhenItIsCancelled) {
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

TEST(InferenceThreadTest, TheRunningCallIsWaitedForAndAskedToStop) {
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
      const auto result = co_await scope.run(thread.run([&](std::stop_token stop) {
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

TEST(InferenceThreadTest, ALateCallGivesItsResultAndIsCounted) {
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

TEST(InferenceThreadTest, AQueuedCallWhoseDeadlinePassesIsNotRun) {
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

TEST(InferenceThreadTest, StopDiscardsOrDrainsAsTold) {
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

TEST(InferenceThreadTest, TwoLoopsOnTwoThreadsShareOneThread) {
  InferenceThread thread;
  EventLoop here;
  here.run(thread.start());
  int total = 0;  // only the thread touches it
  const auto work = [&](EventLoop& loop) {
    loop.run([&]() -> Task<void> {
      for (int i = 0; i < 300; ++i) {
        co_await thread.run([&total] { ++total; });
      }
    }());
  };
  std::thread other([&] {
    EventLoop loop;
    work(loop);
  });
  work(here);
  other.join();
  const int sum = here.run([&]() -> Task<int> { co_return co_await thread.run([&total] { return total; }); }());
  EXPECT_EQ(sum, 600);
}

// From two loops: calls with deadlines and cancellations against each policy, and a stop in the middle of it. Every
// call ends.
void stress(unsigned seed, OnFull on_full) {
  InferenceThread thread({.capacity = 2, .on_full = on_full});
  std::atomic<int> ended{0};
  const auto work = [&](unsigned own_seed, bool stops) {
    EventLoop loop;
    std::mt19937 random(own_seed);
    const auto microseconds = [&](int most) {
      return Duration(std::chrono::microseconds(std::uniform_int_distribution<int>(0, most)(random)));
    };
    const auto one = [&](Duration limit, Duration deadline, Duration length) -> Task<void> {
      try {
        static_cast<void>(co_await with_timeout(
            limit, thread.try_run({.deadline_after = deadline}, [=] { std::this_thread::sleep_for(length); })));
      } catch (const LogicError&) {  // it was stopped before
      }
      ++ended;
    };
    loop.run([&]() -> Task<void> {
      if (stops) {
        co_await thread.start();
      }
      co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
        for (int i = 0; i < 100; ++i) {
          nursery.start("call", one(microseconds(2000), microseconds(2000), microseconds(50)));
          co_await sleep_for(microseconds(100));
          if (stops && i == 80) {
            co_await thread.stop(seed % 2 == 0 ? StopMode::kDrain : StopMode::kDiscard);
          }
        }
        co_return kJoin;
      });
    }());
  };
  std::thread other([&] { work(seed + 1000, false); });
  work(seed, true);
  other.join();
  EXPECT_EQ(ended, 200);
}

TEST(InferenceThreadTest, StressOfEachPolicyFromTwoLoops) {
  for (const OnFull on_full : {OnFull::kReject, OnFull::kLatestWins, OnFull::kWait}) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
      SCOPED_TRACE(seed);
      stress(seed, on_full);
    }
  }
}

}  // namespace
}  // namespace takt::async
