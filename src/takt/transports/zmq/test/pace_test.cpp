#include "takt/transports/zmq/internal/pace.hpp"

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

constexpr core::Nanoseconds kMillisecond_ns = 1'000'000;

TEST(PaceTest, IsFastWhenItIsOftenWithinAMillisecond) {
  Pace pace;
  const core::Nanoseconds begin_ns = 5 * kMillisecond_ns;
  for (int i = 0; i < 32; ++i) {
    EXPECT_FALSE(pace.is_fast(begin_ns + i)) << i;
  }
  EXPECT_TRUE(pace.is_fast(begin_ns + kMillisecond_ns - 1));
  EXPECT_FALSE(pace.is_fast(begin_ns + kMillisecond_ns)) << "it is counted anew";
}

TEST(PaceTest, AClockThatJumpsBackBeginsAnew) {
  Pace pace;
  for (int i = 0; i < 40; ++i) {
    static_cast<void>(pace.is_fast(10 * kMillisecond_ns));
  }
  EXPECT_TRUE(pace.is_fast(10 * kMillisecond_ns));
  EXPECT_FALSE(pace.is_fast(9 * kMillisecond_ns));
}

TEST(PaceTest, WhatIsRegularAndNotOftenIsNeverFast) {
  Pace pace;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(pace.is_fast(i * kMillisecond_ns / 30));
  }
}

}  // namespace
}  // namespace takt::zmq::internal
