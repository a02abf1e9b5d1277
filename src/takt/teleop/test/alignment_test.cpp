#include "takt/teleop/alignment.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kMillisecond = 1'000'000;
constexpr double kDt_s = 1e-3;

std::vector<control::JointLimits> some_limits(std::size_t joints) {
  control::JointLimits limits;
  limits.position_min_rad = -3.0;
  limits.position_max_rad = 3.0;
  limits.velocity_rad_s = 2.0;
  limits.acceleration_rad_s2 = 10.0;
  limits.jerk_rad_s3 = 400.0;
  return std::vector<control::JointLimits>(joints, limits);
}

control::Setpoint at_rest(const core::JointVector& q_rad) {
  return {.q_rad = q_rad, .dq_rad_s = core::JointVector::zero(q_rad.size()), .ddq_rad_s2 = {}};
}

double leader_at(double t_s) {
  return 0.3 * std::sin(1.7 * t_s);
}
double leader_rate_at(double t_s) {
  return 0.3 * 1.7 * std::cos(1.7 * t_s);
}

struct Approach {
  std::vector<double> offset_rad;  // one per millisecond, the start included
  double last_command_rad{0};
  bool done{false};
};

/// Runs one joint from `start_rad`, moving at `rate_rad_s`, to the moving leader.
Approach approach(Alignment& alignment, double start_rad, double rate_rad_s, int steps) {
  control::Setpoint follower = at_rest({start_rad});
  follower.dq_rad_s = {rate_rad_s};
  alignment.begin(follower, {leader_at(0)}, {leader_rate_at(0)}, 0);
  Approach made;
  made.offset_rad.push_back(start_rad - leader_at(0));
  for (int i = 1; i <= steps && !made.done; ++i) {
    const double leader = leader_at(i * kDt_s);
    made.last_command_rad = alignment.step({leader}, i * kMillisecond)[0];
    made.offset_rad.push_back(made.last_command_rad - leader);
    made.done = alignment.done();
  }
  return made;
}

std::vector<double> differences(const std::vector<double>& values) {
  std::vector<double> made;
  for (std::size_t i = 1; i < values.size(); ++i) {
    made.push_back((values[i] - values[i - 1]) / kDt_s);
  }
  return made;
}

double largest(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values) {
    most = std::max(most, std::abs(value));
  }
  return most;
}

TEST(AlignmentTest, BridgesAJumpOf142DegreesToAMovingLeader) {
  for (const double fraction : {0.1, 0.3, 1.0}) {
    Alignment alignment(some_limits(1), fraction);
    const Approach made = approach(alignment, 142.0 * std::numbers::pi / 180.0, leader_rate_at(0), 60'000);
    ASSERT_TRUE(made.done) << "fraction " << fraction;
    EXPECT_EQ(made.offset_rad.back(), 0.0) << "ends exactly on the leader";
    const auto velocity = differences(made.offset_rad);
    const auto acceleration = differences(velocity);
    const auto jerk = differences(acceleration);
    EXPECT_LE(largest(velocity), fraction * 2.0 + 1e-9);
    EXPECT_LE(largest(acceleration), fraction * 10.0 + 1e-6);
    // Third differences of doubles: 4 · 2⁻⁵³ · 3 rad / dt³ is 1e-6 · 1e3.
    EXPECT_LE(largest(jerk), fraction * 400.0 * (1 + 1e-6) + 1e-2);
    EXPECT_GT(largest(velocity), fraction * 1.9) << "and uses what it may";
  }
}

TEST(AlignmentTest, GoesStraightToTheLeader) {
  Alignment alignment(some_limits(1), 0.3);
  const Approach made = approach(alignment, 2.5, 0.51, 60'000);  // moves like the leader: the offset starts at rest
  ASSERT_TRUE(made.done);
  for (std::size_t i = 1; i < made.offset_rad.size(); ++i) {
    ASSERT_LE(made.offset_rad[i], made.offset_rad[i - 1] + 1e-9) << i;
  }
}

TEST(AlignmentTest, TakesOverTheVelocitiesOfBoth) {
  Alignment alignment(some_limits(1), 0.5);
  const double rate = -0.3;
  const Approach made = approach(alignment, 1.0, rate, 60'000);
  ASSERT_TRUE(made.done);
  const auto velocity = differences(made.offset_rad);
  EXPECT_NEAR(velocity.front(), rate - leader_rate_at(0), 0.5 * 10.0 * kDt_s);
  EXPECT_LE(largest(differences(velocity)), 0.5 * 10.0 + 1e-6);
}

TEST(AlignmentTest, BringsAFollowerToRestRelativeToTheLeaderWhenItIsThereButMovesOtherwise) {
  Alignment alignment(some_limits(1), 0.3);
  control::Setpoint follower = at_rest({0.4});
  follower.dq_rad_s = {0.2};
  alignment.begin(follower, {0.4}, {0.0}, 0);
  EXPECT_FALSE(alignment.done());
  double furthest = 0.4;
  core::JointVector command;
  for (int i = 1; i < 5000 && !alignment.done(); ++i) {
    command = alignment.step({0.4}, i * kMillisecond);
    furthest = std::max(furthest, command[0]);
  }
  EXPECT_TRUE(alignment.done());
  EXPECT_EQ(command[0], 0.4);
  EXPECT_GT(furthest, 0.4);
}

TEST(AlignmentTest, HasNothingToDoWhereThereIsNoGap) {
  Alignment alignment(some_limits(2), 0.3);
  EXPECT_TRUE(alignment.done()) << "before it begins";
  alignment.begin(at_rest({0.4, -0.2}), {0.4, -0.2}, {0.0, 0.0}, 7 * kMillisecond);
  EXPECT_TRUE(alignment.done());
  EXPECT_EQ(alignment.step({0.41, -0.21}, 8 * kMillisecond), (core::JointVector{0.41, -0.21}));
}

TEST(AlignmentTest, PassesTheLeaderUnalteredOnceItIsDone) {
  Alignment alignment(some_limits(1), 1.0);
  ASSERT_TRUE(approach(alignment, 0.5, 0.0, 60'000).done);
  EXPECT_EQ(alignment.step({2.9}, 100'000 * kMillisecond), (core::JointVector{2.9}));
}

TEST(AlignmentTest, StandsStillBetweenEqualStamps) {
  Alignment alignment(some_limits(1), 0.3);
  alignment.begin(at_rest({1.0}), {0.0}, {0.0}, 0);
  const auto first = alignment.step({0.0}, 50 * kMillisecond);
  EXPECT_EQ(alignment.step({0.0}, 50 * kMillisecond), first);
  EXPECT_EQ(alignment.step({0.1}, 50 * kMillisecond)[0], first[0] + 0.1) << "the leader is followed all the same";
}

TEST(AlignmentTest, ArrivesWhateverTheStepsAndTheGaps) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> angle(-3.0, 3.0);
    std::uniform_real_distribution<double> rate(-0.5, 0.5);
    std::uniform_int_distribution<core::Nanoseconds> dt_ns(100'000, 40'000'000);
    Alignment alignment(some_limits(3), 0.3);
    control::Setpoint follower = at_rest({angle(random), angle(random), angle(random)});
    follower.dq_rad_s = {rate(random), rate(random), rate(random)};
    const core::JointVector leader{angle(random), angle(random), angle(random)};
    alignment.begin(follower, leader, core::JointVector::zero(3), 0);
    core::Nanoseconds now_ns = 0;
    core::JointVector last = follower.q_rad;
    while (!alignment.done() && now_ns < 60'000 * kMillisecond) {
      const core::Nanoseconds dt = dt_ns(random);
      now_ns += dt;
      const auto command = alignment.step(leader, now_ns);
      ASSERT_LE(core::max_abs_difference(command, last), 0.3 * 2.0 * core::to_seconds(dt) + 1e-9) << "seed " << seed;
      last = command;
    }
    EXPECT_TRUE(alignment.done()) << "seed " << seed;
    EXPECT_EQ(last, leader) << "seed " << seed;
  }
}

TEST(AlignmentTest, RefusesAFractionThatIsNoneAndLimitsThatAreNone) {
  for (const double fraction : {0.0, -0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(Alignment(some_limits(1), fraction), LogicError);
  }
  EXPECT_THROW(Alignment({}, 0.3), LogicError);
  EXPECT_THROW(Alignment({control::JointLimits{}}, 0.3), LogicError) << "infinite limits";
}

TEST(AlignmentTest, AllocatesNothing) {
  Alignment alignment(some_limits(7), 0.3);
  const auto follower = at_rest(core::JointVector::constant(7, 1.0));
  const auto leader = core::JointVector::zero(7);
  const testing::AllocationGuard guard;
  alignment.begin(follower, leader, leader, 0);
  for (int i = 1; i <= 1000; ++i) {
    static_cast<void>(alignment.step(leader, i * kMillisecond));
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::teleop
