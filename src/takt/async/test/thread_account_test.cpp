#include "takt/async/internal/thread_account.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>

#include "takt/async/loop_watch.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/target_threads.hpp"

namespace takt::async::internal {
namespace {

using namespace std::chrono_literals;

constexpr core::Nanoseconds kMillisecond = 1'000'000;

TEST(ThreadAccountTest, AThreadThatNeverSleptWaitedWheneverItDidNotRun) {
  const ThreadAccount before{.at_ns = 0, .cpu_ns = 5 * kMillisecond, .voluntary_switches = 3};
  const ThreadAccount after{.at_ns = 10 * kMillisecond, .cpu_ns = 7 * kMillisecond, .voluntary_switches = 3};
  EXPECT_EQ(kept_waiting_ns(before, after), 8 * kMillisecond);
}

TEST(ThreadAccountTest, AThreadThatSleptWaitedForAsLongAsTheKernelQueuedIt) {
  const ThreadAccount before{.at_ns = 0, .queued_ns = kMillisecond, .voluntary_switches = 3};
  const ThreadAccount after{.at_ns = 10 * kMillisecond, .queued_ns = 3 * kMillisecond, .voluntary_switches = 4};
  EXPECT_EQ(kept_waiting_ns(before, after), 2 * kMillisecond);
}

TEST(ThreadAccountTest, AThreadThatSleptFromTheBeginningIsNotSaidToHaveWaited) {
  const ThreadAccount before{.at_ns = 0, .voluntary_switches = 3, .asleep = true};
  const ThreadAccount after{.at_ns = 10 * kMillisecond, .voluntary_switches = 3};
  EXPECT_EQ(kept_waiting_ns(before, after), 0);
}

TEST(ThreadAccountTest, SeesWhetherAThreadSleepsOrBurnsTheCpu) {
  const Pipe pipe;
  char byte = 0;
  Target sleeper([&] { EXPECT_EQ(read(pipe.ends[0], &byte, 1), 1); });
  while (!account_of(sleeper.id()).asleep) {  // it may not have got there yet
    std::this_thread::yield();
  }
  EXPECT_GE(account_of(sleeper.id()).voluntary_switches, 1);
  pipe.say('x');

  const Burner burner;
  const ThreadAccount first = account_of(burner.id());
  while (account_of(burner.id()).cpu_ns < first.cpu_ns + kMillisecond) {
    std::this_thread::yield();
  }
}

TEST(ThreadAccountTest, TheOwnAccountIsTheOneThatOthersSee) {
  const ThreadAccount first = account_of(thread_id());
  EXPECT_FALSE(first.asleep);
  std::this_thread::sleep_for(1ms);
  const ThreadAccount own = own_account();
  EXPECT_GT(own.voluntary_switches, first.voluntary_switches);
  EXPECT_GE(own.cpu_ns, first.cpu_ns);
  EXPECT_GE(account_of(thread_id()).voluntary_switches, own.voluntary_switches);
}

TEST(ThreadAccountTest, AThreadThatIsNoneIsTakenForAsleep) {
  EXPECT_TRUE(account_of(0x3fffffff).asleep);
}

/// What a LoopWatch makes of it: a turn that others kept from its CPU is not held against the task.
TEST(ThreadAccountTest, ATurnThatGetsNoCpuIsCountedApart) {
  cpu_set_t all;
  ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  std::atomic<bool> stop{false};
  EventLoop().run([](const cpu_set_t* cpu, std::atomic<bool>* end) -> Task<void> {
    const LoopWatch watch({.on_report = [](const BlockReport&) {}});
    sched_setaffinity(0, sizeof(*cpu), cpu);
    std::vector<std::jthread> rivals;  // on the same CPU
    for (int i = 0; i < 4; ++i) {
      rivals.emplace_back([end] {
        while (!end->load(std::memory_order_relaxed)) {
        }
      });
    }
    while (watch.statistics().not_scheduled == 0) {  // some short turn is interrupted by the rivals
      const core::Nanoseconds end_ns = own_account().cpu_ns + kMillisecond / 4;
      while (own_account().cpu_ns < end_ns) {
      }
      co_await yield();
    }
    end->store(true);
  }(&one, &stop));
  sched_setaffinity(0, sizeof(all), &all);
  EXPECT_TRUE(stop);
}

}  // namespace
}  // namespace takt::async::internal
