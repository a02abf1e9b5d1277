#include "takt/teleop/command_guard.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kPeriod = 10'000'000;
constexpr double kVelocity = 2.0;
constexpr double kAcceleration = 10.0;

control::JointLimits plain_limits() {
  control::JointLimits limits;
  limits.position_min_rad = -1.5;
  limits.position_max_rad = 1.5;
  limits.velocity_rad_s = kVelocity;
  limits.acceleration_rad_s2 = kAcceleration;
  return limits;
}

/// The first joint of an FR3.
control::JointLimits envelope_limits() {
  control::JointLimits limits = plain_limits();
  limits.position_min_rad = -2.7501;
  limits.position_max_rad = 2.7501;
  limits.velocity_rad_s = 2.62;
  limits.envelope_velocity_offset_rad_s = 0.30;
  limits.envelope_deceleration_rad_s2 = 6.0;
  return limits;
}

CommandGuardOptions with_policy(control::JointLimits limits, LimitPolicy policy) {
  return {.limits = {limits}, .position = policy, .velocity = policy, .acceleration = policy};
}

/// A guard of one joint, the counters it counts in, and what it let through: checks every command against the limits.
class Watched {
 public:
  explicit Watched(CommandGuardOptions options, double start_rad = 0.0, double velocity_rad_s = 0.0)
      : limits_(options.limits[0]), guard_(std::move(options)), q_rad_(start_rad), dq_rad_s_(velocity_rad_s) {
    guard_.reset({start_rad}, {velocity_rad_s}, 0);
  }

  Verdict send(double wanted_rad, core::Nanoseconds dt_ns = kPeriod) {
    stamp_ns_ += dt_ns;
    core::JointVector command{wanted_rad};
    const Verdict verdict = guard_.check(command, stamp_ns_, counters_);
    if (verdict == Verdict::kRejected) {
      EXPECT_EQ(command[0], wanted_rad) << "a rejected command is left alone";
      return verdict;
    }
    EXPECT_EQ(verdict == Verdict::kPassed,
              std::bit_cast<std::uint64_t>(command[0]) == std::bit_cast<std::uint64_t>(wanted_rad));
    judge(command[0]);
    return verdict;
  }

  [[nodiscard]] double q_rad() const { return q_rad_; }
  [[nodiscard]] double dq_rad_s() const { return dq_rad_s_; }
  [[nodiscard]] const GuardCounters& counters() const { return counters_; }

 private:
  void judge(double q_rad) {
    const double dt_s = core::to_seconds(stamp_ns_ - sent_ns_);
    const double velocity = (q_rad - q_rad_) / dt_s;
    const double rounding = 4e-12 / dt_s;
    EXPECT_LE(velocity, limits_.velocity_upper_rad_s(q_rad_) * (1 + 1e-9) + rounding) << "at " << q_rad_;
    EXPECT_GE(velocity, limits_.velocity_lower_rad_s(q_rad_) * (1 + 1e-9) - rounding) << "at " << q_rad_;
    EXPECT_LE(std::abs(velocity - dq_rad_s_), limits_.acceleration_rad_s2 * dt_s * (1 + 1e-9) + 2 * rounding)
        << "from " << dq_rad_s_ << " to " << velocity << " rad/s at " << q_rad_;
    EXPECT_GE(q_rad, limits_.position_min_rad);
    EXPECT_LE(q_rad, limits_.position_max_rad);
    sent_ns_ = stamp_ns_;
    q_rad_ = q_rad;
    dq_rad_s_ = velocity;
  }

  control::JointLimits limits_;
  CommandGuard guard_;
  GuardCounters counters_;
  core::Nanoseconds stamp_ns_{0};
  core::Nanoseconds sent_ns_{0};
  double q_rad_;
  double dq_rad_s_;
};

/// Sends `wanted_rad` until it passes. @return how many commands that took; 0 when it never does.
int settle(Watched& guard, double wanted_rad, int at_most = 1000) {
  for (int i = 1; i <= at_most; ++i) {
    if (guard.send(wanted_rad) == Verdict::kPassed) {
      return i;
    }
  }
  return 0;
}

TEST(CommandGuardTest, PassesAMotionInsideTheLimitsBitForBit) {
  for (const LimitPolicy policy : {LimitPolicy::kClamp, LimitPolicy::kReject}) {
    Watched guard(with_policy(plain_limits(), policy));
    for (int i = 1; i <= 2000; ++i) {
      // peak velocity 1.9 rad/s, peak acceleration 3.8 rad/s²
      EXPECT_EQ(guard.send(0.95 * std::sin(2.0 * 0.01 * i) * (1.0 - std::exp(-0.01 * i))), Verdict::kPassed) << i;
    }
    EXPECT_EQ(guard.counters().total(), 0U);
  }
}

TEST(CommandGuardTest, PassesAFollowerThatRestsAtItsLimit) {
  Watched guard(with_policy(plain_limits(), LimitPolicy::kClamp), 1.5);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(guard.send(1.5), Verdict::kPassed);
  }
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(guard.send(1.5 - 1e-4 * i * i / 2), Verdict::kPassed) << "leaving the limit";
  }
}

TEST(CommandGuardTest, PassesASlowArrivalAtTheLimitWhenStepsHaveALeastLength) {
  CommandGuardOptions options = with_policy(plain_limits(), LimitPolicy::kClamp);
  options.min_step_s = 0.005;
  Watched guard(options, 1.48);
  for (int i = 1; i <= 50; ++i) {
    EXPECT_EQ(guard.send(1.48 + 0.04 * 0.01 * i), Verdict::kPassed) << i;  // 0.04 rad/s stops within 5 ms at 10 rad/s²
  }
  EXPECT_EQ(guard.send(1.5), Verdict::kPassed);
  EXPECT_EQ(guard.send(1.5), Verdict::kPassed);
}

TEST(CommandGuardTest, TurnsAStepIntoAMotionInsideTheLimitsThatArrivesAndPassesAgain) {
  for (const double step : {1e-6, 1e-3, 0.01, 0.1, 0.7, 1.4, -1.4}) {
    Watched guard(with_policy(plain_limits(), LimitPolicy::kClamp));
    const int commands = settle(guard, step);
    EXPECT_GT(commands, 0) << "a step of " << step << " never arrives";
    EXPECT_EQ(guard.q_rad(), step);
    // A motion at both limits takes d/v + v/a, or 2·√(d/a) when it never reaches v.
    const double d = std::abs(step);
    const double least_s = d * kAcceleration > kVelocity * kVelocity ? d / kVelocity + kVelocity / kAcceleration
                                                                     : 2.0 * std::sqrt(d / kAcceleration);
    EXPECT_LE(commands, least_s * 100.0 + 12) << "a step of " << step;
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(guard.send(step), Verdict::kPassed) << "clamps for ever";
    }
  }
}

TEST(CommandGuardTest, ObeysTheLimitsForRandomTargetsAtUnevenSteps) {
  for (const auto& limits : {plain_limits(), envelope_limits()}) {
    for (std::uint32_t seed = 1; seed <= 30; ++seed) {
      std::mt19937 random(seed);
      std::uniform_real_distribution<double> target(-3.5, 3.5);
      std::uniform_int_distribution<core::Nanoseconds> dt_ns(2'000'000, 18'000'000);
      std::uniform_int_distribution<int> stay(1, 120);
      Watched guard(with_policy(limits, LimitPolicy::kClamp));
      for (int i = 0; i < 40; ++i) {
        const double wanted = target(random);
        for (int left = stay(random); left > 0; --left) {
          guard.send(wanted, dt_ns(random));
        }
      }
      if (HasFailure()) {
        FAIL() << "seed " << seed << ", envelope " << limits.envelope_deceleration_rad_s2;
      }
    }
  }
}

TEST(CommandGuardTest, ObeysTheLimitsForRandomWalksThatAreFarTooFast) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> jump(0.0, 0.2);
    std::uniform_int_distribution<core::Nanoseconds> dt_ns(2'000'000, 18'000'000);
    Watched guard(with_policy(envelope_limits(), LimitPolicy::kClamp));
    double wanted = 0.0;
    for (int i = 0; i < 3000; ++i) {
      wanted += jump(random);
      guard.send(wanted, dt_ns(random));
    }
    if (HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
}

TEST(CommandGuardTest, KeepsAnEnvelopeThatDeceleratesHarderThanTheJointMay) {
  control::JointLimits limits = envelope_limits();
  limits.acceleration_rad_s2 = 2.5;  // a fraction of the limits scales this, not the envelope
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<core::Nanoseconds> dt_ns(1'000'000, 40'000'000);
    Watched guard(with_policy(limits, LimitPolicy::kClamp));
    for (int i = 0; i < 1500; ++i) {
      guard.send(i % 700 < 350 ? 5.0 : -5.0, dt_ns(random));
    }
    if (HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
}

TEST(CommandGuardTest, BrakesForThePositionLimitWithinTheAccelerationLimit) {
  Watched guard(with_policy(plain_limits(), LimitPolicy::kClamp));
  double wanted = 0.0;
  int first_clamped = 0;
  for (int i = 1; i <= 300; ++i) {
    wanted += 0.01 * std::min(kVelocity, kAcceleration * 0.01 * i);  // runs on through the limit at full speed
    if (guard.send(wanted) != Verdict::kPassed && first_clamped == 0) {
      first_clamped = i;
    }
  }
  EXPECT_NEAR(guard.q_rad(), 1.5, 1e-9);
  EXPECT_NEAR(guard.dq_rad_s(), 0.0, 1e-6);
  // 1.5 rad at 2 rad/s, less 0.2 rad to brake, plus 0.1 s lost in speeding up: about command 75.
  EXPECT_NEAR(first_clamped, 75, 4);
  EXPECT_GE(guard.counters().of(Guard::kPosition), 200U) << "early braking counts, and so does every command beyond";
}

TEST(CommandGuardTest, StaysAtThePositionLimitWhileTheWantedMotionStaysBeyond) {
  Watched guard(with_policy(plain_limits(), LimitPolicy::kClamp));
  for (int i = 0; i < 300; ++i) {
    guard.send(2.5);
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(guard.send(2.5), Verdict::kClamped);
    EXPECT_EQ(guard.q_rad(), 1.5);
  }
}

TEST(CommandGuardTest, LeavesThePositionLimitAtOnceWhenTheWantedMotionComesBack) {
  Watched guard(with_policy(plain_limits(), LimitPolicy::kClamp));
  for (int i = 0; i < 300; ++i) {
    guard.send(4.0);
  }
  int commands = 0;
  for (double wanted = 4.0; wanted > 1.0; wanted -= 0.01) {  // 1 rad/s: inside again after 2.5 s
    guard.send(wanted);
    if (wanted > 1.5) {
      EXPECT_EQ(guard.q_rad(), 1.5) << "moves while the wanted motion is still outside";
    }
    ++commands;
  }
  EXPECT_GT(commands, 250);
  EXPECT_GT(settle(guard, 1.0), 0);
}

TEST(CommandGuardTest, CatchesUpWithAMovingLeaderAfterAJump) {
  Watched guard(with_policy(plain_limits(), LimitPolicy::kClamp));
  int last_clamped = 0;
  for (int i = 1; i <= 1500; ++i) {
    const double t = 0.01 * i;
    const double jump = i >= 300 ? 0.6 : 0.0;  // once
    if (guard.send(jump + 0.6 * std::sin(1.5 * t) * (1.0 - std::exp(-t))) != Verdict::kPassed) {
      last_clamped = i;
    }
  }
  EXPECT_GE(last_clamped, 300);
  EXPECT_LE(last_clamped, 500) << "endless clamping";
}

TEST(CommandGuardTest, StartsFromTheVelocityOfTheFollower) {
  Watched moving(with_policy(plain_limits(), LimitPolicy::kClamp), 0.0, 1.5);
  EXPECT_EQ(moving.send(0.015), Verdict::kPassed);
  Watched stopping(with_policy(plain_limits(), LimitPolicy::kClamp), 0.0, 1.5);
  EXPECT_EQ(stopping.send(0.0), Verdict::kClamped);  // cannot stop within one command
  EXPECT_NEAR(stopping.dq_rad_s(), 1.4, 1e-9);
  EXPECT_GT(settle(stopping, 0.0), 0);
}

TEST(CommandGuardTest, StartsAtTheEdgeWhenTheFollowerIsOutsideItsRange) {
  CommandGuard guard(with_policy(plain_limits(), LimitPolicy::kClamp));
  guard.reset({1.9}, {0.5}, 0);  // and moves farther out
  GuardCounters counters;
  double last = 1.5;
  double velocity = 0.0;
  for (int i = 1; i <= 300; ++i) {
    core::JointVector command{i < 10 ? 1.9 : 1.0};
    static_cast<void>(guard.check(command, i * kPeriod, counters));
    EXPECT_LE(command[0], last) << "a robot refuses what lies outside";
    EXPECT_LE(std::abs((command[0] - last) / 0.01 - velocity), kAcceleration * 0.01 * (1 + 1e-9) + 1e-9);
    velocity = (command[0] - last) / 0.01;
    last = command[0];
  }
  EXPECT_EQ(last, 1.0);
  EXPECT_EQ(counters.of(Guard::kPosition), 9U);
}

TEST(CommandGuardTest, RejectingSendsNothingAndKeepsTheState) {
  Watched guard(with_policy(plain_limits(), LimitPolicy::kReject), 0.2);
  EXPECT_EQ(guard.send(0.9), Verdict::kRejected);
  EXPECT_EQ(guard.counters().of(Guard::kVelocity), 1U);
  EXPECT_EQ(guard.counters().of(Guard::kAcceleration), 1U);
  EXPECT_EQ(guard.counters().of(Guard::kPosition), 0U);
  EXPECT_EQ(guard.send(0.2005), Verdict::kPassed) << "judged from the last command that was sent";
  EXPECT_EQ(guard.send(1.51), Verdict::kRejected);
  EXPECT_EQ(guard.counters().of(Guard::kPosition), 1U);
  EXPECT_EQ(guard.q_rad(), 0.2005);
}

TEST(CommandGuardTest, AcceptsAStepAfterAllOnceTheTimeSinceTheLastCommandSufficesForIt) {
  Watched guard(with_policy(plain_limits(), LimitPolicy::kReject));
  int rejected = 0;
  while (guard.send(0.9) == Verdict::kRejected && rejected < 1000) {
    ++rejected;
  }
  // 0.9/T ≤ 2 rad/s, and 0.9/T ≤ 10·T rad/s: T ≥ 0.45 s.
  EXPECT_EQ(rejected, 44);
}

TEST(CommandGuardTest, ObeysTheLimitsUnderRejectForRandomMotions) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> noise(0.0, 0.001);
    std::uniform_int_distribution<core::Nanoseconds> dt_ns(2'000'000, 18'000'000);
    Watched guard(with_policy(envelope_limits(), LimitPolicy::kReject));
    int passed = 0;
    double t = 0.0;
    for (int i = 0; i < 2000; ++i) {
      const core::Nanoseconds dt = dt_ns(random);
      t += core::to_seconds(dt);
      passed += guard.send(2.8 * std::sin(0.4 * t) + noise(random), dt) == Verdict::kPassed ? 1 : 0;
    }
    EXPECT_GT(passed, 200);
    EXPECT_LT(passed, 1990);
    if (HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
}

TEST(CommandGuardTest, LooksAtNothingWhenOff) {
  CommandGuard guard(with_policy(plain_limits(), LimitPolicy::kOff));
  GuardCounters counters;
  core::JointVector command{77.0};
  EXPECT_EQ(guard.check(command, kPeriod, counters), Verdict::kPassed);
  EXPECT_EQ(command[0], 77.0);
  EXPECT_EQ(counters.total(), 0U);
}

TEST(CommandGuardTest, IgnoresOnlyThePositionLimitWhenOnlyThatIsOff) {
  CommandGuardOptions options = with_policy(plain_limits(), LimitPolicy::kClamp);
  options.position = LimitPolicy::kOff;
  CommandGuard guard(options);
  GuardCounters counters;
  core::JointVector command;
  for (int i = 1; i <= 300; ++i) {
    command = {2.5};
    static_cast<void>(guard.check(command, i * kPeriod, counters));
  }
  EXPECT_EQ(command[0], 2.5);
  EXPECT_EQ(counters.of(Guard::kPosition), 0U);
}

TEST(CommandGuardTest, KeepsThePositionLimitWithTheAccelerationOff) {
  CommandGuardOptions options = with_policy(plain_limits(), LimitPolicy::kClamp);
  options.acceleration = LimitPolicy::kOff;
  CommandGuard guard(options);
  GuardCounters counters;
  double last = 0.0;
  for (int i = 1; i <= 200; ++i) {
    core::JointVector command{9.0};
    EXPECT_EQ(guard.check(command, i * kPeriod, counters), Verdict::kClamped);
    EXPECT_LE(command[0] - last, kVelocity * 0.01 * (1 + 1e-9));
    last = command[0];
  }
  EXPECT_EQ(last, 1.5);
  EXPECT_EQ(counters.of(Guard::kAcceleration), 0U);
}

TEST(CommandGuardTest, ToleratesJointsWithoutLimits) {
  CommandGuard guard(with_policy(control::JointLimits{}, LimitPolicy::kClamp));
  GuardCounters counters;
  for (int i = 1; i <= 100; ++i) {
    core::JointVector command{i % 2 == 0 ? 100.0 : -100.0};
    const double wanted = command[0];
    EXPECT_EQ(guard.check(command, i * kPeriod, counters), Verdict::kPassed);
    EXPECT_EQ(command[0], wanted);
  }
}

TEST(CommandGuardTest, TakesCommandsThatCameCloseTogetherForALateThread) {
  CommandGuardOptions options = with_policy(plain_limits(), LimitPolicy::kClamp);
  options.min_step_s = 0.005;
  CommandGuard guard(options);
  guard.reset({0.0}, {1.0}, 0);
  GuardCounters counters;
  core::JointVector first{0.010};
  core::JointVector second{0.015};  // half a period of motion, 10 µs later
  EXPECT_EQ(guard.check(first, kPeriod, counters), Verdict::kPassed);
  EXPECT_EQ(guard.check(second, kPeriod + 10'000, counters), Verdict::kPassed);
}

TEST(CommandGuardTest, CountsEachGuardOncePerCommandHoweverManyJointsHitIt) {
  CommandGuardOptions options = with_policy(plain_limits(), LimitPolicy::kClamp);
  options.limits.assign(3, plain_limits());
  CommandGuard guard(options);
  GuardCounters counters;
  core::JointVector command{9.0, -9.0, 0.0};
  EXPECT_EQ(guard.check(command, kPeriod, counters), Verdict::kClamped);
  EXPECT_EQ(counters.of(Guard::kPosition), 1U);
  EXPECT_EQ(counters.of(Guard::kVelocity), 1U);
  EXPECT_EQ(counters.of(Guard::kAcceleration), 1U);
  EXPECT_EQ(command[2], 0.0) << "the joints are bounded one by one";
}

TEST(CommandGuardTest, RefusesToGuardNoJointOrTooMany) {
  EXPECT_THROW(CommandGuard({}), LogicError);
  CommandGuardOptions many;
  many.limits.assign(core::kMaxJoints + 1, plain_limits());
  EXPECT_THROW(CommandGuard{many}, LogicError);
}

TEST(CommandGuardTest, AllocatesNothing) {
  CommandGuardOptions options;
  options.limits.assign(7, envelope_limits());
  CommandGuard guard(options);
  GuardCounters counters;
  const testing::AllocationGuard allocations;
  guard.reset(core::JointVector::zero(7), core::JointVector::zero(7), 0);
  for (int i = 1; i <= 1000; ++i) {
    core::JointVector command = core::JointVector::constant(7, i % 200 < 100 ? 3.0 : -0.001 * i);
    static_cast<void>(guard.check(command, i * kPeriod, counters));
  }
  EXPECT_EQ(allocations.count(), 0U);
  EXPECT_GT(counters.total(), 0U);
}

}  // namespace
}  // namespace takt::teleop
