#include "takt/core/latency_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::core {
namespace {

TEST(LatencyHistogramTest, IsZeroWhenEmpty) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.percentile_ns(0.5), 0);
}

TEST(LatencyHistogramTest, KeepsTheExactMaximum) {
  LatencyHistogram histogram;
  histogram.record(123'456'789);
  histogram.record(5);
  EXPECT_EQ(histogram.max_ns(), 123'456'789);
  EXPECT_EQ(histogram.percentile_ns(1.0), 123'456'789);
}

TEST(LatencyHistogramTest, PercentilesStayWithinTheirErrorOfTheSortedValues) {
  LatencyHistogram histogram;
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(9.0, 2.0);
  std::vector<Nanoseconds> values;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(std::llround(latency(random)));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = static_cast<double>(values[static_cast<std::size_t>(std::ceil(q * 100'000)) - 1]);
    const auto shown = static_cast<double>(histogram.percentile_ns(q));
    EXPECT_GE(shown, exact) << q;
    EXPECT_LE(shown, exact * 1.016 + 1) << q;
  }
}

TEST(LatencyHistogramTest, CountsNegativeAndEndlessValuesInTheOuterBuckets) {
  LatencyHistogram histogram;
  histogram.record(-5);
  EXPECT_EQ(histogram.percentile_ns(1.0), 0);
  histogram.record(Nanoseconds{1} << 50);
  EXPECT_EQ(histogram.max_ns(), Nanoseconds{1} << 50);
  EXPECT_EQ(histogram.count(), 2U);
}

TEST(LatencyHistogramTest, RecordingAllocatesNothing) {
  LatencyHistogram histogram;
  const testing::AllocationGuard guard;
  for (Nanoseconds i = 0; i < 1000; ++i) {
    histogram.record(i * 997);
  }
  EXPECT_EQ(guard.count(), 0U);
}

TEST(LatencyHistogramTest, ForgetsWhenCleared) {
  LatencyHistogram histogram;
  histogram.record(10);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.max_ns(), 0);
}

}  // namespace
}  // namespace takt::core
