#include "takt/control/motion/glide.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr core::Nanoseconds kMs = 1'000'000;

TEST(GlideTest, ArrivesWhereAndHowItShallAndGoesOnSo) {
  const Glide glide(5 * kMs, {.q_rad = {0.0, 1.0}, .dq_rad_s = {0.5, 0.0}}, 38 * kMs,
                    {.q_rad = {0.02, 0.9}, .dq_rad_s = {0.7, -1.0}});
  EXPECT_DOUBLE_EQ(glide.at(5 * kMs).q_rad[0], 0.0);
  EXPECT_DOUBLE_EQ(glide.at(5 * kMs).dq_rad_s[0], 0.5);
  EXPECT_NEAR(glide.at(38 * kMs - 1).q_rad[1], 0.9, 1e-8);
  EXPECT_NEAR(glide.at(38 * kMs - 1).dq_rad_s[1], -1.0, 1e-5);
  EXPECT_DOUBLE_EQ(glide.at(38 * kMs).q_rad[0], 0.02);
  EXPECT_DOUBLE_EQ(glide.at(48 * kMs).q_rad[0], 0.02 + 0.01 * 0.7);
  EXPECT_DOUBLE_EQ(glide.at(48 * kMs).dq_rad_s[1], -1.0);
}

TEST(GlideTest, ItsVelocityIsTheDerivativeOfItsPosition) {
  const Glide glide(0, {.q_rad = {0.0}, .dq_rad_s = {0.5}}, 33 * kMs, {.q_rad = {0.02}, .dq_rad_s = {0.7}});
  for (core::Nanoseconds t = kMs; t < 33 * kMs; t += kMs) {
    const double slope = (glide.at(t + 1000).q_rad[0] - glide.at(t - 1000).q_rad[0]) / 2e-6;
    EXPECT_NEAR(glide.at(t).dq_rad_s[0], slope, 1e-6);
  }
}

TEST(GlideTest, ARowOfThemIsTheCubicThatItsTargetsAreOf) {
  const auto q = [](double t) { return 0.3 * t * t * t - 0.4 * t * t + 0.1 * t; };
  const auto dq = [](double t) { return 0.9 * t * t - 0.8 * t + 0.1; };
  Glide::Reference now{.q_rad = {q(0.0)}, .dq_rad_s = {dq(0.0)}};
  for (core::Nanoseconds t = 0; t < 1000 * kMs; t += 20 * kMs) {
    const double due_s = core::to_seconds(t + 20 * kMs);
    const Glide glide(t, now, t + 20 * kMs, {.q_rad = {q(due_s)}, .dq_rad_s = {dq(due_s)}});
    const double between_s = core::to_seconds(t + 7 * kMs);
    EXPECT_NEAR(glide.at(t + 7 * kMs).q_rad[0], q(between_s), 1e-12);
    now = glide.at(t + 20 * kMs);
  }
}

TEST(GlideTest, NeverAllocates) {
  const Glide glide(0, {.q_rad = {0.0}, .dq_rad_s = {0.5}}, kMs, {.q_rad = {0.02}, .dq_rad_s = {0.7}});
  const testing::AllocationGuard guard;
  EXPECT_TRUE(std::isfinite(glide.at(kMs / 2).q_rad[0]));
}

}  // namespace
}  // namespace takt::control
