#include <atomic>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "takt/async/inference_thread.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"

namespace takt::async {
namespace {

TEST(InferenceQueueStressTest, TwoLoopsOnTwoThreadsShareOneThread) {
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
      } catch (const LogicError&) {  // it was stopped before: nothing to do
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

TEST(InferenceQueueStressTest, StressOfEachPolicyFromTwoLoops) {
  for (const OnFull on_full : {OnFull::kReject, OnFull::kLatestWins, OnFull::kWait}) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
      SCOPED_TRACE(seed);
      stress(seed, on_full);
    }
  }
}

}  // namespace
}  // namespace takt::async
