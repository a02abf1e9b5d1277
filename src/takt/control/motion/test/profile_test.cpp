#include "takt/control/motion/profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr AxisBounds kBounds{
    .velocity_min_rad_s = -2.0, .velocity_max_rad_s = 2.0, .acceleration_rad_s2 = 10.0, .jerk_rad_s3 = 500.0};

/// The largest displacement in exactly `time` from (0, v, a) to rest when only jerk is limited: +J, −J, +J, switching
/// where velocity and acceleration end at 0. NaN when there is no such way.
double farthest_rad(double time, double v, double a, double jerk) {
  const double w = 0.5 * (time + a / jerk);  // length of the middle piece, from a(T) = 0
  // From v(T) = 0:  v + a·T + J·(T²/2 − w·(2T − 2·t1 − w)) = 0.
  const double t1 = 0.5 * (2.0 * time - w - ((v + a * time) / jerk + 0.5 * time * time) / w);
  const double t2 = t1 + w;
  if (!(w > 0.0) || t1 < 0.0 || t2 > time) {
    return std::nan("");
  }
  const double after1 = time - t1;
  const double after2 = time - t2;
  return time * (v + time * (a / 2.0 + time * jerk / 6.0)) -
         jerk * (after1 * after1 * after1 - after2 * after2 * after2) / 3.0;
}

/// The optimum when only jerk is limited, rounded down to 1/400 of `longest`.
double jerk_bound_s(const AxisState& start, double target, double jerk, double longest) {
  const double distance = target - start.q_rad;
  for (int i = 1; i <= 400; ++i) {
    const double time = longest * i / 400.0;
    const double high = farthest_rad(time, start.dq_rad_s, start.ddq_rad_s2, jerk);
    const double low = -farthest_rad(time, -start.dq_rad_s, -start.ddq_rad_s2, jerk);
    if (distance <= high && distance >= low) {
      return longest * (i - 1) / 400.0;
    }
  }
  return longest * 399.0 / 400.0;  // only `longest` itself is left, and rounding hid it
}

/// No shorter than this can any way from `start` to rest at `target` be: the fastest change of velocity alone, and the
/// optimum without a jerk limit (double integrator, bounded acceleration and velocity).
double lower_bound_s(const AxisState& start, double target, const AxisBounds& b) {
  const double a = b.acceleration_rad_s2;
  const double stop = start.dq_rad_s * std::abs(start.dq_rad_s) / (2.0 * a);
  const double s = target - start.q_rad - stop >= 0.0 ? 1.0 : -1.0;
  const double v0 = s * start.dq_rad_s;
  const double distance = s * (target - start.q_rad);
  const double limit = s > 0.0 ? b.velocity_max_rad_s : -b.velocity_min_rad_s;
  const double peak = std::sqrt(std::max(0.0, a * distance + 0.5 * v0 * v0));
  double time = (2.0 * peak - v0) / a;
  if (peak > limit && v0 <= limit) {
    time = (2.0 * limit - v0) / a + (distance - (2.0 * limit * limit - v0 * v0) / (2.0 * a)) / limit;
  }
  return std::max(time, Profile::fastest_stop(start, b).duration_s());
}

TEST(ProfileTest, TakesTheTextbookTimeFromRestToRestOverAShortWay) {
  // Only jerk matters: T = (32·D/J)^(1/3).
  const Profile profile = Profile::to_rest_at({}, 1e-3, kBounds);
  EXPECT_NEAR(profile.duration_s(), std::cbrt(32.0 * 1e-3 / 500.0), 2e-8);
}

TEST(ProfileTest, TakesTheTextbookTimeFromRestToRestOverALongWay) {
  // All seven pieces: T = D/V + V/A + A/J.
  const Profile profile = Profile::to_rest_at({}, 5.0, kBounds);
  EXPECT_NEAR(profile.duration_s(), 5.0 / 2.0 + 2.0 / 10.0 + 10.0 / 500.0, 1e-9);
}

TEST(ProfileTest, KeepsDifferentVelocityLimitsForBothDirections) {
  AxisBounds bounds = kBounds;
  bounds.velocity_min_rad_s = -0.5;
  EXPECT_NEAR(Profile::to_rest_at({}, -5.0, bounds).duration_s(), 5.0 / 0.5 + 0.5 / 10.0 + 10.0 / 500.0, 1e-9);
  EXPECT_NEAR(Profile::to_rest_at({}, 5.0, bounds).duration_s(), 2.72, 1e-9);
}

TEST(ProfileTest, DoesNotMoveWhenItIsThere) {
  const Profile profile = Profile::to_rest_at({.q_rad = 0.3}, 0.3, kBounds);
  EXPECT_EQ(profile.duration_s(), 0.0);
  EXPECT_EQ(profile.at(0.0).q_rad, 0.3);
}

TEST(ProfileTest, PassesTheTargetOnlyAsFarAsItsFastestStop) {
  const AxisState start{.q_rad = 0.0, .dq_rad_s = 1.5, .ddq_rad_s2 = 8.0};
  const Profile stop = Profile::fastest_stop(start, kBounds);
  const Profile back = Profile::to_rest_at(start, 0.01, kBounds);
  EXPECT_GT(back.extent().highest_rad, 0.01);
  EXPECT_LE(back.extent().highest_rad, stop.extent().highest_rad + 1e-12);
}

TEST(ProfileTest, BringsAStateOutsideTheBoundsInsideOnTheFastestWay) {
  const AxisState start{.q_rad = 0.0, .dq_rad_s = 3.0, .ddq_rad_s2 = 20.0};  // 1.5 × V, 2 × A
  const Profile profile = Profile::to_rest_at(start, 4.0, kBounds);
  // A rises no more; back inside |a| ≤ A after (20 − 10)/J, and inside V once decelerated.
  EXPECT_NEAR(profile.at(10.0 / 500.0).ddq_rad_s2, 10.0, 1e-9);
  EXPECT_LE(profile.at(0.3).dq_rad_s, 2.0 + 1e-9);
  EXPECT_EQ(profile.at(profile.duration_s()).q_rad, 4.0);
}

TEST(ProfileTest, AShortestStopIsTheStopThatAlreadyBrakes) {
  // From (v, −A): constant deceleration, then the fade; compare with the profile itself.
  const AxisState braking{.q_rad = 0.0, .dq_rad_s = 1.0, .ddq_rad_s2 = -10.0};
  EXPECT_NEAR(shortest_stop_rad(1.0, 10.0, 500.0), Profile::fastest_stop(braking, kBounds).end_rad(), 1e-12);
}

TEST(ProfileTest, PlanningAndEvaluatingAllocateNothing) {
  const testing::AllocationGuard guard;
  const Profile profile = Profile::to_rest_at({.dq_rad_s = 0.3}, 1.0, kBounds);
  EXPECT_GT(profile.at(0.1).q_rad, 0.0);
  EXPECT_EQ(guard.count(), 0U);
}

/// Random states by interruption: a target after a target, each taken up somewhere on the way to the one before.
class ProfileCampaign : public ::testing::Test {
 protected:
  std::mt19937_64 random_{2021};

  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  double log_uniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }
  AxisBounds random_bounds() {
    return {.velocity_min_rad_s = -log_uniform(0.05, 4.0),
            .velocity_max_rad_s = log_uniform(0.05, 4.0),
            .acceleration_rad_s2 = log_uniform(0.5, 50.0),
            .jerk_rad_s3 = log_uniform(20.0, 20'000.0)};
  }
  static int legs() {
    const char* factor = std::getenv("TAKT_CAMPAIGN");
    return static_cast<int>(200'000 * (factor == nullptr ? 1.0 : std::atof(factor)));
  }
};

TEST_F(ProfileCampaign, EveryPlanLandsWithoutOvershootWithinItsBoundsAndInGoodTime) {
  AxisBounds bounds = random_bounds();
  AxisState state;
  double worst_ratio = 0.0;
  const int count = legs();
  for (int leg = 0; leg < count; ++leg) {
    if (leg % 100 == 0) {
      bounds = random_bounds();
      state = {};
    }
    const double target = state.q_rad + std::copysign(log_uniform(1e-9, 5.0), uniform(-1.0, 1.0));
    const Profile profile = Profile::to_rest_at(state, target, bounds);
    const double duration = profile.duration_s();
    ASSERT_TRUE(std::isfinite(duration));
    // Where one direction is far slower, the way back from an overshoot takes longer than the bounds know: left out.
    const double asymmetry = -bounds.velocity_max_rad_s / bounds.velocity_min_rad_s;
    if (leg % 4 == 3 && asymmetry > 0.5 && asymmetry < 2.0) {
      const double least =
          std::max(lower_bound_s(state, target, bounds), jerk_bound_s(state, target, bounds.jerk_rad_s3, duration));
      worst_ratio = std::max(worst_ratio, duration / least);
    }
    const Profile::Extent stop = Profile::fastest_stop(state, bounds).extent();
    const Profile::Extent extent = profile.extent();
    ASSERT_GE(extent.lowest_rad, std::min(stop.lowest_rad, target) - 1e-12) << "leg " << leg;
    ASSERT_LE(extent.highest_rad, std::max(stop.highest_rad, target) + 1e-12) << "leg " << leg;
    for (int i = 0; i < 8; ++i) {
      const AxisState on_way = profile.at(uniform(0.0, duration));
      ASSERT_LE(on_way.dq_rad_s, bounds.velocity_max_rad_s * (1.0 + 1e-9)) << "leg " << leg;
      ASSERT_GE(on_way.dq_rad_s, bounds.velocity_min_rad_s * (1.0 + 1e-9)) << "leg " << leg;
      ASSERT_LE(std::abs(on_way.ddq_rad_s2), bounds.acceleration_rad_s2 * (1.0 + 1e-9)) << "leg " << leg;
    }
    // The last state before the end runs into the end: no jump is hidden in the exact landing.
    const double last = 1e-9 * duration;
    ASSERT_NEAR(profile.at(duration - last).q_rad, target, 5e-14 * std::max(1.0, std::abs(target))) << "leg " << leg;
    ASSERT_EQ(profile.at(duration).q_rad, target);
    ASSERT_EQ(profile.at(duration).dq_rad_s, 0.0);
    state = profile.at(uniform(0.0, 1.1) * duration);
  }
  RecordProperty("worst_ratio_to_lower_bound", std::to_string(worst_ratio));
  EXPECT_LE(worst_ratio, 2.0);  // 1.77 seen in 10⁶ legs
}

}  // namespace
}  // namespace takt::control
