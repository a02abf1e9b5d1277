#include "takt/control/freshness.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace takt::control {
namespace {

TEST(FreshnessTest, GoesFromFreshToHoldToHaltWithAge) {
  const FreshnessPolicy policy{.hold_after_s = 0.1, .halt_after_s = 0.5};
  EXPECT_EQ(policy.judge(-5), Freshness::kFresh);
  EXPECT_EQ(policy.judge(0), Freshness::kFresh);
  EXPECT_EQ(policy.judge(100'000'000), Freshness::kFresh);
  EXPECT_EQ(policy.judge(100'000'001), Freshness::kHold);
  EXPECT_EQ(policy.judge(500'000'000), Freshness::kHold);
  EXPECT_EQ(policy.judge(500'000'001), Freshness::kHalt);
  EXPECT_EQ(policy.judge(std::numeric_limits<core::Nanoseconds>::max()), Freshness::kHalt);
}

TEST(FreshnessTest, AnInfiniteStageNeverComes) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  EXPECT_EQ((FreshnessPolicy{.hold_after_s = 0.1, .halt_after_s = kNever}.judge(1'000'000'000'000)), Freshness::kHold);
  EXPECT_NO_THROW(require_valid({.hold_after_s = kNever, .halt_after_s = kNever}));
}

TEST(FreshnessTest, RefusesAPolicyThatHaltsBeforeItHolds) {
  EXPECT_THROW(require_valid({.hold_after_s = 0.5, .halt_after_s = 0.1}), LogicError);
  EXPECT_THROW(require_valid({.hold_after_s = 0.0, .halt_after_s = 0.1}), LogicError);
  EXPECT_THROW(require_valid({.hold_after_s = 0.1, .halt_after_s = std::numeric_limits<double>::quiet_NaN()}),
               LogicError);
}

}  // namespace
}  // namespace takt::control
