#include "takt/realtime/sentinel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include "takt/core/error.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/realtime/deadline_ledger.hpp"

namespace takt::realtime {
namespace {

constexpr core::Nanoseconds kMs = 1'000'000;

int first_allowed_cpu() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  EXPECT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  int cpu = 0;
  while (CPU_ISSET(static_cast<std::size_t>(cpu), &allowed) == 0) {
    ++cpu;
  }
  return cpu;
}

/// A sentinel in a time that stands still: it looks when the test lets it.
class SentinelTest : public ::testing::Test {
 protected:
  ~SentinelTest() override {
    sentinel.request_stop();
    clock.advance_ns(1000 * kMs);
  }

  void wait_until_parked() {
    while (sentinel.report().looks < looks || clock.sleepers() == 0) {
      std::this_thread::yield();
    }
  }

  /// Lets `duration_ns` pass at once: the next look comes at its end.
  void pass_ns(core::Nanoseconds duration_ns) {
    wait_until_parked();
    ++looks;
    clock.advance_ns(duration_ns);
    wait_until_parked();
  }

  core::ManualClock clock{7 * kMs};
  StallLog log;
  Sentinel sentinel{log, first_allowed_cpu(), {.fifo_priority = std::nullopt, .clock = &clock}};
  std::uint64_t looks{0};
};

TEST_F(SentinelTest, SeesNothingWhileItsTimerIsKept) {
  for (int i = 0; i < 20; ++i) {
    pass_ns(kMs);
  }
  EXPECT_EQ(sentinel.report().looks, 20U);
  EXPECT_EQ(sentinel.report().stalls, 0U);
}

TEST_F(SentinelTest, LogsATimeInWhichItWasDueAndDidNotCome) {
  pass_ns(kMs);
  pass_ns(5 * kMs);  // due after one
  ASSERT_EQ(log.count(), 1U);
  EXPECT_EQ(log.list()[0].start_ns, 9 * kMs);
  EXPECT_EQ(log.list()[0].length_ns, 4 * kMs);
  pass_ns(kMs);  // in phase again, no hurry
  EXPECT_EQ(log.count(), 1U);
}

TEST_F(SentinelTest, OverlooksWhatIsBelowItsThreshold) {
  pass_ns(kMs + 200'000);
  EXPECT_EQ(log.count(), 0U);
  pass_ns(kMs + 1);  // due 200 us earlier than that
  EXPECT_EQ(log.count(), 1U);
}

TEST_F(SentinelTest, WithoutRealTimePriorityItIsOfNoUse) {
  EXPECT_FALSE(sentinel.useful());
  EXPECT_FALSE(sentinel.report().fifo);
}

TEST_F(SentinelTest, TheLedgerChargesToTheHostWhatItSaw) {
  DeadlineLedger ledger(log);
  ledger.record(7 * kMs, 7 * kMs, 7 * kMs + 10'000);
  pass_ns(kMs);
  EXPECT_EQ(ledger.record(8 * kMs, 8 * kMs, 8 * kMs + 10'000), std::nullopt);
  pass_ns(5 * kMs);
  EXPECT_EQ(ledger.record(9 * kMs, 13 * kMs, 13 * kMs + 10'000), MissCause::kHost);
}

TEST(SentinelThreadTest, HasItsNameItsCpuAndItsPriorityOrSaysThatItHasNot) {
  StallLog log;
  const int cpu = first_allowed_cpu();
  const Sentinel sentinel(log, cpu);
  EXPECT_TRUE(sentinel.report().pinned);
  EXPECT_EQ(sentinel.report().cpu, cpu);
  EXPECT_EQ(sentinel.useful(), sentinel.report().fifo);
  if (!sentinel.useful()) {
    EXPECT_EQ(sentinel.report().looks, 0U);
    GTEST_SKIP() << "no SCHED_FIFO here";
  }
  while (sentinel.report().looks < 5) {
    std::this_thread::yield();
  }
  EXPECT_EQ(std::ranges::count(core::thread_names(), "sentinel"), 1);
}

TEST(SentinelThreadTest, RefusesOptionsOutOfRange) {
  StallLog log;
  EXPECT_THROW(Sentinel(log, 0, {.period_ns = 0}), LogicError);
  EXPECT_THROW(Sentinel(log, 0, {.threshold_ns = -1}), LogicError);
  EXPECT_THROW(Sentinel(log, 0, {.fifo_priority = 100}), LogicError);
  EXPECT_THROW(Sentinel(log, -1), LogicError);
}

TEST(CpuOfThreadTest, FindsAThreadThatIsPinned) {
  const int cpu = first_allowed_cpu();
  std::atomic<bool> looked{false};
  RealtimeThread thread({.name = "a name) (1 2", .cpu = cpu}, [&](const std::stop_token&) {
    while (!looked) {
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(cpu_of_thread(thread.report().thread_id), cpu);
  looked = true;
  EXPECT_EQ(cpu_of_thread(0), std::nullopt);
}

}  // namespace
}  // namespace takt::realtime
