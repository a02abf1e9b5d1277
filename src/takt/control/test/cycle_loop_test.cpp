#include "takt/control/cycle_loop.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/test/cycle_loop_fixture.hpp"

namespace takt::control {
namespace {

TEST_F(CycleLoopTest, OpensTheBrakesAndHoldsWhereTheArmStands) {
  world.q_rad = {0.3, -0.2, 0.1};
  EXPECT_EQ(loop.mode(), CycleMode::kStopped);
  EXPECT_EQ(go({0.0, 0.0, 0.0}), Outcome::kNotReady);
  start();
  EXPECT_FALSE(world.brakes_on);
  run(500);
  EXPECT_EQ(loop.mode(), CycleMode::kHolding);
  EXPECT_EQ(loop.state().setpoint.q_rad, (core::JointVector{0.3, -0.2, 0.1}));
  EXPECT_LT(max_abs_difference(world.q_rad, loop.state().setpoint.q_rad), 1e-9);
}

TEST_F(CycleLoopTest, FollowsATargetAndArrivesExactly) {
  start();
  const core::JointVector target{1.0, -0.5, 0.25};
  ASSERT_EQ(go(target), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
  run(3000);
  EXPECT_EQ(loop.state().setpoint.q_rad, target);
  EXPECT_TRUE(loop.state().at_rest);
  EXPECT_LT(max_abs_difference(world.q_rad, target), 1e-6);
}

TEST_F(CycleLoopTest, KeepsToItsShareOfTheLimits) {
  start();
  ASSERT_EQ(go({1.5, 0.0, 0.0}), Outcome::kOk);
  double fastest = 0.0;
  for (int i = 0; i < 3000; ++i) {
    run(1);
    fastest = std::max(fastest, loop.state().setpoint.dq_rad_s[0]);
    ASSERT_LE(std::abs(loop.state().setpoint.ddq_rad_s2[0]), 5.0 * (1.0 + 1e-9));
  }
  EXPECT_NEAR(fastest, 1.0, 1e-9);
}

TEST_F(CycleLoopTest, RefusesTargetsItCannotTake) {
  start();
  EXPECT_EQ(go({0.0, 0.0}), Outcome::kInvalid);
  EXPECT_EQ(go({0.0, kNan, 0.0}), Outcome::kInvalid);
  EXPECT_EQ(go({0.0, 0.0, 2.001}), Outcome::kInvalid);
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kHolding);
}

TEST_F(CycleLoopTest, HoldsThenHaltsWhenTheCommanderFallsSilent) {
  start();
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .terms = {.stamp_ns = world.clock.now_ns()}}), Outcome::kOk);
  const core::Nanoseconds begin = world.clock.now_ns();
  ASSERT_TRUE(run_until(CycleMode::kRunning));
  ASSERT_TRUE(run_until(CycleMode::kHolding));
  EXPECT_NEAR(core::to_seconds(world.clock.now_ns() - begin), 0.05, 0.003);
  EXPECT_EQ(loop.state().freshness, Freshness::kHold);
  ASSERT_TRUE(run_until(CycleMode::kHalting));
  EXPECT_NEAR(core::to_seconds(world.clock.now_ns() - begin), 0.2, 0.003);
  EXPECT_GT(loop.state().setpoint.dq_rad_s[0], 0.1);
  ASSERT_TRUE(run_until(CycleMode::kHolding));
  EXPECT_TRUE(loop.state().at_rest);
  EXPECT_LT(loop.state().setpoint.q_rad[0], 1.0);
  EXPECT_FALSE(world.brakes_on);
}

TEST_F(CycleLoopTest, ANewTargetEndsAHold) {
  start();
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .terms = {.stamp_ns = world.clock.now_ns()}}), Outcome::kOk);
  ASSERT_TRUE(run_until(CycleMode::kRunning));
  ASSERT_TRUE(run_until(CycleMode::kHolding));
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .terms = {.stamp_ns = world.clock.now_ns()}}), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
}

TEST_F(CycleLoopTest, DoesNotFollowATargetThatIsStaleOnArrival) {
  start();
  ASSERT_EQ(loop.set({.q_rad = {1.0, 0.0, 0.0}, .terms = {.stamp_ns = world.clock.now_ns() - 60'000'000}}),
            Outcome::kOk);
  run(10);
  EXPECT_EQ(loop.mode(), CycleMode::kHolding);
  EXPECT_EQ(loop.stats().stale_targets, 1U);
  EXPECT_EQ(loop.state().target_rad[0], 0.0);
}

TEST_F(CycleLoopTest, RefusesTargetsWithTimesThatCannotBe) {
  start();
  constexpr auto kFirst = std::numeric_limits<core::Nanoseconds>::min();
  const core::Nanoseconds now = loop.state().measured.stamp_ns;
  const auto at = [&](core::Nanoseconds stamp, core::Nanoseconds valid_until = 0) {
    return loop.set({.q_rad = {1.0, 0.0, 0.0}, .terms = {.stamp_ns = stamp, .valid_until_ns = valid_until}});
  };
  EXPECT_EQ(at(kFirst), Outcome::kInvalid);
  EXPECT_EQ(at(-1), Outcome::kInvalid);
  EXPECT_EQ(at(now, kFirst), Outcome::kInvalid);
  EXPECT_EQ(at(now + core::kNanosecondsPerSecond + 1), Outcome::kInvalid);
  EXPECT_EQ(at(kValidForever), Outcome::kInvalid);
  run(10);
  EXPECT_EQ(loop.mode(), CycleMode::kHolding);
  EXPECT_EQ(at(now + core::kNanosecondsPerSecond), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
}

TEST_F(CycleLoopTest, ATargetMaySayItselfHowLongItIsGood) {
  start();
  const core::Nanoseconds begin = world.clock.now_ns();
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .terms = {.stamp_ns = begin, .valid_until_ns = begin + 400'000'000}}),
            Outcome::kOk);
  ASSERT_TRUE(run_until(CycleMode::kRunning));
  ASSERT_TRUE(run_until(CycleMode::kHolding));
  EXPECT_NEAR(core::to_seconds(world.clock.now_ns() - begin), 0.4, 0.003);
  ASSERT_TRUE(run_until(CycleMode::kHalting));
  EXPECT_NEAR(core::to_seconds(world.clock.now_ns() - begin), 0.55, 0.003);
}

TEST_F(CycleLoopTest, HaltsOnDemandAndForgetsWhatWasWanted) {
  get_moving();
  loop.request_halt();
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kHalting);
  ASSERT_TRUE(run_until(CycleMode::kHolding));
  const core::JointVector stopped = loop.state().setpoint.q_rad;
  run(1000);
  EXPECT_EQ(loop.state().setpoint.q_rad, stopped);
  EXPECT_FALSE(world.brakes_on);
  ASSERT_EQ(go({0.0, 0.0, 0.0}), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
}

TEST_F(CycleLoopTest, ATargetSetDuringAHaltWaitsForItsEnd) {
  get_moving();
  loop.request_halt();
  run(1);
  ASSERT_EQ(go({0.0, 0.0, 0.0}), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kHalting);
  ASSERT_TRUE(run_until(CycleMode::kRunning));
  EXPECT_LT(std::abs(loop.state().setpoint.dq_rad_s[0]), 0.02);
}

TEST_F(CycleLoopTest, ASafeStopRampsToRestAndThenClosesTheBrakes) {
  get_moving();
  loop.request_safe_stop();
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kSafeStopping);
  EXPECT_FALSE(world.brakes_wanted);
  EXPECT_EQ(go({0.0, 0.0, 0.0}), Outcome::kFault);
  const core::Nanoseconds begin = world.clock.now_ns();
  while (loop.mode() == CycleMode::kSafeStopping) {
    EXPECT_FALSE(world.brakes_wanted);
    run(1);
  }
  EXPECT_LT(core::to_seconds(world.clock.now_ns() - begin), 1.0);
  EXPECT_LT(std::abs(world.dq_rad_s[0]), 0.02);
  expect_faulted(Fault::kRequested);
  run(100);
  EXPECT_TRUE(world.brakes_on);
  EXPECT_EQ(loop.mode(), CycleMode::kFaulted);
}

TEST_F(CycleLoopTest, ASafeStopThatFindsNoRestClosesTheBrakesAtItsDeadline) {
  get_moving();
  const std::uint64_t asked = loop.state().cycle;
  loop.request_safe_stop();
  run(1);
  const core::Nanoseconds begin = world.clock.now_ns();
  while (loop.mode() == CycleMode::kSafeStopping) {  // somebody shakes it
    world.disturbance_nm[2] = std::fmod(core::to_seconds(world.clock.now_ns()), 0.2) < 0.1 ? 20.0 : -20.0;
    run(1);
  }
  expect_faulted(Fault::kRequested);
  EXPECT_NEAR(core::to_seconds(world.clock.now_ns() - begin), 1.0, 0.01);
  const auto evidence = loop.evidence();  // 500 cycles, of which a ramp of 1000 must not eat all
  ASSERT_EQ(evidence.size(), 500U);
  EXPECT_EQ(evidence[248].cycle, asked);
  EXPECT_EQ(evidence[248].mode, CycleMode::kRunning);
  EXPECT_EQ(evidence[249].mode, CycleMode::kSafeStopping);
}

TEST_F(CycleLoopTest, KeepsTheFirstFaultAndBrakesAtOnceForAWorseOne) {
  get_moving();
  loop.request_safe_stop();
  run(5);
  ASSERT_EQ(loop.mode(), CycleMode::kSafeStopping);
  law.falsify = [](core::JointVector& tau) { tau[0] = kNan; };
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kFaulted);
  EXPECT_EQ(loop.fault().fault, Fault::kRequested);
}

TEST_F(CycleLoopTest, StopsByHaltingBrakingAndEnding) {
  get_moving();
  loop.request_stop();
  bool braked_in_motion = false;
  while (alive) {
    run(1);
    braked_in_motion = braked_in_motion || (world.brakes_wanted && std::abs(world.dq_rad_s[0]) > 0.02);
  }
  EXPECT_FALSE(braked_in_motion);
  EXPECT_TRUE(world.brakes_on);
  EXPECT_EQ(loop.fault().fault, Fault::kNone);
}

TEST_F(CycleLoopTest, StopsAlsoBeforeItsBrakesWereOpen) {
  world.brake_periods = 50;
  run(5);
  ASSERT_EQ(loop.mode(), CycleMode::kStopped);
  loop.request_stop();
  run_to_end(200);
  EXPECT_TRUE(world.brakes_on);
}

TEST_F(CycleLoopTest, StopsAfterAFault) {
  start();
  world.wait_outcome = Outcome::kTimeout;
  expect_faulted(Fault::kTimeouts);
  loop.request_stop();
  run_to_end(20);
}

TEST_F(CycleLoopTest, RefusesAModelOfAnotherArmAndOptionsThatMakeNoSense) {
  ModelData two = fake_model_data();
  two.joints.pop_back();
  two.home_rad.pop_back();
  const Model other(two);
  EXPECT_THROW(CycleLoop(arm, law, other, {}), LogicError);
  CycleOptions options;
  options.budget_fraction = 1.5;
  EXPECT_THROW(CycleLoop(arm, law, model, options), LogicError);
  options = {};
  options.tracking_error_rad = kNan;
  EXPECT_THROW(CycleLoop(arm, law, model, options), LogicError);
}

}  // namespace
}  // namespace takt::control
