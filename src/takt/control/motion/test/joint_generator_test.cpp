#include "takt/control/motion/joint_generator.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr double kPeriod_s = 1e-3;

JointLimits limits_of(double range, double v, double a, double j) {
  return {.position_min_rad = -range,
          .position_max_rad = range,
          .velocity_rad_s = v,
          .acceleration_rad_s2 = a,
          .jerk_rad_s3 = j};
}

JointGenerator two_joints() {
  const std::vector limits{limits_of(2.0, 1.0, 5.0, 200.0), limits_of(1.0, 2.0, 10.0, 500.0)};
  return JointGenerator(limits);
}

TEST(JointGeneratorTest, ArrivesExactlyAndRests) {
  JointGenerator generator = two_joints();
  const core::JointVector target{0.123456789, -0.7};
  ASSERT_EQ(generator.set_target(target), Outcome::kOk);
  EXPECT_FALSE(generator.at_rest());
  for (int i = 0; i < 2000 && !generator.at_rest(); ++i) {
    generator.step(kPeriod_s);
  }
  ASSERT_TRUE(generator.at_rest());
  EXPECT_EQ(generator.setpoint().q_rad, target);
  EXPECT_EQ(generator.setpoint().dq_rad_s, core::JointVector::zero(2));
  EXPECT_EQ(generator.setpoint().ddq_rad_s2, core::JointVector::zero(2));
}

TEST(JointGeneratorTest, TakesAnyStep) {
  JointGenerator fine = two_joints();
  JointGenerator coarse = two_joints();
  ASSERT_EQ(fine.set_target({1.0, 0.5}), Outcome::kOk);
  ASSERT_EQ(coarse.set_target({1.0, 0.5}), Outcome::kOk);
  for (int i = 0; i < 300; ++i) {
    fine.step(1e-3);
  }
  coarse.step(0.1);
  coarse.step(0.2);
  EXPECT_LT(max_abs_difference(fine.setpoint().q_rad, coarse.setpoint().q_rad), 1e-12);
  const Setpoint before = coarse.setpoint();
  EXPECT_EQ(coarse.step(0.0).q_rad, before.q_rad);
  EXPECT_EQ(coarse.step(std::nan("")).q_rad, before.q_rad);
}

TEST(JointGeneratorTest, RefusesTargetsThatAreNotFiniteOutsideOrOfTheWrongSize) {
  JointGenerator generator = two_joints();
  EXPECT_EQ(generator.set_target({0.0}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0, std::nan("")}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.0, std::numeric_limits<double>::infinity()}), Outcome::kInvalid);
  EXPECT_EQ(generator.set_target({0.5, 1.1}), Outcome::kInvalid);
  EXPECT_EQ(generator.target_rad(), core::JointVector::zero(2));
  EXPECT_EQ(generator.set_target({2.0, 1.0}), Outcome::kOk);
}

TEST(JointGeneratorTest, RefusesLimitsItCannotPlanWith) {
  const auto make = [](const JointLimits& limits) { return JointGenerator(std::span(&limits, 1)); };
  EXPECT_THROW(make({}), LogicError);
  EXPECT_THROW(make(limits_of(1.0, 0.0, 1.0, 1.0)), LogicError);
  EXPECT_THROW(make(limits_of(1.0, 1.0, std::nan(""), 1.0)), LogicError);
  EXPECT_THROW(make(limits_of(-1.0, 1.0, 1.0, 1.0)), LogicError);
  EXPECT_THROW(JointGenerator(std::span<const JointLimits>()), LogicError);
}

TEST(JointGeneratorTest, HaltsOnTheFastestWayAndStaysThere) {
  JointGenerator generator = two_joints();
  generator.scale_budgets(0.5);
  ASSERT_EQ(generator.set_target({1.9, 0.9}), Outcome::kOk);
  for (int i = 0; i < 400; ++i) {
    generator.step(kPeriod_s);
  }
  const AxisState moving{.q_rad = generator.setpoint().q_rad[0],
                         .dq_rad_s = generator.setpoint().dq_rad_s[0],
                         .ddq_rad_s2 = generator.setpoint().ddq_rad_s2[0]};
  ASSERT_GT(moving.dq_rad_s, 0.4);
  const Profile stop = Profile::fastest_stop(
      moving,
      {.velocity_min_rad_s = -1.0, .velocity_max_rad_s = 1.0, .acceleration_rad_s2 = 5.0, .jerk_rad_s3 = 200.0});
  generator.halt();
  generator.step(stop.duration_s() / 2.0);
  EXPECT_NEAR(generator.setpoint().q_rad[0], stop.at(stop.duration_s() / 2.0).q_rad, 1e-12);
  generator.step(1.0);
  EXPECT_TRUE(generator.at_rest());
  EXPECT_EQ(generator.setpoint().q_rad, generator.target_rad());
  EXPECT_NEAR(generator.setpoint().q_rad[0], stop.end_rad(), 1e-12);
}

TEST(JointGeneratorTest, StartsFromAMovingState) {
  JointGenerator generator = two_joints();
  ASSERT_EQ(generator.reset({0.1, 0.2}, {0.5, -0.5}, {0.0, 1.0}), Outcome::kOk);
  EXPECT_EQ(generator.setpoint().dq_rad_s, (core::JointVector{0.5, -0.5}));
  ASSERT_EQ(generator.set_target({0.1, 0.2}), Outcome::kOk);
  generator.step(kPeriod_s);
  EXPECT_NEAR(generator.setpoint().q_rad[0], 0.1 + 0.5e-3, 1e-7);
  generator.step(5.0);
  EXPECT_EQ(generator.setpoint().q_rad, (core::JointVector{0.1, 0.2}));
  EXPECT_EQ(generator.reset({0.1, 0.2}, {0.5}, {0.0, 1.0}), Outcome::kInvalid);
  EXPECT_EQ(generator.reset({0.1, std::nan("")}), Outcome::kInvalid);
}

TEST(JointGeneratorTest, ReturnsFromOutsideItsRangeWithoutGoingFurtherOut) {
  JointGenerator generator = two_joints();
  ASSERT_EQ(generator.reset({2.2, 0.0}), Outcome::kOk);
  ASSERT_EQ(generator.set_target({1.5, 0.0}), Outcome::kOk);
  while (!generator.at_rest()) {
    generator.step(kPeriod_s);
    ASSERT_LE(generator.setpoint().q_rad[0], 2.2);
  }
  EXPECT_EQ(generator.setpoint().q_rad[0], 1.5);
}

TEST(JointGeneratorTest, StoppingForLoweredBudgetsDoesNotLeaveTheRange) {
  JointGenerator generator = two_joints();
  ASSERT_EQ(generator.set_target({2.0, 1.0}), Outcome::kOk);
  while (generator.setpoint().q_rad[0] < 1.85) {
    generator.step(kPeriod_s);
  }
  generator.scale_budgets(0.1);  // too weak to stop before 2.0 from here
  while (!generator.at_rest()) {
    generator.step(kPeriod_s);
    ASSERT_LE(generator.setpoint().q_rad[0], 2.0 + 1e-12);
  }
}

/// FR3 joint 2 as published: v_upper = min(2.62, max(0, −0.20 + √(5.17·(1.79180 − q)))).
TEST(JointGeneratorTest, KeepsAVelocityEnvelopeOnTheWayToTheEndOfTheRange) {
  JointLimits limits = limits_of(1.7918, 2.62, 10.0, 5000.0);
  limits.envelope_velocity_offset_rad_s = 0.20;
  limits.envelope_deceleration_rad_s2 = 5.17 / 2.0;
  for (const double fraction : {0.2, 0.5, 1.0}) {
    JointGenerator generator{std::span(&limits, 1)};
    generator.scale_budgets(fraction);
    EXPECT_GT(generator.highest_rad()[0], 1.5);
    for (const double target : {generator.highest_rad()[0], generator.lowest_rad()[0]}) {
      ASSERT_EQ(generator.set_target({target}), Outcome::kOk);
      while (!generator.at_rest()) {
        generator.step(kPeriod_s);
        const double q = generator.setpoint().q_rad[0];
        ASSERT_LE(generator.setpoint().dq_rad_s[0], limits.velocity_upper_rad_s(q)) << "at " << q;
        ASSERT_GE(generator.setpoint().dq_rad_s[0], limits.velocity_lower_rad_s(q)) << "at " << q;
      }
    }
  }
}

/// Watches what comes out, as an arm would that differentiates: v, a and j by backward differences of the positions.
class Differences {
 public:
  void restart(double q) {
    q_ = q;
    v_ = 0.0;
    a_ = 0.0;
  }

  void expect_within(double q, const JointLimits& limits, double fraction) {
    constexpr double kSlack = 1.0 + 1e-6;
    const double v = (q - q_) / kPeriod_s;
    const double a = (v - v_) / kPeriod_s;
    const double j = (a - a_) / kPeriod_s;
    // Positions carry about 4e-16 of rounding; three differences make of it 8/dt³ times as much.
    constexpr double kRounding = 4e-16 * 8.0 / (kPeriod_s * kPeriod_s * kPeriod_s);
    ASSERT_LE(std::abs(v), limits.velocity_rad_s * fraction * kSlack);
    ASSERT_LE(std::abs(a), limits.acceleration_rad_s2 * fraction * kSlack);
    ASSERT_LE(std::abs(j), limits.jerk_rad_s3 * fraction * kSlack + kRounding * std::max(1.0, std::abs(q)));
    q_ = q;
    v_ = v;
    a_ = a;
  }

 private:
  double q_{0.0};
  double v_{0.0};
  double a_{0.0};
};

TEST(JointGeneratorTest, HundredThousandInterruptedMotionsStayWithinAllLimits) {
  const char* factor = std::getenv("TAKT_CAMPAIGN");
  const int legs = static_cast<int>(15'000 * (factor == nullptr ? 1.0 : std::atof(factor)));  // × 7 joints
  std::mt19937_64 random(31);
  const auto uniform = [&random](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const auto log_uniform = [&uniform](double low, double high) {
    return std::exp(uniform(std::log(low), std::log(high)));
  };
  constexpr std::size_t kJoints = 7;
  std::vector<JointLimits> limits;
  std::vector<Differences> watch(kJoints);
  std::vector<JointGenerator> generator;
  double fraction = 1.0;
  long landings = 0;
  for (int leg = 0; leg < legs; ++leg) {
    if (leg % 50 == 0) {
      limits.clear();
      for (std::size_t i = 0; i < kJoints; ++i) {
        const double v = log_uniform(0.1, 3.0);
        limits.push_back(limits_of(v * uniform(0.02, 0.2), v, log_uniform(5.0, 50.0), log_uniform(500.0, 50'000.0)));
      }
      generator.assign(1, JointGenerator(limits));
      fraction = uniform(0.1, 1.0);
      generator[0].scale_budgets(fraction);
      for (std::size_t i = 0; i < kJoints; ++i) {
        watch[i].restart(0.0);
      }
    }
    core::JointVector target = core::JointVector::zero(kJoints);
    for (std::size_t i = 0; i < kJoints; ++i) {
      const double nearby = generator[0].setpoint().q_rad[i] + uniform(-1.0, 1.0) * log_uniform(1e-9, 0.1);
      const double anywhere = uniform(-1.0, 1.0) * limits[i].position_max_rad;
      const double end = std::copysign(limits[i].position_max_rad, anywhere);
      const double wanted = leg % 3 == 0 ? nearby : (leg % 3 == 1 ? anywhere : end);
      target[i] = std::clamp(wanted, limits[i].position_min_rad, limits[i].position_max_rad);
    }
    ASSERT_EQ(generator[0].set_target(target), Outcome::kOk);
    const int steps = leg % 5 == 0 ? 100'000 : static_cast<int>(log_uniform(1.0, 200.0));
    for (int k = 0; k < steps && !generator[0].at_rest(); ++k) {
      const Setpoint& setpoint = generator[0].step(kPeriod_s);
      for (std::size_t i = 0; i < kJoints; ++i) {
        const double q = setpoint.q_rad[i];
        ASSERT_NO_FATAL_FAILURE(watch[i].expect_within(q, limits[i], fraction)) << "leg " << leg << " joint " << i;
        ASSERT_LE(std::abs(q), limits[i].position_max_rad + 1e-12) << "leg " << leg << " joint " << i;
      }
    }
    if (generator[0].at_rest()) {
      ++landings;
      ASSERT_EQ(generator[0].setpoint().q_rad, target);
      ASSERT_EQ(generator[0].setpoint().dq_rad_s, core::JointVector::zero(kJoints));
    }
  }
  EXPECT_GT(landings, legs / 5 - 1);
}

TEST(JointGeneratorTest, LoweredBudgetsDoNotLetThePresentAccelerationRunAway) {
  const JointLimits limits = limits_of(10.0, 2.0, 10.0, 100.0);
  JointGenerator generator{std::span(&limits, 1)};
  ASSERT_EQ(generator.reset({0.0}, {1.0}, {10.0}), Outcome::kOk);
  ASSERT_EQ(generator.set_target({9.0}), Outcome::kOk);
  generator.scale_budgets(0.1);
  double fastest = 0.0;
  while (!generator.at_rest()) {
    generator.step(kPeriod_s);
    fastest = std::max(fastest, generator.setpoint().dq_rad_s[0]);
  }
  EXPECT_NEAR(fastest, 1.5, 1e-3) << "the full jerk ends 10 rad/s² after 0.5 rad/s";
  EXPECT_EQ(generator.setpoint().q_rad[0], 9.0);
}

/// Halts and new budgets in the middle of motions: the full limits hold always, the budgets from when the state has
/// come inside them until the next halt or change of budgets.
TEST(JointGeneratorTest, HaltsAndNewBudgetsAtAnyTimeNeverLeaveTheFullLimits) {
  const char* factor = std::getenv("TAKT_CAMPAIGN");
  const int runs = static_cast<int>(100 * (factor == nullptr ? 1.0 : std::atof(factor)));
  std::mt19937_64 random(37);
  const auto uniform = [&random](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  long kept = 0;
  for (int run = 0; run < runs; ++run) {
    const double v = std::exp(uniform(std::log(0.1), std::log(3.0)));
    const JointLimits limits =
        limits_of(v * uniform(0.2, 2.0), v, std::exp(uniform(1.6, 3.9)), std::exp(uniform(6.2, 10.8)));
    JointGenerator generator{std::span(&limits, 1)};
    Differences watch;
    watch.restart(0.0);
    double fraction = 1.0;
    bool inside = true;  // once inside the budgets, with room to stay so
    for (int leg = 0; leg < 50; ++leg) {
      const double which = uniform(0.0, 1.0);
      if (which < 0.3) {
        generator.halt();
        inside = false;
      } else if (which < 0.6) {
        fraction = std::exp(uniform(std::log(0.005), 0.0));
        generator.scale_budgets(fraction);
        inside = false;
      }
      if (which > 0.2) {
        ASSERT_EQ(generator.set_target({uniform(-1.0, 1.0) * limits.position_max_rad}), Outcome::kOk);
      }
      const int steps = static_cast<int>(std::exp(uniform(0.0, 6.0)));
      for (int k = 0; k < steps; ++k) {
        const Setpoint& s = generator.step(kPeriod_s);
        ASSERT_NO_FATAL_FAILURE(watch.expect_within(s.q_rad[0], limits, 1.0)) << "run " << run << " leg " << leg;
        ASSERT_LE(std::abs(s.dq_rad_s[0]), limits.velocity_rad_s * (1.0 + 1e-6)) << "run " << run << " leg " << leg;
        ASSERT_LE(std::abs(s.q_rad[0]), limits.position_max_rad + 1e-12) << "run " << run << " leg " << leg;
        const bool at_rest = s.dq_rad_s[0] == 0.0 && s.ddq_rad_s2[0] == 0.0;
        inside = inside || at_rest;
        if (inside) {
          ++kept;
          ASSERT_LE(std::abs(s.dq_rad_s[0]), limits.velocity_rad_s * fraction * (1.0 + 1e-6)) << run << " " << leg;
          ASSERT_LE(std::abs(s.ddq_rad_s2[0]), limits.acceleration_rad_s2 * fraction * (1.0 + 1e-6))
              << run << " " << leg;
        }
      }
    }
  }
  EXPECT_GT(kept, 10'000);
}

TEST(JointGeneratorTest, AllItDoesInACycleAllocatesNothing) {
  JointGenerator generator = two_joints();
  const core::JointVector a{0.5, 0.5};
  const core::JointVector b{-0.5, -0.5};
  const testing::AllocationGuard guard;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(generator.set_target(i % 20 < 10 ? a : b), Outcome::kOk);
    generator.step(kPeriod_s);
  }
  generator.scale_budgets(0.5);
  generator.halt();
  generator.step(kPeriod_s);
  ASSERT_EQ(generator.reset(a), Outcome::kOk);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
