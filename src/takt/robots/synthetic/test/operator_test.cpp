#include "takt/robots/synthetic/operator.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::robots::synthetic {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

control::JointData joint(const std::string& name, double min_rad, double max_rad, double velocity_rad_s,
                         double acceleration) {
  control::JointData data;
  data.name = name;
  data.limits.position_min_rad = min_rad;
  data.limits.position_max_rad = max_rad;
  data.limits.velocity_rad_s = velocity_rad_s;
  data.limits.acceleration_rad_s2 = acceleration;
  return data;
}

/// Joints of every kind: wide, narrow, home near a limit, without limits.
control::ModelData mixed_arm() {
  control::ModelData model;
  model.name = "mixed";
  model.joints = {joint("wide", -2.9, 2.9, 2.6, 10.0), joint("narrow", -0.02, 0.03, 2.6, 10.0),
                  joint("edge", -3.07, -0.07, 2.6, 10.0), joint("slow", -2.0, 2.0, 0.2, 1.0), control::JointData{}};
  model.joints.back().name = "free";
  model.home_rad = {0.0, 0.0, -0.1, 0.5, 1.0};
  return model;
}

SyntheticOperator make(std::uint64_t seed, OperatorOptions options = {}) {
  options.seed = seed;
  return SyntheticOperator(mixed_arm(), options);
}

TEST(OperatorTest, StaysInsideTheJointLimitsForAnySeed) {
  const control::ModelData model = mixed_arm();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const SyntheticOperator hand = make(seed, {.reach_fraction = 1.0, .tremor_rad = 0.005});
    for (double t_s = 0.0; t_s < 30.0; t_s += 0.0071) {
      const OperatorSample now = hand.sample(t_s);
      for (std::size_t i = 0; i < model.dof(); ++i) {
        ASSERT_GE(now.q_rad[i], model.joints[i].limits.position_min_rad) << seed << " " << t_s << " joint " << i;
        ASSERT_LE(now.q_rad[i], model.joints[i].limits.position_max_rad) << seed << " " << t_s << " joint " << i;
      }
      ASSERT_GE(now.gripper.value(), 0.0);
      ASSERT_LE(now.gripper.value(), 1.0);
    }
  }
}

TEST(OperatorTest, MovesNoFasterThanTheBoundAndTheJointsOwnLimit) {
  const double bound = 0.8;
  const control::ModelData model = mixed_arm();
  double fastest = 0.0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const SyntheticOperator hand = make(seed, {.reach_fraction = 1.0, .tremor_rad = 0.005, .max_speed_rad_s = bound});
    for (double t_s = 0.0; t_s < 30.0; t_s += 0.0071) {
      const OperatorSample now = hand.sample(t_s);
      for (std::size_t i = 0; i < now.dq_rad_s.size(); ++i) {
        const double limit = std::min(bound, model.joints[i].limits.velocity_rad_s);
        ASSERT_LE(std::abs(now.dq_rad_s[i]), limit) << "seed " << seed << " joint " << i << " at " << t_s;
        fastest = std::max(fastest, std::abs(now.dq_rad_s[i]));
      }
    }
  }
  EXPECT_GT(fastest, 0.6 * bound) << "the bound is made use of";
}

TEST(OperatorTest, IsTwiceContinuouslyDifferentiable) {
  // Position, speed and acceleration of two moments h apart must agree as far as the largest jerk allows: 60·|Δq|/D³ of
  // a minimum-jerk reach and A·ω³ of the tremor, here about 540 rad/s³. A step of 0.006 rad/s² or 6e-8 rad/s would be
  // seen.
  const OperatorOptions options{.reach_fraction = 1.0, .pause_s = 0.3};
  const SyntheticOperator hand = make(3, options);
  const double h = 1e-5;
  const double shortest_s = 0.7 * options.reach_duration_s;
  const double largest_reach = 2.0 * std::numbers::pi;
  const double jerk = 60.0 * largest_reach / std::pow(shortest_s, 3) + options.tremor_rad * std::pow(kTwoPi * 12.0, 3);
  for (double t_s = 0.0; t_s < 4.0; t_s += h) {
    const OperatorSample a = hand.sample(t_s);
    const OperatorSample b = hand.sample(t_s + h);
    for (std::size_t i = 0; i < a.q_rad.size(); ++i) {
      ASSERT_NEAR(b.ddq_rad_s2[i], a.ddq_rad_s2[i], jerk * h) << "acceleration of joint " << i << " at " << t_s;
      ASSERT_NEAR(b.dq_rad_s[i], a.dq_rad_s[i] + h * a.ddq_rad_s2[i], jerk * h * h + 1e-14) << "speed at " << t_s;
      ASSERT_NEAR(b.q_rad[i], a.q_rad[i] + h * a.dq_rad_s[i] + 0.5 * h * h * a.ddq_rad_s2[i], jerk * h * h * h + 1e-14)
          << "position at " << t_s;
    }
  }
}

TEST(OperatorTest, ReachesByMinimumJerkAndThenRests) {
  const SyntheticOperator hand = make(5, {.pause_s = 1.0, .tremor_rad = 0.0});
  const double slot_s = 2.5;
  for (int slot = 0; slot < 20; ++slot) {
    const OperatorSample begin = hand.sample(slot * slot_s + 1e-9);
    const OperatorSample end = hand.sample((slot + 1) * slot_s - 1e-9);
    EXPECT_EQ(end.dq_rad_s, core::JointVector::zero(5)) << "at rest at the end of slot " << slot;
    const double reach = end.q_rad[0] - begin.q_rad[0];
    // The peak speed 15/8·|Δq|/D tells the duration D; then the curve is known in closed form.
    double peak = 0.0;
    for (double t_s = 0.0; t_s < slot_s; t_s += 1e-4) {
      peak = std::max(peak, std::abs(hand.sample(slot * slot_s + t_s).dq_rad_s[0]));
    }
    const double duration_s = 15.0 / 8.0 * std::abs(reach) / peak;
    EXPECT_GE(duration_s, 0.7 * 1.5 - 1e-3);
    EXPECT_LE(duration_s, 1.5 + 1e-3);
    for (const double s : {0.1, 0.25, 0.5, 0.9}) {
      const double expected = begin.q_rad[0] + reach * (10 * std::pow(s, 3) - 15 * std::pow(s, 4) + 6 * std::pow(s, 5));
      EXPECT_NEAR(hand.sample(slot * slot_s + s * duration_s).q_rad[0], expected, 1e-4)
          << "slot " << slot << " s " << s;
    }
  }
}

TEST(OperatorTest, BeginsAtHome) {
  const SyntheticOperator hand = make(1, {.tremor_rad = 0.0});
  EXPECT_EQ(hand.sample(0.0).q_rad, (core::JointVector{0.0, 0.0, -0.1, 0.5, 1.0}));
  EXPECT_EQ(hand.sample(-5.0).q_rad, hand.sample(0.0).q_rad);
}

TEST(OperatorTest, MovesTheSameForTheSameSeedAndDifferentlyForAnother) {
  const SyntheticOperator hand = make(11);
  const SyntheticOperator same = make(11);
  const SyntheticOperator other = make(12);
  double apart = 0.0;
  for (double t_s = 20.0; t_s >= 0.0; t_s -= 0.013) {  // the order of asking does not matter either
    ASSERT_EQ(hand.sample(t_s).q_rad, same.sample(t_s).q_rad);
    apart = std::max(apart, max_abs_difference(hand.sample(t_s).q_rad, other.sample(t_s).q_rad));
  }
  EXPECT_GT(apart, 0.1);
}

TEST(OperatorTest, GoesToDifferentPlaces) {
  const SyntheticOperator hand = make(2);
  std::vector<double> places;
  for (int slot = 1; slot <= 200; ++slot) {
    places.push_back(hand.sample(slot * 2.0 - 1e-6).q_rad[0]);
  }
  const auto [low, high] = std::ranges::minmax(places);
  EXPECT_LT(low, -0.2);
  EXPECT_GT(high, 0.2);
  std::ranges::sort(places);
  EXPECT_EQ(std::ranges::adjacent_find(places), places.end()) << "no target comes twice";
}

TEST(OperatorTest, TremblesBetweenEightAndTwelveHertz) {
  const double amplitude = 0.002;
  const SyntheticOperator hand = make(9, {.reach_fraction = 0.0, .tremor_rad = amplitude});
  constexpr int kSamples = 2000;
  constexpr double kRate_hz = 200.0;                  // 10 s: bins of 0.1 Hz
  for (const std::size_t joint : {0U, 1U, 2U, 4U}) {  // joint 3 is too slow for this much
    std::vector<double> signal(kSamples);
    double largest = 0.0;
    for (int i = 0; i < kSamples; ++i) {
      const double tremor = hand.sample(i / kRate_hz).q_rad[joint] - mixed_arm().home_rad[joint];
      largest = std::max(largest, std::abs(tremor));
      // A Hann window keeps the energy of a tone between two bins beside it.
      signal[static_cast<std::size_t>(i)] = tremor * (0.5 - 0.5 * std::cos(kTwoPi * i / kSamples));
    }
    EXPECT_LE(largest, amplitude);
    EXPECT_GT(largest, 0.4 * amplitude);
    double inside = 0.0;
    double outside = 0.0;
    for (int bin = 0; bin < kSamples / 2; ++bin) {
      std::complex<double> sum;
      for (int i = 0; i < kSamples; ++i) {
        sum += signal[static_cast<std::size_t>(i)] * std::polar(1.0, -kTwoPi * bin * i / kSamples);
      }
      const double frequency_hz = bin * kRate_hz / kSamples;
      (frequency_hz >= 7.8 && frequency_hz <= 12.2 ? inside : outside) += std::norm(sum);
    }
    EXPECT_GT(inside, 0.0);
    EXPECT_LT(outside, 1e-3 * inside) << "joint " << joint;
  }
}

TEST(OperatorTest, ReadsItsMotionAtTheClock) {
  core::ManualClock clock(500);
  OperatorOptions options{.seed = 4};
  SyntheticOperator hand(mixed_arm(), options, clock);
  hand.start();
  EXPECT_THROW(hand.start(), LogicError);
  clock.advance_ns(1'234'000'000);
  messages::RobotState state;
  hand.read(state);
  const OperatorSample expected = hand.sample(1.234);
  EXPECT_EQ(state.stamp_ns, 1'234'000'500);
  EXPECT_EQ(state.joint_positions, expected.q_rad);
  EXPECT_EQ(state.joint_velocities, expected.dq_rad_s);
  EXPECT_EQ(state.gripper_position, expected.gripper);
  EXPECT_FALSE(state.source_t_s.has_value());
  EXPECT_EQ(hand.info().joint_names, (std::vector<std::string>{"wide", "narrow", "edge", "slow", "free"}));
  EXPECT_FALSE(hand.info().self_paced);
  EXPECT_FALSE(hand.info().can_write);
  EXPECT_THROW(hand.write(state), LogicError);
  hand.stop();
  hand.stop();
}

TEST(OperatorTest, HasNoGripperWhenToldSo) {
  const SyntheticOperator hand = make(1, {.has_gripper = false});
  EXPECT_FALSE(hand.info().has_gripper);
  EXPECT_FALSE(hand.sample(1.0).gripper.has_value());
}

TEST(OperatorTest, RefusesOptionsOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const OperatorOptions& bad : {OperatorOptions{.reach_fraction = 1.1}, OperatorOptions{.reach_fraction = nan},
                                     OperatorOptions{.reach_duration_s = 0.0}, OperatorOptions{.pause_s = -0.1},
                                     OperatorOptions{.tremor_rad = -1e-3}, OperatorOptions{.max_speed_rad_s = 0.0},
                                     OperatorOptions{.tremor_rad = 0.05, .max_speed_rad_s = 1.0}}) {
    EXPECT_THROW(SyntheticOperator(mixed_arm(), bad), ConfigError);
  }
}

TEST(OperatorTest, RefusesAModelItCannotMove) {
  EXPECT_THROW(SyntheticOperator(control::ModelData{}), LogicError);
  control::ModelData no_home = mixed_arm();
  no_home.home_rad.pop_back();
  EXPECT_THROW(SyntheticOperator{no_home}, LogicError);
  control::ModelData outside = mixed_arm();
  outside.home_rad[0] = 3.0;
  EXPECT_THROW(SyntheticOperator{outside}, LogicError);
}

TEST(OperatorTest, AllocatesNothingWhileItMoves) {
  core::ManualClock clock;
  SyntheticOperator hand(mixed_arm(), {}, clock);
  hand.start();
  messages::RobotState state;
  const testing::AllocationGuard guard;
  for (int i = 0; i < 1000; ++i) {
    clock.advance_ns(10'000'000);
    hand.read(state);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::robots::synthetic
