#include "takt/control/motion/limits.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

JointLimits with_envelope() {
  return {.position_min_rad = -2.0,
          .position_max_rad = 2.0,
          .velocity_rad_s = 3.0,
          .envelope_velocity_offset_rad_s = 0.5,
          .envelope_deceleration_rad_s2 = 8.0};
}

TEST(JointLimitsTest, NothingIsLimitedUnlessSaid) {
  const JointLimits limits;
  EXPECT_EQ(limits.position_max_rad, kInfinity);
  EXPECT_EQ(limits.velocity_upper_rad_s(1e6), kInfinity);
  EXPECT_EQ(limits.velocity_lower_rad_s(-1e6), -kInfinity);
}

TEST(JointLimitsTest, WithoutAnEnvelopeVelocityDoesNotDependOnPosition) {
  const JointLimits limits{.position_min_rad = -1.0, .position_max_rad = 1.0, .velocity_rad_s = 2.0};
  for (const double q : {-1.0, 0.0, 1.0}) {
    EXPECT_EQ(limits.velocity_upper_rad_s(q), 2.0);
    EXPECT_EQ(limits.velocity_lower_rad_s(q), -2.0);
  }
}

TEST(JointLimitsTest, FarFromItsEndTheEnvelopeAllowsFullVelocity) {
  EXPECT_EQ(with_envelope().velocity_upper_rad_s(0.0), 3.0);
  EXPECT_EQ(with_envelope().velocity_lower_rad_s(0.0), -3.0);
}

TEST(JointLimitsTest, NearItsEndTheEnvelopeAllowsWhatCanStillBeBraked) {
  // √(2·8·0.25) − 0.5 = 1.5
  EXPECT_DOUBLE_EQ(with_envelope().velocity_upper_rad_s(1.75), 1.5);
  EXPECT_DOUBLE_EQ(with_envelope().velocity_lower_rad_s(-1.75), -1.5);
}

TEST(JointLimitsTest, AtAndBeyondItsEndTheEnvelopeAllowsNoVelocityTowardsIt) {
  for (const double beyond : {0.0, 0.01, 5.0}) {
    EXPECT_EQ(with_envelope().velocity_upper_rad_s(2.0 + beyond), 0.0);
    EXPECT_EQ(with_envelope().velocity_lower_rad_s(-2.0 - beyond), 0.0);
  }
}

TEST(JointLimitsTest, AtOneEndTheOtherDirectionIsFree) {
  EXPECT_EQ(with_envelope().velocity_lower_rad_s(2.0), -3.0);
  EXPECT_EQ(with_envelope().velocity_upper_rad_s(-2.0), 3.0);
}

TEST(JointLimitsTest, AsksForNoMemory) {
  const JointLimits limits = with_envelope();
  const testing::AllocationGuard guard;
  double sum = 0.0;
  for (double q = -2.0; q < 2.0; q += 0.01) {
    sum += limits.velocity_upper_rad_s(q) + limits.velocity_lower_rad_s(q);
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(std::isfinite(sum));
}

}  // namespace
}  // namespace takt::control
