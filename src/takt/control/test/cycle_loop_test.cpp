#include "takt/control/cycle_loop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>
#include <string>

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/control/joint_impedance.hpp"
#include "takt/control/test/fake_arm.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"
#include "takt/testing/lock_guard.hpp"

namespace takt::control {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

CycleOptions options_for(FakeWorld& world) {
  CycleOptions options;
  options.freshness = {.hold_after_s = 0.05, .halt_after_s = 0.2};
  options.evidence_cycles = 500;
  options.clock = &world.clock;
  return options;
}

class CycleLoopTest : public ::testing::Test {
 protected:
  FakeWorld world;
  FakeArm arm{world};
  FakeLaw law{world};
  Model model{fake_model_data()};
  CycleLoop loop{arm, law, model, options_for(world)};
  bool alive{true};

  /// Steps until the mode is `mode`, at most `cycles`. False when it did not come.
  bool run_until(CycleMode mode, int cycles = 3000) {
    for (int i = 0; i < cycles && alive && loop.mode() != mode; ++i) {
      alive = loop.run_once();
    }
    return loop.mode() == mode;
  }
  void run(int cycles) {
    for (int i = 0; i < cycles && alive; ++i) {
      alive = loop.run_once();
    }
  }
  void run_to_end(int cycles = 10'000) {
    run(cycles);
    EXPECT_FALSE(alive) << "the loop did not end";
  }
  void start() { ASSERT_TRUE(run_until(CycleMode::kHolding)); }

  /// A target that stays good.
  Outcome go(const core::JointVector& q_rad) {
    return loop.set({.q_rad = q_rad, .stamp_ns = world.clock.now_ns(), .valid_until_ns = kValidForever});
  }
  /// In the middle of a fast motion.
  void get_moving() {
    start();
    ASSERT_EQ(go({1.5, -1.5, 0.5}), Outcome::kOk);
    run(700);
    ASSERT_EQ(loop.mode(), CycleMode::kRunning);
    ASSERT_GT(loop.state().measured.dq_rad_s[0], 0.8);
  }
  void expect_faulted(Fault fault) {
    EXPECT_TRUE(run_until(CycleMode::kFaulted)) << to_text(loop.mode());
    EXPECT_EQ(loop.fault().fault, fault) << describe(loop.fault());
    EXPECT_TRUE(world.brakes_wanted);
  }
};

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
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .stamp_ns = world.clock.now_ns()}), Outcome::kOk);
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
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .stamp_ns = world.clock.now_ns()}), Outcome::kOk);
  ASSERT_TRUE(run_until(CycleMode::kRunning));
  ASSERT_TRUE(run_until(CycleMode::kHolding));
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .stamp_ns = world.clock.now_ns()}), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
}

TEST_F(CycleLoopTest, DoesNotFollowATargetThatIsStaleOnArrival) {
  start();
  ASSERT_EQ(loop.set({.q_rad = {1.0, 0.0, 0.0}, .stamp_ns = world.clock.now_ns() - 60'000'000}), Outcome::kOk);
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
    return loop.set({.q_rad = {1.0, 0.0, 0.0}, .stamp_ns = stamp, .valid_until_ns = valid_until});
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
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .stamp_ns = begin, .valid_until_ns = begin + 400'000'000}),
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
  law.falsify = [this](core::JointVector& tau) {
    tau[2] = std::fmod(core::to_seconds(world.clock.now_ns()), 0.2) < 0.1 ? 5.0 : -5.0;
  };
  loop.request_safe_stop();
  run(1);
  const core::Nanoseconds begin = world.clock.now_ns();
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

class CycleLoopLostArmTest : public CycleLoopTest, public ::testing::WithParamInterface<Outcome> {};

TEST_P(CycleLoopLostArmTest, IsToldToBrakeAgainAndAgainUntilAskedToStop) {
  get_moving();
  world.wait_outcome = GetParam();
  run(10);
  ASSERT_EQ(loop.mode(), CycleMode::kFaulted);
  world.brakes_on = false;
  world.brakes_wanted = false;  // all commands so far were lost
  const int told = world.engage_calls;
  run(5);
  EXPECT_TRUE(alive);
  EXPECT_TRUE(world.brakes_wanted);
  EXPECT_EQ(world.engage_calls - told, 5);
  loop.request_stop();
  run(1);
  EXPECT_FALSE(alive);
}

INSTANTIATE_TEST_SUITE_P(Outcomes, CycleLoopLostArmTest,
                         ::testing::Values(Outcome::kTimeout, Outcome::kFault, Outcome::kDisconnected,
                                           Outcome::kNotReady, Outcome::kInvalid));

/// A clock that moves when somebody sleeps on it, and counts that.
class SleepingClock final : public core::Clock {
 public:
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override { return now_ns_; }
  void sleep_until_ns(core::Nanoseconds deadline_ns) noexcept override {
    now_ns_ = std::max(now_ns_, deadline_ns);
    ++sleeps;
  }
  int sleeps{0};

 private:
  core::Nanoseconds now_ns_{0};
};

TEST_F(CycleLoopTest, AnArmThatIsGoneDoesNotMakeItABusyLoop) {
  SleepingClock clock;
  CycleOptions options;
  options.clock = &clock;
  CycleLoop lost(arm, law, model, options);
  world.wait_outcome = Outcome::kDisconnected;
  for (int i = 0; i < 101; ++i) {
    ASSERT_TRUE(lost.run_once());
  }
  EXPECT_EQ(clock.sleeps, 100);
  EXPECT_EQ(clock.now_ns(), 100 * FakeWorld::kPeriod_ns);
}

/// What can go wrong so that nothing but the brakes is left.
struct Breakdown {
  std::string name;
  Fault fault;
  std::function<void(FakeWorld&, FakeLaw&)> happen;
};

class CycleLoopBreakdownTest : public CycleLoopTest, public ::testing::WithParamInterface<Breakdown> {};

TEST_P(CycleLoopBreakdownTest, ClosesTheBrakesAtOnceAndKeepsTheEvidence) {
  get_moving();
  EXPECT_TRUE(loop.evidence().empty());
  GetParam().happen(world, law);
  run(3);  // as many as timeouts need
  EXPECT_EQ(loop.mode(), CycleMode::kFaulted);
  EXPECT_EQ(loop.fault().fault, GetParam().fault) << describe(loop.fault());
  EXPECT_TRUE(world.brakes_wanted);
  EXPECT_EQ(go({0.0, 0.0, 0.0}), Outcome::kFault);
  const auto evidence = loop.evidence();
  ASSERT_EQ(evidence.size(), 500U);
  EXPECT_EQ(evidence.back().mode, CycleMode::kFaulted);
  EXPECT_EQ(evidence[evidence.size() - 10].mode, CycleMode::kRunning);
  EXPECT_TRUE(evidence.back().measured.q_rad.all_finite());
  loop.request_stop();
  run_to_end(2000);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, CycleLoopBreakdownTest,
    ::testing::Values(
        Breakdown{"ArmError", Fault::kArmError, [](FakeWorld& w, FakeLaw&) { w.wait_outcome = Outcome::kFault; }},
        Breakdown{"Disconnected", Fault::kDisconnected,
                  [](FakeWorld& w, FakeLaw&) { w.wait_outcome = Outcome::kDisconnected; }},
        Breakdown{"Timeouts", Fault::kTimeouts, [](FakeWorld& w, FakeLaw&) { w.wait_outcome = Outcome::kTimeout; }},
        Breakdown{"WriteRefused", Fault::kArmError, [](FakeWorld& w, FakeLaw&) { w.write_outcome = Outcome::kFault; }},
        Breakdown{"WriteDisconnected", Fault::kDisconnected,
                  [](FakeWorld& w, FakeLaw&) { w.write_outcome = Outcome::kDisconnected; }},
        Breakdown{"NanPosition", Fault::kStateNotFinite,
                  [](FakeWorld& w, FakeLaw&) { w.falsify = [](ArmState& s) { s.q_rad[1] = kNan; }; }},
        Breakdown{"InfiniteTorque", Fault::kStateNotFinite,
                  [](FakeWorld& w, FakeLaw&) {
                    w.falsify = [](ArmState& s) { s.tau_nm[1] = std::numeric_limits<double>::infinity(); };
                  }},
        Breakdown{"WrongSize", Fault::kStateSize,
                  [](FakeWorld& w, FakeLaw&) { w.falsify = [](ArmState& s) { s.dq_rad_s.resize(2); }; }},
        Breakdown{
            "RepeatedState", Fault::kStateOrder,
            [](FakeWorld& w, FakeLaw&) { w.falsify = [frozen = w.sequence](ArmState& s) { s.sequence = frozen; }; }},
        Breakdown{"FrozenStamp", Fault::kStateOrder,
                  [](FakeWorld& w, FakeLaw&) { w.falsify = [](ArmState& s) { s.stamp_ns = 5; }; }},
        Breakdown{"BrakesCloseThemselves", Fault::kBrakes,
                  [](FakeWorld& w, FakeLaw&) { w.falsify = [](ArmState& s) { s.brakes_engaged = true; }; }},
        Breakdown{"NanTorque", Fault::kLawOutput,
                  [](FakeWorld&, FakeLaw& l) { l.falsify = [](core::JointVector& tau) { tau[2] = kNan; }; }},
        Breakdown{"NoTorque", Fault::kLawOutput,
                  [](FakeWorld&, FakeLaw& l) { l.falsify = [](core::JointVector& tau) { tau.resize(0); }; }}),
    [](const auto& breakdown) { return breakdown.param.name; });

TEST_F(CycleLoopTest, LeavingThePositionRangeIsASafeStop) {
  get_moving();
  world.falsify = [](ArmState& state) { state.q_rad[2] = 2.1; };
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kSafeStopping);
  EXPECT_EQ(loop.fault().joint, 3U);
  EXPECT_EQ(loop.fault().value, 2.1);
  EXPECT_EQ(loop.fault().limit, 2.0);
  expect_faulted(Fault::kPositionLimit);
}

TEST_F(CycleLoopTest, AnArmThatStandsOutsideItsRangeIsNotReleased) {
  world.q_rad[0] = -2.5;
  run(5);
  expect_faulted(Fault::kPositionLimit);
  EXPECT_TRUE(world.brakes_on);
}

TEST_F(CycleLoopTest, ExcessiveSpeedIsASafeStop) {
  start();
  world.disturbance_nm[1] = 500.0;
  expect_faulted(Fault::kVelocityLimit);
  EXPECT_EQ(loop.fault().joint, 2U);
}

TEST_F(CycleLoopTest, AnArmThatDoesNotFollowIsStoppedAfterTheToleratedTime) {
  start();
  world.blocked = true;
  ASSERT_EQ(go({0.0, 1.0, 0.0}), Outcome::kOk);
  while (alive && std::abs(loop.state().setpoint.q_rad[1] - world.q_rad[1]) <= 0.2) {
    run(1);
  }
  const core::Nanoseconds begin = world.clock.now_ns();
  ASSERT_TRUE(run_until(CycleMode::kSafeStopping));
  EXPECT_NEAR(core::to_seconds(world.clock.now_ns() - begin), 0.1, 0.003);
  run(1);
  EXPECT_LT(std::abs(loop.state().setpoint.q_rad[1] - world.q_rad[1]), 0.01) << "ramps from where the arm is";
  expect_faulted(Fault::kTrackingError);
  EXPECT_EQ(loop.fault().joint, 2U);
}

TEST_F(CycleLoopTest, LostStatesAreCountedAndTheSetpointKeepsItsTime) {
  start();
  ASSERT_EQ(go({1.0, 0.0, 0.0}), Outcome::kOk);
  run(100);
  const double before = loop.state().setpoint.q_rad[0];
  const double v = loop.state().setpoint.dq_rad_s[0];
  world.skip_states = 9;
  run(1);
  EXPECT_EQ(loop.stats().missed_states, 9U);
  EXPECT_GT(loop.state().setpoint.q_rad[0] - before, 9.0 * v * 1e-3);
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
  world.skip_states = 21;
  run(1);
  EXPECT_EQ(loop.mode(), CycleMode::kSafeStopping);
  expect_faulted(Fault::kLostStates);
}

TEST_F(CycleLoopTest, SingleTimeoutsAreBorne) {
  start();
  for (int i = 0; i < 10; ++i) {
    world.wait_outcome = Outcome::kTimeout;
    run(2);
    world.wait_outcome = Outcome::kOk;
    run(1);
  }
  EXPECT_EQ(loop.stats().timeouts, 20U);
  EXPECT_EQ(loop.mode(), CycleMode::kHolding);
}

TEST_F(CycleLoopTest, BrakesThatDoNotOpenAreAFault) {
  world.brakes_stuck = true;
  run(600);
  expect_faulted(Fault::kBrakes);
}

TEST_F(CycleLoopTest, AnArmThatRefusesToOpenItsBrakesIsAFault) {
  world.release_outcome = Outcome::kFault;
  run(1);
  expect_faulted(Fault::kBrakes);
}

TEST_F(CycleLoopTest, BrakesThatDoNotCloseAreToldAgainAndEndTheLoopWithAFault) {
  start();
  world.brakes_stuck = true;
  loop.request_stop();
  run_to_end(3000);
  EXPECT_EQ(loop.fault().fault, Fault::kBrakes);
  EXPECT_GT(world.engage_calls, 10);
}

TEST_F(CycleLoopTest, ABrakeCommandThatGotLostIsRepeated) {
  start();
  world.brakes_stuck = true;
  loop.request_stop();
  run(100);
  world.brakes_stuck = false;
  world.brakes_wanted = false;  // the first commands never arrived
  run_to_end(200);
  EXPECT_TRUE(world.brakes_on);
  EXPECT_EQ(loop.fault().fault, Fault::kNone);
}

TEST_F(CycleLoopTest, TorquesStayWithinLimitAndRate) {
  start();
  law.falsify = [](core::JointVector& tau) { tau[0] = 1e6; };
  core::JointVector last = world.last_tau_nm;
  for (int i = 0; i < 20; ++i) {
    run(1);
    const double tau = loop.state().tau_nm[0];
    ASSERT_LE(std::abs(tau), 40.0);
    ASSERT_LE(std::abs(tau - last[0]), 4.0 + 1e-12);
    last = loop.state().tau_nm;
  }
  EXPECT_EQ(last[0], 40.0);
  EXPECT_EQ(loop.stats().clipped_torques, 20U);
  EXPECT_GE(loop.stats().rate_limited_torques, 9U);
}

TEST_F(CycleLoopTest, MeasuresHowLongACycleTakes) {
  start();
  run(100);
  const CycleStats stats = loop.stats();
  EXPECT_GT(stats.cycles, 100U);
  EXPECT_NEAR(stats.read_to_write.p50_us, 5.0, 0.1);
  EXPECT_EQ(stats.wake_lateness.max_us, 0.0);
  EXPECT_EQ(loop.state().written_ns - loop.state().woke_ns, 5000);
}

TEST_F(CycleLoopTest, CanBeginAgainAfterAFault) {
  get_moving();
  loop.request_safe_stop();
  expect_faulted(Fault::kRequested);
  loop.request_stop();
  run_to_end();
  loop.clear_fault();
  loop.prepare();
  alive = true;
  EXPECT_TRUE(loop.evidence().empty());
  start();
  EXPECT_EQ(loop.fault().fault, Fault::kNone);
  ASSERT_EQ(go({0.0, 0.0, 0.0}), Outcome::kOk);
  run(3000);
  EXPECT_LT(max_abs_difference(world.q_rad, core::JointVector::zero(3)), 1e-6);
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

TEST(LockGuardTest, SeesEveryWayToTakeAMutex) {
  if (!testing::LockGuard::counts()) {
    GTEST_SKIP() << "under a sanitizer";
  }
  std::timed_mutex mutex;
  const testing::LockGuard locks;
  mutex.lock();
  mutex.unlock();
  ASSERT_TRUE(mutex.try_lock());
  mutex.unlock();
  ASSERT_TRUE(mutex.try_lock_for(std::chrono::milliseconds(1)));
  mutex.unlock();
  EXPECT_EQ(locks.count(), 3U);
}

TEST_F(CycleLoopTest, NoCycleTakesALockFromStartToFault) {
  JointImpedance impedance(default_joint_impedance_gains(model), model.dof());
  CycleLoop locked_out(arm, impedance, model, options_for(world));
  const testing::LockGuard locks;
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(locked_out.set({.q_rad = {0.1, 0.1, 0.1},
                                      .stamp_ns = world.clock.now_ns(),
                                      .valid_until_ns = i % 200 < 100 ? kValidForever : 0}));
    ASSERT_TRUE(locked_out.run_once());
  }
  locked_out.request_safe_stop();
  for (int i = 0; i < 1500; ++i) {
    ASSERT_TRUE(locked_out.run_once());
  }
  locked_out.request_stop();
  while (locked_out.run_once()) {
  }
  EXPECT_EQ(locks.count(), 0U);
  EXPECT_EQ(locked_out.mode(), CycleMode::kFaulted);
}

TEST_F(CycleLoopTest, NoCycleAllocatesFromStartToFault) {
  const core::JointVector near{0.1, 0.1, 0.1};
  const core::JointVector far{1.5, -1.5, 1.0};
  const testing::AllocationGuard guard;
  run(10);
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(go(i % 200 < 100 ? near : far));
    run(1);
  }
  loop.request_halt();
  run(1000);
  loop.request_safe_stop();
  run(1000);
  loop.request_stop();
  run(1000);
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_FALSE(alive);
}

#if !TAKT_SANITIZED

/// In strict mode the kernel kills a process that makes any system call but read, write and exit.
TEST_F(CycleLoopTest, NoCycleMakesASystemCall) {
  EXPECT_EXIT(
      {
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        run(10);
        static_cast<void>(go({1.5, -1.5, 1.0}));
        run(500);
        loop.request_safe_stop();
        run(1500);
        syscall(SYS_exit, loop.mode() == CycleMode::kFaulted ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace takt::control
