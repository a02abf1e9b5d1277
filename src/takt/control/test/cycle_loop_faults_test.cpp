#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/test/cycle_loop_fixture.hpp"

namespace takt::control {
namespace {

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
  EXPECT_NEAR(stats.ledger.read_to_write.p50_us, 5.0, 0.1);
  EXPECT_EQ(stats.ledger.wake_lateness.max_us, 0.0);
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

}  // namespace
}  // namespace takt::control
