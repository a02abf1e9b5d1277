#include "takt/realtime/deadline_ledger.hpp"

#include <atomic>
#include <limits>
#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

constexpr core::Nanoseconds kUs = 1'000;
constexpr core::Nanoseconds kMs = 1'000'000;

/// A cycle that wakes 5 us after the stamp and takes 20 us, but for what a test changes.
class DeadlineLedgerTest : public ::testing::Test {
 protected:
  std::optional<MissCause> cycle(core::Nanoseconds stamp_ns) {
    return ledger.record(stamp_ns, stamp_ns + 5 * kUs, stamp_ns + 25 * kUs);
  }

  StallLog stalls;
  DeadlineLedger ledger{stalls};
};

TEST_F(DeadlineLedgerTest, SumsUpACycleThatKeepsItsTime) {
  for (core::Nanoseconds i = 0; i < 1000; ++i) {
    EXPECT_EQ(cycle(i * kMs), std::nullopt);
  }
  const DeadlineSummary summary = ledger.summary();
  EXPECT_EQ(summary.wake_lateness.count, 1000U);
  EXPECT_EQ(summary.read_to_write.count, 1000U);
  EXPECT_EQ(summary.gap.count, 999U);
  EXPECT_DOUBLE_EQ(summary.wake_lateness.max_us, 5);
  EXPECT_DOUBLE_EQ(summary.read_to_write.max_us, 20);
  EXPECT_NEAR(summary.gap.p50_us, 1000, 16);
  EXPECT_NEAR(summary.gap.p999_us, 1000, 16);
  EXPECT_DOUBLE_EQ(summary.gap.max_us, 1000);
  EXPECT_DOUBLE_EQ(summary.longest_gap_without_host_us, 1000);
  EXPECT_EQ(summary.missed(), 0U);
}

TEST_F(DeadlineLedgerTest, AGapBeyondOneAndAHalfPeriodsIsAMissAndNoShorterOne) {
  ledger.record(0, 0, 0);
  EXPECT_EQ(ledger.record(kMs, kMs, kMs + 500 * kUs), std::nullopt);
  ledger.record(2 * kMs, 2 * kMs, 2 * kMs);
  EXPECT_NE(ledger.record(3 * kMs, 3 * kMs, 3 * kMs + 500 * kUs + 1), std::nullopt);
  EXPECT_EQ(ledger.summary().missed(), 1U);
}

TEST_F(DeadlineLedgerTest, ChargesTheArmForAGapInItsStamps) {
  cycle(0);
  EXPECT_EQ(cycle(3 * kMs), MissCause::kArm);
  EXPECT_EQ(ledger.summary().missed(MissCause::kArm), 1U);
}

TEST_F(DeadlineLedgerTest, DoesNotChargeTheArmForStatesThatWeLost) {
  cycle(0);
  EXPECT_EQ(ledger.record(5 * kMs, 5 * kMs + 5 * kUs, 5 * kMs + 25 * kUs, 5), MissCause::kWake);
  EXPECT_EQ(ledger.record(15 * kMs, 15 * kMs + 5 * kUs, 15 * kMs + 25 * kUs, 5), MissCause::kArm);
}

TEST_F(DeadlineLedgerTest, ChargesOurCodeWhenItTookTooLong) {
  cycle(0);
  EXPECT_EQ(ledger.record(kMs, kMs + 5 * kUs, kMs + 800 * kUs), MissCause::kSlow);
}

TEST_F(DeadlineLedgerTest, HasNobodyToChargeForAWakeThatNobodyDelayed) {
  cycle(0);
  EXPECT_EQ(ledger.record(kMs, 4 * kMs, 4 * kMs + 20 * kUs), MissCause::kWake);
}

TEST_F(DeadlineLedgerTest, ChargesTheHostWhateverItsStallLooksLike) {
  for (int shape = 0; shape < 3; ++shape) {
    const core::Nanoseconds begin = shape * 100 * kMs;
    ledger.restart();
    cycle(begin);
    stalls.add({.start_ns = begin + kMs, .length_ns = 4 * kMs});
    const core::Nanoseconds back = begin + 5 * kMs;
    const auto cause = shape == 0   ? ledger.record(begin + kMs, back, back + 20 * kUs)  // asleep
                       : shape == 1 ? ledger.record(begin + kMs, begin + kMs, back)      // computing
                                    : cycle(back);                                       // the arm's side, too
    EXPECT_EQ(cause, MissCause::kHost) << shape;
  }
  const DeadlineSummary summary = ledger.summary();
  EXPECT_EQ(summary.missed(MissCause::kHost), 3U);
  EXPECT_EQ(summary.missed(), 3U);
  EXPECT_GT(summary.gap.max_us, 4900);
  EXPECT_EQ(summary.longest_gap_without_host_us, 0);
}

TEST_F(DeadlineLedgerTest, AShortStallIsNoExcuseForALongGap) {
  cycle(0);
  stalls.add({.start_ns = kMs, .length_ns = 300 * kUs});
  EXPECT_EQ(ledger.record(kMs, kMs, 10 * kMs), MissCause::kSlow);
  EXPECT_GT(ledger.summary().longest_gap_without_host_us, 9900);
}

TEST_F(DeadlineLedgerTest, AStallOutsideTheGapIsNoExcuse) {
  stalls.add({.start_ns = -5 * kMs, .length_ns = 5 * kMs});
  cycle(0);
  EXPECT_EQ(ledger.record(kMs, 4 * kMs, 4 * kMs), MissCause::kWake);
}

TEST_F(DeadlineLedgerTest, AGapThatAStallMadeLongerIsNotTheLongestOfOurs) {
  cycle(0);
  cycle(kMs);
  stalls.add({.start_ns = 2 * kMs, .length_ns = 300 * kUs});
  EXPECT_EQ(ledger.record(2 * kMs, 2 * kMs + 300 * kUs, 2 * kMs + 325 * kUs), std::nullopt);
  EXPECT_DOUBLE_EQ(ledger.summary().gap.max_us, 1300);
  EXPECT_DOUBLE_EQ(ledger.summary().longest_gap_without_host_us, 1000);
}

TEST_F(DeadlineLedgerTest, ThePauseBeforeARestartIsNoGap) {
  cycle(0);
  ledger.restart();
  EXPECT_EQ(cycle(5000 * kMs), std::nullopt);
  EXPECT_EQ(ledger.summary().gap.count, 0U);
  EXPECT_EQ(ledger.summary().wake_lateness.count, 2U);
}

TEST_F(DeadlineLedgerTest, NonsenseStampsAreRecordedWithoutOverflow) {
  constexpr auto kLowest = std::numeric_limits<core::Nanoseconds>::min();
  constexpr auto kHighest = std::numeric_limits<core::Nanoseconds>::max();
  for (const core::Nanoseconds stamp : {kLowest, kHighest, core::Nanoseconds{0}}) {
    for (const core::Nanoseconds written : {kHighest, kLowest}) {
      ledger.record(stamp, ~stamp, written, std::numeric_limits<std::uint64_t>::max());
    }
  }
  EXPECT_EQ(ledger.summary().wake_lateness.count, 6U);
}

TEST_F(DeadlineLedgerTest, TakesPeriodAndThresholdsFromItsOptions) {
  DeadlineLedger slow(stalls, {.period_ns = 10 * kMs, .miss_after_periods = 2, .slow_after_periods = 1});
  slow.record(0, 0, 0);
  EXPECT_EQ(slow.record(10 * kMs, 10 * kMs, 20 * kMs), std::nullopt);
  EXPECT_EQ(slow.record(20 * kMs, 31 * kMs, 41 * kMs), MissCause::kWake);
  EXPECT_EQ(slow.record(30 * kMs, 52 * kMs, 62 * kMs + 1), MissCause::kSlow);
  EXPECT_THROW(DeadlineLedger(stalls, {.period_ns = 0}), LogicError);
  EXPECT_THROW(DeadlineLedger(stalls, {.period_ns = std::numeric_limits<core::Nanoseconds>::max()}), LogicError);
  EXPECT_THROW(DeadlineLedger(stalls, {.miss_after_periods = -1}), LogicError);
  EXPECT_THROW(DeadlineLedger(stalls, {.slow_after_periods = std::numeric_limits<double>::quiet_NaN()}), LogicError);
}

TEST_F(DeadlineLedgerTest, IsReadWhileItIsWritten) {
  std::atomic<bool> done{false};
  std::jthread recording([&] {
    for (core::Nanoseconds i = 0; i < 20'000; ++i) {
      cycle(i * 2 * kMs);
    }
    done = true;
  });
  std::uint64_t last = 0;
  while (!done) {
    const std::uint64_t missed = ledger.summary().missed();
    EXPECT_GE(missed, last);
    last = missed;
  }
  recording.join();
  EXPECT_EQ(ledger.summary().missed(MissCause::kArm), 19'999U);
}

TEST_F(DeadlineLedgerTest, RecordingAllocatesNothing) {
  stalls.add({.start_ns = kMs, .length_ns = kMs});
  const testing::AllocationGuard guard;
  for (core::Nanoseconds i = 0; i < 100; ++i) {
    cycle(i * 3 * kMs);
  }
  EXPECT_EQ(guard.count(), 0U);
}

TEST(MissCauseTest, EachHasItsName) {
  EXPECT_EQ(name_of(MissCause::kHost), "host");
  EXPECT_EQ(name_of(MissCause::kArm), "arm");
  EXPECT_EQ(name_of(MissCause::kSlow), "slow");
  EXPECT_EQ(name_of(MissCause::kWake), "wake");
}

}  // namespace
}  // namespace takt::realtime
