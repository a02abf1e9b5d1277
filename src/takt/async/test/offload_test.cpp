#include "takt/async/offload.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <random>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "takt/async/internal/thread_pool.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

/// Blocks whoever waits until it is opened.
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

/// The pool's limit for one test; the pool is the process's.
class Limit {
 public:
  explicit Limit(std::size_t threads) { set_offload_limit(threads); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { set_offload_limit(before_); }

 private:
  std::size_t before_{offload_statistics().limit};
};

/// Lets real time pass until something holds.
template <class F>
void wait_until(F&& holds) {
  while (!holds()) {
    std::this_thread::sleep_for(1ms);
  }
}

template <class Body>
void run_virtual(Body body) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run(body());
}

TEST(OffloadTest, ACallRunsOnAThreadNamedOffload) {
  run_virtual([]() -> Task<void> {
    const auto here = gettid();
    const std::string other = co_await offload(
        [here] { return gettid() == here ? "the same" : core::thread_name(static_cast<std::uint32_t>(gettid())); });
    EXPECT_EQ(other, "offload");
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
      const auto turns = co_await scope.run(offload([&](std::stop_token stop) {
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
      const bool done = co_await scope.run(offload({.on_cancel = OnCancel::kAbandon}, [=](std::stop_token stop) {
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

TEST(OffloadTest, NeverMoreCallsAtOnceThanTheLimit) {
  for (const std::size_t limit : {std::size_t{3}, std::size_t{1}, std::size_t{2}}) {
    const Limit bound(limit);
    std::atomic<std::size_t> now{0};
    std::atomic<std::size_t> most{0};
    run_virtual([&]() -> Task<void> {
      co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
        for (int i = 0; i < 40; ++i) {
          nursery.start("call", [&]() -> Task<void> {
            co_await offload([&] {
              const std::size_t running = ++now;
              std::size_t seen = most.load();
              while (running > seen && !most.compare_exchange_weak(seen, running)) {
              }
              std::this_thread::sleep_for(1ms);
              --now;
            });
          });
        }
        co_return kJoin;
      });
    });
    EXPECT_LE(most.load(), limit);
    EXPECT_GE(most.load(), 1U);
  }
}

TEST(OffloadTest, QueuedCallsStartWhenTheLimitIsRaised) {
  const Limit one(1);
  run_virtual([]() -> Task<void> {
    Gate busy;
    Gate gate;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("first", [&]() -> Task<void> { co_await offload([&] { busy.open(), gate.wait(); }); });
      nursery.start("second", [&]() -> Task<void> { co_await offload([&] { gate.open(); }); });
      co_await yield();
      busy.wait();
      EXPECT_EQ(offload_statistics().queued, 1U);
      set_offload_limit(2);
      co_return kJoin;
    });
  });
}

TEST(OffloadTest, ALimitOfZeroIsRefused) {
  EXPECT_THROW(set_offload_limit(0), LogicError);
}

TEST(OffloadTest, OneThreadIsUsedAgainForOneCallAfterTheOther) {
  const Limit one(1);
  wait_until([] { return offload_statistics().threads <= 1; });
  run_virtual([]() -> Task<void> {
    const auto first = co_await offload([] { return gettid(); });
    for (int i = 0; i < 100; ++i) {
      const auto next = co_await offload([] { return gettid(); });
      EXPECT_EQ(next, first);
    }
  });
}

TEST(OffloadTest, StatisticsAreUpToDateWhenTheAwaitReturns) {
  run_virtual([]() -> Task<void> {
    const std::uint64_t before = offload_statistics().completed;
    const OffloadStatistics inside = co_await offload([] { return offload_statistics(); });
    EXPECT_EQ(inside.running, 1U);
    EXPECT_EQ(offload_statistics().running, 0U);
    EXPECT_EQ(offload_statistics().completed, before + 1);
  });
}

TEST(OffloadTest, TwoLoopsOnTwoThreadsShareThePool) {
  const auto work = [](int seed) {
    EventLoop loop;
    return loop.run([](int base) -> Task<int> {
      int sum = 0;
      for (int i = 0; i < 300; ++i) {
        sum += co_await offload([=] { return base + i; });
      }
      co_return sum;
    }(seed));
  };
  int other = 0;
  std::thread thread([&] { other = work(1000); });
  EXPECT_EQ(work(0), 44850);
  thread.join();
  EXPECT_EQ(other, 344850);
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

TEST(OffloadTest, AThreadOfThePoolBlocksSignalsAndUsesTheCpusOfTheProcess) {
  cpu_set_t all;
  ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
  const Limit several(offload_statistics().threads + 2);
  std::thread pinned([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    EXPECT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    run_virtual([&]() -> Task<void> {
      Gate gate;
      std::atomic<std::size_t> busy{0};
      co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
        const std::size_t threads = offload_statistics().threads;
        for (std::size_t i = 0; i < threads; ++i) {  // all that there are
          nursery.start("busy", [&]() -> Task<void> { co_await offload([&] { ++busy, gate.wait(); }); });
        }
        co_await yield();
        wait_until([&] { return busy == threads; });
        const bool as_wanted = co_await offload([&] {
          cpu_set_t mine;
          sigset_t blocked;
          pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
          return sched_getaffinity(0, sizeof(mine), &mine) == 0 && CPU_EQUAL(&mine, &all) != 0 &&
                 sigismember(&blocked, SIGINT) == 1;
        });
        EXPECT_TRUE(as_wanted);
        gate.open();
        co_return kJoin;
      });
    });
  });
  pinned.join();
}

// Calls, some abandoned, are cancelled at random moments from a seeded generator: each ends one way or the other.
void stress(unsigned seed) {
  std::mt19937 random(seed);
  std::atomic<int> ran{0};
  int finished = 0;
  int given_up = 0;
  EventLoop loop;
  const auto one = [&](int kind, Duration limit, Duration length) -> Task<void> {
    const auto began = std::make_shared<std::atomic<bool>>(false);
    const auto call = [=] {
      *began = true;
      std::this_thread::sleep_for(length);
      return 1;
    };
    std::optional<int> result;
    if (kind == 0) {
      result = co_await with_timeout(limit, offload(call));
    } else if (kind == 1) {
      result = co_await with_timeout(limit, offload({.on_cancel = OnCancel::kAbandon}, call));
    } else {
      result = co_await with_timeout(limit, offload([&](const std::stop_token&) { return ++ran, call(); }));
    }
    EXPECT_TRUE(kind == 1 || result.has_value() == began->load());
    result ? ++finished : ++given_up;
  };
  const auto microseconds = [&](int most) {
    return Duration(std::chrono::microseconds(std::uniform_int_distribution<int>(0, most)(random)));
  };
  loop.run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 150; ++i) {
        const int kind = std::uniform_int_distribution<int>(0, 2)(random);
        nursery.start("call", one(kind, microseconds(8000), microseconds(300)));
        if (i % 10 == 0) {
          co_await sleep_for(microseconds(500));
        }
      }
      co_return kJoin;
    });
  }());
  EXPECT_EQ(finished + given_up, 150);
  wait_until([] { return offload_statistics().abandoned_running.empty(); });
}

TEST(OffloadTest, StressOfManyCallsAndCancellations) {
  const Limit few(3);
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    stress(seed);
  }
}

struct Counter final : internal::PoolJob {
  explicit Counter(std::counting_semaphore<>& semaphore) : PoolJob(std::source_location::current()), done(semaphore) {}
  void work() noexcept override {}
  void finish() noexcept override { done.release(); }
  std::counting_semaphore<>& done;
};

TEST(OffloadTest, IdleThreadsEndAndComeBack) {
  static auto* const pool = new internal::ThreadPool({.thread_name = "brief", .limit = 4, .idle_time = 1ms});
  const std::uint64_t before = pool->statistics().completed;
  for (int round = 0; round < 5; ++round) {
    std::counting_semaphore<> done(0);
    std::vector<std::unique_ptr<Counter>> jobs;
    for (int i = 0; i < 20; ++i) {
      jobs.push_back(std::make_unique<Counter>(done));
      pool->submit(*jobs.back());
    }
    for (int i = 0; i < 20; ++i) {
      done.acquire();
    }
    wait_until([] { return pool->statistics().threads == 0; });
    EXPECT_EQ(pool->statistics().completed, before + 20U * static_cast<unsigned>(round + 1));
  }
}

TEST(OffloadTest, IdleThreadsGoHomeWhenTheLimitIsLowered) {
  static auto* const pool = new internal::ThreadPool({.thread_name = "long", .limit = 4, .idle_time = 1h});
  std::counting_semaphore<> done(0);
  std::vector<std::unique_ptr<Counter>> jobs;
  for (int i = 0; i < 50; ++i) {
    jobs.push_back(std::make_unique<Counter>(done));
    pool->submit(*jobs.back());
  }
  for (int i = 0; i < 50; ++i) {
    done.acquire();
  }
  pool->set_limit(1);
  wait_until([] { return pool->statistics().threads <= 1; });
  Counter last(done);
  pool->submit(last);
  done.acquire();
}

TEST(OffloadTest, OutsideOfATaskItIsALogicError) {
  auto call = offload([] {});
  EXPECT_THROW(static_cast<void>(call.await_ready()), LogicError);
}

}  // namespace
}  // namespace takt::async
