#include "takt/robots/sim/sim_arm.hpp"

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include <gtest/gtest.h>

#include "takt/robots/models/fr3.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::robots::sim {
namespace {

using control::ArmCommand;
using control::ArmState;
using control::Outcome;
using core::JointVector;
using models::fr3;

const ArmCommand kNoTorque{.tau_nm = JointVector::zero(7)};

SimArmOptions lockstep() {
  return {.pace = Pace::kLockstep};
}

/// Started, brakes open, one state seen with them open.
void open_brakes(SimArm& arm) {
  ASSERT_EQ(arm.start(), Outcome::kOk);
  ASSERT_EQ(arm.release_brakes(), Outcome::kOk);
  ArmState state;
  do {
    ASSERT_EQ(arm.wait(state), Outcome::kOk);
  } while (state.brakes_engaged);
}

TEST(SimArmInLockstep, takes_its_name_model_and_period_from_the_data) {
  const SimArm arm(fr3(), lockstep());
  EXPECT_EQ(arm.name(), "fr3");
  EXPECT_EQ(arm.model_data().dof(), 7U);
  EXPECT_EQ(arm.period_ns(), 1'000'000);
}

TEST(SimArmInLockstep, gives_states_only_between_start_and_stop) {
  SimArm arm(fr3(), lockstep());
  ArmState state;
  EXPECT_EQ(arm.wait(state), Outcome::kNotReady);
  EXPECT_EQ(arm.release_brakes(), Outcome::kNotReady);
  EXPECT_EQ(arm.start(), Outcome::kOk);
  EXPECT_EQ(arm.start(), Outcome::kInvalid);
  EXPECT_EQ(arm.wait(state), Outcome::kOk);
  arm.stop();
  EXPECT_EQ(arm.wait(state), Outcome::kNotReady);
  EXPECT_EQ(arm.start(), Outcome::kOk);
  EXPECT_EQ(arm.wait(state), Outcome::kOk);
}

TEST(SimArmInLockstep, stamps_states_one_period_apart_in_virtual_time) {
  SimArm arm(fr3(), {.pace = Pace::kLockstep, .lockstep_start_ns = 5'000'000});
  ASSERT_EQ(arm.start(), Outcome::kOk);
  ArmState state;
  for (int k = 1; k <= 10; ++k) {
    ASSERT_EQ(arm.wait(state), Outcome::kOk);
    EXPECT_EQ(state.stamp_ns, 5'000'000 + k * 1'000'000);
    EXPECT_EQ(state.sequence, static_cast<std::uint64_t>(k));
  }
}

TEST(SimArmInLockstep, is_driven_by_the_torque_it_is_told) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  ArmState state;
  for (int k = 0; k < 100; ++k) {
    ASSERT_EQ(arm.write({.tau_nm = {5.0, 0, 0, 0, 0, 0, 0}}), Outcome::kOk);
    ASSERT_EQ(arm.wait(state), Outcome::kOk);
  }
  EXPECT_GT(state.dq_rad_s[0], 0.1);
  EXPECT_EQ(state.tau_nm[0], 5.0);
  EXPECT_EQ(state.command_success_rate, 1.0);
}

TEST(SimArmInLockstep, two_runs_with_the_same_commands_are_the_same_run) {
  ArmState states[2];
  for (ArmState& state : states) {
    SimArm arm(fr3(), lockstep());
    open_brakes(arm);
    for (int k = 0; k < 500; ++k) {
      ASSERT_EQ(arm.write({.tau_nm = {std::sin(0.01 * k), 1.0, 0, 0.5, 0, 0.1, 0}}), Outcome::kOk);
      ASSERT_EQ(arm.wait(state), Outcome::kOk);
    }
  }
  EXPECT_EQ(states[0].q_rad, states[1].q_rad);
  EXPECT_EQ(states[0].dq_rad_s, states[1].dq_rad_s);
}

TEST(SimArmInLockstep, refuses_commands_while_its_brakes_are_on) {
  SimArm arm(fr3(), lockstep());
  EXPECT_EQ(arm.write(kNoTorque), Outcome::kNotReady);
  ASSERT_EQ(arm.start(), Outcome::kOk);
  EXPECT_EQ(arm.write(kNoTorque), Outcome::kNotReady);
}

TEST(SimArmInLockstep, refuses_torques_that_are_not_finite_too_many_or_too_large) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  ArmCommand command = kNoTorque;
  command.tau_nm[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(arm.write(command), Outcome::kInvalid);
  command.tau_nm[3] = 87.5;
  EXPECT_EQ(arm.write(command), Outcome::kInvalid);
  EXPECT_EQ(arm.write({.tau_nm = JointVector::zero(6)}), Outcome::kInvalid);
  EXPECT_EQ(arm.write(kNoTorque), Outcome::kOk);
}

TEST(SimArmInLockstep, faults_after_twenty_periods_without_a_command_and_recovers) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  ArmState state;
  for (int k = 0; k < 19; ++k) {
    ASSERT_EQ(arm.wait(state), Outcome::kOk);
  }
  EXPECT_EQ(arm.wait(state), Outcome::kFault);
  EXPECT_EQ(arm.fault(), ArmFault::kCommunicationConstraintsViolation);
  EXPECT_EQ(arm.write(kNoTorque), Outcome::kFault);
  EXPECT_EQ(arm.release_brakes(), Outcome::kFault);
  EXPECT_EQ(arm.recover(), Outcome::kOk);
  EXPECT_EQ(arm.fault(), ArmFault::kNone);
  EXPECT_EQ(arm.wait(state), Outcome::kOk);
  EXPECT_TRUE(state.brakes_engaged);
}

TEST(SimArmInLockstep, engages_its_brakes_within_a_period_and_on_stop) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  ArmState state;
  ASSERT_EQ(arm.engage_brakes(), Outcome::kOk);
  ASSERT_EQ(arm.wait(state), Outcome::kOk);
  EXPECT_TRUE(state.brakes_engaged);
  ASSERT_EQ(arm.release_brakes(), Outcome::kOk);
  for (int k = 0; k < 5; ++k) {
    ASSERT_EQ(arm.wait(state), Outcome::kOk);
  }
  EXPECT_FALSE(state.brakes_engaged);
  arm.stop();
  ASSERT_EQ(arm.start(), Outcome::kOk);
  ASSERT_EQ(arm.wait(state), Outcome::kOk);
  EXPECT_TRUE(state.brakes_engaged);
}

TEST(SimArmInLockstep, an_old_torque_does_not_lie_in_wait_for_the_next_release) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  ASSERT_EQ(arm.write({.tau_nm = {50.0, 0, 0, 0, 0, 0, 0}}), Outcome::kOk);
  ASSERT_EQ(arm.engage_brakes(), Outcome::kOk);
  ASSERT_EQ(arm.release_brakes(), Outcome::kOk);  // the newest request counts
  ASSERT_EQ(arm.engage_brakes(), Outcome::kOk);
  ArmState state;
  ASSERT_EQ(arm.wait(state), Outcome::kOk);
  const JointVector q = state.q_rad;
  ASSERT_EQ(arm.release_brakes(), Outcome::kOk);
  for (int k = 0; k < 10; ++k) {
    ASSERT_EQ(arm.wait(state), Outcome::kOk);
  }
  EXPECT_FALSE(state.brakes_engaged);
  EXPECT_EQ(state.tau_nm, JointVector::zero(7));
  EXPECT_LT(core::max_abs_difference(state.q_rad, q), 1e-9);
}

TEST(SimArmInLockstep, loses_states_when_told_to) {
  SimArm arm(fr3(), lockstep());
  ASSERT_EQ(arm.start(), Outcome::kOk);
  ArmState state;
  ASSERT_EQ(arm.wait(state), Outcome::kOk);
  const std::uint64_t before = state.sequence;
  arm.inject_dropped_states(3);
  ASSERT_EQ(arm.wait(state), Outcome::kOk);
  EXPECT_EQ(state.sequence, before + 4);
}

TEST(SimArmInLockstep, sends_a_nan_when_told_to) {
  SimArm arm(fr3(), lockstep());
  ASSERT_EQ(arm.start(), Outcome::kOk);
  arm.inject_nan_states(1);
  ArmState state;
  ASSERT_EQ(arm.wait(state), Outcome::kOk);
  EXPECT_FALSE(state.q_rad.all_finite());
  ASSERT_EQ(arm.wait(state), Outcome::kOk);
  EXPECT_TRUE(state.q_rad.all_finite());
}

TEST(SimArmInLockstep, falls_silent_and_stops_itself_behind_the_silence) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  arm.inject_silence(true);
  ArmState state;
  EXPECT_EQ(arm.wait(state), Outcome::kTimeout);
  EXPECT_EQ(arm.wait(state), Outcome::kTimeout);
  EXPECT_EQ(arm.fault(), ArmFault::kCommunicationConstraintsViolation);
  arm.inject_silence(false);
  EXPECT_EQ(arm.wait(state), Outcome::kFault);
}

TEST(SimArmInLockstep, latches_an_error_when_told_to) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  arm.inject_error();
  ArmState state;
  EXPECT_EQ(arm.wait(state), Outcome::kFault);
  EXPECT_EQ(arm.fault(), ArmFault::kInjected);
}

TEST(SimArmInLockstep, waits_and_writes_without_allocating) {
  SimArm arm(fr3(), lockstep());
  open_brakes(arm);
  ArmState state;
  bool ok = true;
  const testing::AllocationGuard guard;
  for (int k = 0; k < 1000; ++k) {
    ok = arm.write(kNoTorque) == Outcome::kOk && arm.wait(state) == Outcome::kOk && ok;
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(ok);
}

// On its own thread: only what holds however the host schedules.

SimArmOptions patient() {
  return {.strict = false, .wait_periods = 5000, .fifo_priority = std::nullopt};
}

TEST(SimArmOnItsThread, beats_by_itself_and_follows_commands) {
  SimArm arm(fr3(), patient());
  open_brakes(arm);
  ArmState state;
  std::uint64_t last = 0;
  core::Nanoseconds last_stamp = 0;
  for (int k = 0; k < 200; ++k) {
    ASSERT_EQ(arm.write({.tau_nm = {5.0, 0, 0, 0, 0, 0, 0}}), Outcome::kOk);
    ASSERT_EQ(arm.wait(state), Outcome::kOk);
    EXPECT_GT(state.sequence, last);
    EXPECT_GT(state.stamp_ns, last_stamp);
    last = state.sequence;
    last_stamp = state.stamp_ns;
  }
  EXPECT_GT(state.q_rad[0], 0.01);
  arm.stop();
}

TEST(SimArmOnItsThread, stops_itself_when_its_client_is_gone) {
  SimArmOptions options = patient();
  options.strict = true;
  SimArm arm(fr3(), options);
  ASSERT_EQ(arm.start(), Outcome::kOk);
  ASSERT_EQ(arm.release_brakes(), Outcome::kOk);
  ArmState state;
  Outcome outcome = Outcome::kOk;
  while (outcome == Outcome::kOk || !state.brakes_engaged) {
    outcome = arm.wait(state);
    ASSERT_NE(outcome, Outcome::kTimeout);
  }
  EXPECT_EQ(arm.fault(), ArmFault::kCommunicationConstraintsViolation);
  EXPECT_EQ(arm.recover(), Outcome::kOk);
  EXPECT_EQ(arm.wait(state), Outcome::kOk);
}

TEST(SimArmOnItsThread, times_out_in_silence) {
  SimArmOptions options = patient();
  options.wait_periods = 20;
  SimArm arm(fr3(), options);
  ASSERT_EQ(arm.start(), Outcome::kOk);
  arm.inject_silence(true);
  ArmState state;
  Outcome outcome = Outcome::kOk;
  for (int k = 0; k < 3 && outcome == Outcome::kOk; ++k) {  // a state may have been on its way
    outcome = arm.wait(state);
  }
  EXPECT_EQ(outcome, Outcome::kTimeout);
}

TEST(SimArmOnItsThread, takes_injected_faults_from_any_thread_while_it_runs) {
  SimArm arm(fr3(), patient());
  open_brakes(arm);
  std::atomic<bool> done{false};
  std::thread vandal([&] {
    while (!done.load()) {
      arm.inject_nan_states(1);
      arm.inject_dropped_states(1);
      static_cast<void>(arm.fault());
      std::this_thread::yield();
    }
  });
  ArmState state;
  for (int k = 0; k < 100; ++k) {
    EXPECT_EQ(arm.write(kNoTorque), Outcome::kOk);
    if (arm.wait(state) != Outcome::kOk) {
      break;
    }
    if (k == 50) {
      done.store(true);
    }
  }
  done.store(true);
  vandal.join();
  arm.inject_nan_states(0);
  arm.inject_dropped_states(0);
  EXPECT_EQ(arm.fault(), ArmFault::kNone);
}

}  // namespace
}  // namespace takt::robots::sim
