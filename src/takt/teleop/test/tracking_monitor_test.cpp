#include "takt/teleop/tracking_monitor.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kMillisecond = 1'000'000;
constexpr TrackingOptions kOptions{.error_rad = 0.2, .error_for_s = 0.1};

bool off_by(TrackingMonitor& monitor, double error_rad, core::Nanoseconds at_ms, bool scored = false) {
  return monitor.observe({1.0 + error_rad, 2.0}, {1.0, 2.0}, at_ms * kMillisecond, scored);
}

TEST(TrackingMonitorTest, ReportsAnErrorOnlyWhenItHasLasted) {
  for (const core::Nanoseconds start : {0, 5000}) {
    TrackingMonitor monitor(kOptions);
    for (const core::Nanoseconds at : {0, 10, 50, 99}) {
      EXPECT_FALSE(off_by(monitor, -0.3, start + at)) << at;
    }
    EXPECT_TRUE(off_by(monitor, 0.3, start + 100));
    EXPECT_TRUE(off_by(monitor, 0.3, start + 110));
  }
}

TEST(TrackingMonitorTest, ForgetsAnErrorThatWasInterrupted) {
  TrackingMonitor monitor(kOptions);
  EXPECT_FALSE(off_by(monitor, 0.3, 1));
  EXPECT_FALSE(off_by(monitor, 0.2, 90)) << "exactly at the bound is inside";
  EXPECT_FALSE(off_by(monitor, 0.3, 150));
  monitor.pause();
  EXPECT_FALSE(off_by(monitor, 0.3, 1000));
  EXPECT_FALSE(off_by(monitor, 0.3, 1099));
  EXPECT_TRUE(off_by(monitor, 0.3, 1100));
}

TEST(TrackingMonitorTest, ReportsAtOnceWhenNoTimeIsGiven) {
  TrackingMonitor monitor({.error_rad = 0.2, .error_for_s = 0.0});
  EXPECT_FALSE(off_by(monitor, 0.1, 1));
  EXPECT_TRUE(off_by(monitor, 0.3, 2));
}

TEST(TrackingMonitorTest, TakesAPositionThatIsNoNumberForFarAway) {
  TrackingMonitor monitor(kOptions);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(off_by(monitor, nan, 0, true));
  EXPECT_TRUE(off_by(monitor, nan, 100, true));
  EXPECT_TRUE(monitor.report().rms_rad.empty()) << "and does not score it";
}

TEST(TrackingMonitorTest, ComparesOnlyWhatHasTheSameSize) {
  TrackingMonitor monitor({.error_rad = 0.2, .error_for_s = 0.0});
  EXPECT_FALSE(monitor.observe({9.0}, {1.0, 2.0}, 1, true));
  EXPECT_TRUE(monitor.report().max_rad.empty());
}

TEST(TrackingMonitorTest, ReportsRootMeanSquareAndMaximumPerJointOfWhatIsScored) {
  std::mt19937 random(7);
  std::normal_distribution<double> error(0.0, 0.05);
  TrackingMonitor monitor(kOptions);
  std::vector<double> squares(3, 0.0);
  std::vector<double> most(3, 0.0);
  constexpr int kCount = 1000;
  for (int i = 0; i < kCount; ++i) {
    core::JointVector measured{0.1, 0.2, 0.3};
    for (std::size_t j = 0; j < 3; ++j) {
      const double e = error(random) * (1.0 + static_cast<double>(j));
      measured[j] += e;
      squares[j] += e * e;
      most[j] = std::max(most[j], std::abs(e));
    }
    static_cast<void>(monitor.observe(measured, {0.1, 0.2, 0.3}, i, true));
    static_cast<void>(monitor.observe({9.0, 9.0, 9.0}, {0.0, 0.0, 0.0}, i, false));
  }
  const TrackingReport report = monitor.report();
  ASSERT_EQ(report.rms_rad.size(), 3U);
  ASSERT_EQ(report.max_rad.size(), 3U);
  for (std::size_t j = 0; j < 3; ++j) {
    EXPECT_NEAR(report.rms_rad[j], std::sqrt(squares[j] / kCount), 1e-12);
    EXPECT_NEAR(report.max_rad[j], most[j], 1e-12);
  }
}

TEST(TrackingMonitorTest, HasNothingToReportBeforeAnythingIsScored) {
  TrackingMonitor monitor(kOptions);
  static_cast<void>(off_by(monitor, 0.1, 1));
  EXPECT_TRUE(monitor.report().rms_rad.empty());
  EXPECT_TRUE(monitor.report().max_rad.empty());
}

TEST(TrackingMonitorTest, AllocatesNothing) {
  TrackingMonitor monitor(kOptions);
  const testing::AllocationGuard guard;
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(off_by(monitor, 0.01 * i, i, true));
  }
  monitor.pause();
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::teleop
