#include "takt/realtime/latency_probe.hpp"

#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

constexpr core::Nanoseconds kMillisecond = 1'000'000;
constexpr core::Nanoseconds kMicrosecond = 1'000;

/// A clock that stands still but for its sleepers, who wake as late as they are told: the n-th by late_ns[n], those
/// after the last on time. Counts what its one sleeper allocates from the first sleep on.
class LateClock final : public core::Clock {
 public:
  explicit LateClock(std::vector<core::Nanoseconds> late_ns) : late_ns_(std::move(late_ns)) {}

  core::Nanoseconds now_ns() const noexcept override { return now_ns_; }

  void sleep_until_ns(core::Nanoseconds deadline_ns) noexcept override {
    if (!guard_) {
      guard_.emplace();
    }
    now_ns_ = deadline_ns + (sleeps_ < late_ns_.size() ? late_ns_[sleeps_] : 0);
    ++sleeps_;
    allocations_ = guard_->count();
  }

  std::size_t sleeps() const { return sleeps_; }
  std::uint64_t allocations() const { return allocations_; }

 private:
  std::vector<core::Nanoseconds> late_ns_;
  std::size_t sleeps_{0};
  core::Nanoseconds now_ns_{123'456'789};
  std::optional<testing::AllocationGuard> guard_;
  std::uint64_t allocations_{0};
};

TEST(LatencyProbeTest, RecordsHowLateEachWakeUpOfAMillisecondIs) {
  LateClock clock({7 * kMicrosecond, 40 * kMicrosecond, 300 * kMicrosecond});
  core::LatencyHistogram lateness;
  LatencyProbe probe({.duration_ns = 5 * kMillisecond, .clock = &clock}, lateness);
  probe.join();
  EXPECT_TRUE(probe.finished());
  EXPECT_EQ(lateness.count(), 5U);
  EXPECT_EQ(lateness.max_ns(), 300 * kMicrosecond);
  EXPECT_EQ(lateness.percentile_ns(0.4), 0);
  EXPECT_NEAR(static_cast<double>(lateness.percentile_ns(0.6)), 7e3, 0.02 * 7e3);
  EXPECT_EQ(probe.missed(), 0U);
}

TEST(LatencyProbeTest, SkipsThePeriodsItSleptThroughAndCountsThem) {
  LateClock clock({0, 3 * kMillisecond + 1});
  core::LatencyHistogram lateness;
  LatencyProbe probe({.duration_ns = 10 * kMillisecond, .clock = &clock}, lateness);
  probe.join();
  EXPECT_EQ(lateness.count(), 7U);
  EXPECT_EQ(probe.missed(), 3U);
  EXPECT_EQ(lateness.max_ns(), 3 * kMillisecond + 1);
}

TEST(LatencyProbeTest, CountsNoPeriodAfterTheEndAsMissed) {
  LateClock clock({100 * kMillisecond});
  core::LatencyHistogram lateness;
  LatencyProbe probe({.duration_ns = 10 * kMillisecond, .clock = &clock}, lateness);
  probe.join();
  EXPECT_EQ(lateness.count(), 1U);
  EXPECT_EQ(probe.missed(), 9U);
}

TEST(LatencyProbeTest, AddsToWhatAnEarlierProbeRecorded) {
  core::LatencyHistogram lateness;
  for (const core::Nanoseconds late_ns : {20 * kMicrosecond, 10 * kMicrosecond}) {
    LateClock clock({late_ns});
    LatencyProbe probe({.duration_ns = 4 * kMillisecond, .clock = &clock}, lateness);
    probe.join();
  }
  EXPECT_EQ(lateness.count(), 8U);
  EXPECT_EQ(lateness.max_ns(), 20 * kMicrosecond);
}

TEST(LatencyProbeTest, AllocatesNothingWhileItMeasures) {
  LateClock clock({5 * kMillisecond});
  core::LatencyHistogram lateness;
  LatencyProbe probe({.duration_ns = core::kNanosecondsPerSecond, .clock = &clock}, lateness);
  probe.join();
  EXPECT_GT(clock.sleeps(), 900U);
  EXPECT_EQ(clock.allocations(), 0U);
}

TEST(LatencyProbeTest, EndsSoonWhenItIsAskedTo) {
  core::LatencyHistogram lateness;
  LatencyProbe probe({.duration_ns = 3600 * core::kNanosecondsPerSecond}, lateness);
  EXPECT_FALSE(probe.finished());
  probe.request_stop();
  probe.join();
  EXPECT_TRUE(probe.finished());
  EXPECT_LT(lateness.count(), 3'600'000U);
}

TEST(LatencyProbeTest, MeasuresTheRealClockAsLongAsItIsTold) {
  core::LatencyHistogram lateness;
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  LatencyProbe probe({.duration_ns = 50 * kMillisecond, .keep_awake = false}, lateness);
  probe.join();
  EXPECT_EQ(lateness.count() + probe.missed(), 50U);
  EXPECT_GE(core::monotonic_now_ns() - start_ns, 50 * kMillisecond);
  EXPECT_FALSE(probe.keeps_awake());
}

TEST(LatencyProbeTest, SaysWhatItWasGranted) {
  core::LatencyHistogram lateness;
  const LatencyProbe probe({.duration_ns = kMillisecond, .fifo_priority = 10}, lateness);
  EXPECT_EQ(probe.thread().memory_locked, lock_process_memory());
  EXPECT_EQ(probe.keeps_awake(), CpuDmaLatency().held());
  EXPECT_FALSE(probe.thread().pinned);
}

TEST(LatencyProbeTest, RefusesTimesThatAreNotPositive) {
  core::LatencyHistogram lateness;
  EXPECT_THROW(LatencyProbe({.period_ns = 0}, lateness), LogicError);
  EXPECT_THROW(LatencyProbe({.duration_ns = -1}, lateness), LogicError);
}

}  // namespace
}  // namespace takt::realtime
