// The control cycle over the simulated FR3, one period at a time: brakes, motion, wrong models, faults. No clock.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/laws/joint_impedance_law.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/sim/sim_arm.hpp"
#include "takt/testing/allocation_guard.hpp"
#include "takt/testing/lock_guard.hpp"

namespace takt::robots::sim {
namespace {

using control::CycleMode;
using control::Outcome;
using core::JointVector;
using models::fr3;

/// A cycle that believes the arm to be `belief` times as heavy as it is.
struct Rig {
  explicit Rig(double belief = 1.0, bool strict = true)
      : model(control::detuned(fr3(), belief)),
        arm(fr3(), {.pace = Pace::kLockstep, .strict = strict}),
        law({}, model),
        loop(arm, law, model, {}) {
    EXPECT_EQ(arm.start(), Outcome::kOk);
  }

  void run(int periods) {
    for (int k = 0; k < periods && loop.run_once(); ++k) {
    }
  }

  void go(const JointVector& q_rad) {
    EXPECT_EQ(loop.set({.q_rad = q_rad, .terms = {.valid_until_ns = control::kValidForever}}), Outcome::kOk);
  }

  [[nodiscard]] double error_rad() const {
    const control::CycleState state = loop.state();
    return core::max_abs_difference(state.measured.q_rad, state.target_rad);
  }

  control::Model model;
  SimArm arm;
  control::JointImpedanceLaw law;
  control::CycleLoop loop;
};

const JointVector kGoal{0.5, -0.4, 0.3, -1.9, -0.4, 1.9, 0.2};

TEST(CycleOnSim, opens_the_brakes_and_holds_the_arm_where_it_stands) {
  Rig rig;
  rig.run(1000);
  EXPECT_EQ(rig.loop.mode(), CycleMode::kHolding);
  EXPECT_FALSE(rig.loop.state().measured.brakes_engaged);
  EXPECT_LT(core::max_abs_difference(rig.loop.state().measured.q_rad, JointVector(fr3().home_rad)), 1e-3);
}

TEST(CycleOnSim, moves_the_arm_to_its_target) {
  Rig rig;
  rig.run(20);
  rig.go(kGoal);
  rig.run(3000);
  EXPECT_EQ(rig.loop.mode(), CycleMode::kRunning);
  EXPECT_TRUE(rig.loop.state().at_rest);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(rig.loop.state().measured.q_rad[i], kGoal[i], 0.005) << "joint " << i + 1;
  }
  // Joint 7 is light, hence soft (K = ω²M, see JointImpedanceLaw), and its friction is 0.2 N·m.
  EXPECT_NEAR(rig.loop.state().measured.q_rad[6], kGoal[6], 0.06);
  EXPECT_EQ(rig.loop.state().measured.command_success_rate, 1.0);
}

TEST(CycleOnSim, bears_a_model_that_is_a_tenth_too_light_or_too_heavy) {
  for (const double belief : {0.9, 1.1}) {
    Rig rig(belief);
    rig.run(20);
    rig.go(kGoal);
    rig.run(3000);
    EXPECT_EQ(rig.loop.fault().fault, control::Fault::kNone);
    EXPECT_LT(rig.error_rad(), 0.06) << "belief " << belief;
  }
}

TEST(CycleOnSim, a_safe_stop_in_motion_ends_at_rest_with_the_brakes_on) {
  Rig rig;
  rig.run(20);
  rig.go(kGoal);
  rig.run(400);
  rig.loop.request_safe_stop();
  rig.run(2000);
  EXPECT_EQ(rig.loop.mode(), CycleMode::kFaulted);
  EXPECT_EQ(rig.loop.fault().fault, control::Fault::kRequested);
  EXPECT_TRUE(rig.loop.state().measured.brakes_engaged);
  EXPECT_EQ(rig.arm.fault(), ArmFault::kNone);
}

TEST(CycleOnSim, takes_an_error_of_the_arm_for_a_fault_and_sees_it_braked) {
  Rig rig;
  rig.run(20);
  rig.go(kGoal);
  rig.run(400);
  rig.arm.inject_error();
  EXPECT_TRUE(rig.loop.run_once());
  EXPECT_EQ(rig.loop.fault().fault, control::Fault::kArmError);
  rig.run(10);
  EXPECT_TRUE(rig.loop.state().measured.brakes_engaged);
  rig.loop.request_stop();
  EXPECT_FALSE(rig.loop.run_once());
}

TEST(CycleOnSim, an_arm_that_no_brake_command_reaches_brakes_itself) {
  Rig rig;
  rig.run(20);
  rig.go(kGoal);
  rig.run(400);
  rig.arm.inject_silence(true);
  control::ArmState state;
  for (int k = 0; k < 60; ++k) {  // of 20 periods each
    static_cast<void>(rig.arm.engage_brakes());
    ASSERT_EQ(rig.arm.wait(state), Outcome::kTimeout);
  }
  static_cast<void>(rig.arm.release_brakes());
  rig.arm.inject_silence(false);
  EXPECT_EQ(rig.arm.wait(state), Outcome::kFault);
  EXPECT_TRUE(state.brakes_engaged);
  EXPECT_EQ(rig.arm.fault(), ArmFault::kCommunicationConstraintsViolation);
}

TEST(CycleOnSim, brake_commands_that_silence_swallowed_are_given_again_though_no_state_comes) {
  Rig rig(1.0, false);  // an arm that does not brake by itself
  rig.run(20);
  rig.go(kGoal);
  rig.run(400);
  rig.arm.inject_silence(true);
  rig.run(10);
  ASSERT_EQ(rig.loop.mode(), CycleMode::kFaulted);
  rig.arm.inject_dropped_states(41);  // of these, 40 in two waits
  rig.arm.inject_silence(false);
  rig.run(2);
  ASSERT_FALSE(rig.loop.state().measured.brakes_engaged);
  rig.run(1);  // brings the first state, which was made before the loop could answer it
  EXPECT_TRUE(rig.loop.state().measured.brakes_engaged);
}

TEST(CycleOnSim, stops_when_a_state_is_not_finite) {
  Rig rig;
  rig.run(20);
  rig.arm.inject_nan_states(1);
  rig.run(100);
  EXPECT_EQ(rig.loop.fault().fault, control::Fault::kStateNotFinite);
  EXPECT_TRUE(rig.loop.state().measured.brakes_engaged);
}

TEST(CycleOnSim, bears_a_few_lost_states_and_gives_up_a_silent_arm) {
  Rig rig;
  rig.run(20);
  rig.go(kGoal);
  rig.run(100);
  rig.arm.inject_dropped_states(5);
  rig.run(100);
  EXPECT_EQ(rig.loop.fault().fault, control::Fault::kNone);
  EXPECT_EQ(rig.loop.stats().missed_states, 5U);
  rig.arm.inject_silence(true);
  rig.run(10);
  EXPECT_EQ(rig.loop.fault().fault, control::Fault::kTimeouts);
  EXPECT_EQ(rig.arm.fault(), ArmFault::kCommunicationConstraintsViolation);
}

TEST(CycleOnSim, runs_both_sides_without_a_lock) {
  Rig rig;
  rig.run(20);
  rig.go(kGoal);
  const testing::LockGuard guard;
  rig.run(1000);
  rig.loop.request_safe_stop();
  rig.run(1000);
  EXPECT_EQ(guard.count(), 0U);
}

TEST(CycleOnSim, runs_both_sides_without_allocating) {
  Rig rig;
  rig.run(20);
  rig.go(kGoal);
  const testing::AllocationGuard guard;
  rig.run(1000);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::robots::sim
