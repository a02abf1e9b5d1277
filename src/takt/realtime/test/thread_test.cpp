#include "takt/realtime/thread.hpp"

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include "takt/core/error.hpp"

namespace takt::realtime {
namespace {

std::string current_name() {
  std::array<char, 16> text{};
  pthread_getname_np(pthread_self(), text.data(), text.size());
  return text.data();
}

TEST(RealtimeThreadTest, RunsItsBodyUnderItsNameWithTheFinestTimer) {
  std::string name;
  int slack_ns = 0;
  RealtimeThread thread({.name = "rt.test"}, [&](const std::stop_token&) {
    name = current_name();
    slack_ns = prctl(PR_GET_TIMERSLACK);
  });
  thread.join();
  EXPECT_EQ(name, "rt.test");
  EXPECT_EQ(slack_ns, 1);
  EXPECT_NE(thread.report().thread_id, 0U);
  EXPECT_TRUE(thread.report().stack_prefaulted);
}

TEST(RealtimeThreadTest, StopsAndJoinsWhenDestroyed) {
  std::atomic<bool> ended{false};
  {
    const RealtimeThread thread({.name = "rt.test"}, [&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::this_thread::yield();
      }
      ended = true;
    });
  }
  EXPECT_TRUE(ended);
}

TEST(RealtimeThreadTest, ReportsTruthfullyWhetherItGotRealTimePriority) {
  int policy = -1;
  RealtimeThread thread({.name = "rt.test", .fifo_priority = 10, .lock_memory = true},
                        [&](const std::stop_token&) { policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK; });
  thread.join();
  EXPECT_EQ(thread.report().fifo, policy == SCHED_FIFO);
  EXPECT_EQ(thread.report().memory_locked, lock_process_memory());
}

TEST(RealtimeThreadTest, StaysOnTheCpuItWasGiven) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ASSERT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  int wanted = 0;
  while (CPU_ISSET(static_cast<std::size_t>(wanted), &allowed) == 0) {
    ++wanted;
  }
  int cpu = -1;
  RealtimeThread thread({.name = "rt.test", .cpu = wanted}, [&](const std::stop_token&) { cpu = sched_getcpu(); });
  thread.join();
  EXPECT_TRUE(thread.report().pinned);
  EXPECT_EQ(cpu, wanted);
}

TEST(RealtimeThreadTest, GoesOnWithoutACpuThatDoesNotExist) {
  bool ran = false;
  RealtimeThread thread({.name = "rt.test", .cpu = CPU_SETSIZE - 1}, [&](const std::stop_token&) { ran = true; });
  thread.join();
  EXPECT_FALSE(thread.report().pinned);
  EXPECT_TRUE(ran);
}

TEST(RealtimeThreadTest, RefusesOptionsOutOfRange) {
  const auto body = [](const std::stop_token&) {};
  EXPECT_THROW(RealtimeThread({.name = ""}, body), LogicError);
  EXPECT_THROW(RealtimeThread({.name = "a name of 16 b.."}, body), LogicError);
  EXPECT_THROW(RealtimeThread({.name = "rt", .fifo_priority = 100}, body), LogicError);
  EXPECT_THROW(RealtimeThread({.name = "rt", .cpu = -1}, body), LogicError);
  EXPECT_THROW(RealtimeThread({.name = "rt", .stack_bytes = 4096}, body), LogicError);
}

TEST(CpuDmaLatencyTest, HoldsTheDeviceOrSaysThatItDoesNot) {
  const CpuDmaLatency first;
  const CpuDmaLatency second;
  EXPECT_EQ(first.held(), second.held());
}

}  // namespace
}  // namespace takt::realtime
