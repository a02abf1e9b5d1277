#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "takt/async/internal/worker_thread.hpp"
#include "takt/async/offload.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/blocking.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

TEST(OffloadPoolTest, NeverMoreCallsAtOnceThanTheLimit) {
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

TEST(OffloadPoolTest, QueuedCallsStartWhenTheLimitIsRaised) {
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

TEST(OffloadPoolTest, ALimitOfZeroIsRefused) {
  EXPECT_THROW(set_offload_limit(0), LogicError);
}

TEST(OffloadPoolTest, OneThreadIsUsedAgainForOneCallAfterTheOther) {
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

TEST(OffloadPoolTest, StatisticsAreUpToDateWhenTheAwaitReturns) {
  run_virtual([]() -> Task<void> {
    const std::uint64_t before = offload_statistics().completed;
    const OffloadStatistics inside = co_await offload([] { return offload_statistics(); });
    EXPECT_EQ(inside.running, 1U);
    EXPECT_EQ(offload_statistics().running, 0U);
    EXPECT_EQ(offload_statistics().completed, before + 1);
  });
}

TEST(OffloadPoolTest, TwoLoopsOnTwoThreadsShareThePool) {
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

TEST(OffloadPoolTest, AThreadOfThePoolBlocksSignalsAndUsesTheCpusOfTheProcess) {
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

TEST(OffloadPoolTest, StressOfManyCallsAndCancellations) {
  const Limit few(3);
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    stress(seed);
  }
}

TEST(OffloadPoolTest, AThreadOfThePoolIsNotRealTimeWhenTheLoopsThreadIs) {
  int policy = -1;
  bool permitted = false;
  std::thread loop_thread([&] {
    const sched_param parameters{.sched_priority = 1};
    permitted = sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
    std::thread worker = internal::start_worker("worker", [&] { policy = sched_getscheduler(0); });
    worker.join();
  });
  loop_thread.join();
  if (!permitted) {
    GTEST_SKIP() << "SCHED_FIFO is not permitted here";
  }
  EXPECT_EQ(policy, SCHED_OTHER);
}

}  // namespace
}  // namespace takt::async
