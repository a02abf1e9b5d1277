#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/test/cycle_loop_fixture.hpp"
#include "takt/testing/allocation_guard.hpp"

// What the cycle makes of each kind of command, and of the lease, the leash and the freshness that go with it.

namespace takt::control {
namespace {

class CycleLoopCommandsTest : public CycleLoopTest {
 protected:
  [[nodiscard]] core::Nanoseconds now() const { return world.clock.now_ns(); }
  [[nodiscard]] TargetTerms forever() const { return {.stamp_ns = now(), .valid_until_ns = kValidForever}; }

  Command chunk(std::initializer_list<core::JointVector> actions, double step_s) const {
    Command command;
    command.kind = CommandKind::kChunk;
    command.terms = forever();
    for (const core::JointVector& q_rad : actions) {
      const core::Nanoseconds due = now() + core::from_seconds(step_s * (command.count + 1));
      command.actions[command.count++] = {.due_ns = due, .q_rad = q_rad};
    }
    return command;
  }
};

TEST_F(CycleLoopCommandsTest, MeetsATargetThatMovesAndMovesWithIt) {
  start();
  ASSERT_EQ(loop.set({.q_rad = {0.2, 0.0, 0.0}, .dq_rad_s = {0.3, 0.0, 0.0}, .terms = forever()}), Outcome::kOk);
  run(2000);
  EXPECT_NEAR(loop.state().setpoint.q_rad[0], 0.2 + 0.3 * 2.0, 1e-9) << "2000 periods of the arm";
  EXPECT_NEAR(loop.state().setpoint.dq_rad_s[0], 0.3, 1e-9);
}

TEST_F(CycleLoopCommandsTest, ATargetThatMovesComesToRestWhenItsCommanderFallsSilent) {
  start();
  ASSERT_EQ(loop.set({.q_rad = {0.0, 0.0, 0.0}, .dq_rad_s = {0.3, 0.0, 0.0}, .terms = {.stamp_ns = now()}}),
            Outcome::kOk);
  run(1000);
  EXPECT_EQ(loop.state().setpoint.dq_rad_s[0], 0.0);
  EXPECT_TRUE(loop.state().at_rest);
  EXPECT_LT(loop.state().setpoint.q_rad[0], 0.3 * 0.3);
}

TEST_F(CycleLoopCommandsTest, AWayOverTimeIsGoneAlongWithEvenlyUnderStampsThatComeLate) {
  law.compute_ns = 0;
  int states = 0;
  world.falsify = [&](ArmState& state) { state.stamp_ns += 80'000 * (states++ % 3); };
  start();
  constexpr double kWay_rad = 0.3;
  ASSERT_EQ(loop.set({.q_rad = {kWay_rad, 0.0, 0.0}, .due_ns = now() + 800'000'000, .terms = forever()}), Outcome::kOk);
  run(50);  // the cubic begins with an acceleration that the joint has not
  double hardest = 0.0;
  for (int i = 0; i < 740; ++i) {
    run(1);
    hardest = std::max(hardest, std::abs(loop.state().setpoint.ddq_rad_s2[0]));
  }
  EXPECT_LT(hardest, 1.02 * 6.0 * kWay_rad / (0.8 * 0.8)) << "of a cubic";
  run(20);
  EXPECT_NEAR(loop.state().setpoint.q_rad[0], kWay_rad, 1e-4);
}

TEST_F(CycleLoopCommandsTest, PlaysAChunkOnTime) {
  start();
  ASSERT_EQ(loop.submit(chunk({{0.02, 0.0, 0.0}, {0.05, 0.01, 0.0}, {0.08, 0.02, 0.0}, {0.1, 0.03, 0.0}}, 0.1)),
            Outcome::kOk);
  run(201);
  EXPECT_NEAR(loop.state().setpoint.q_rad[0], 0.05, 1e-3);
  EXPECT_EQ(loop.state().following, CommandKind::kChunk);
  run(400);
  EXPECT_NEAR(loop.state().setpoint.q_rad[0], 0.1, 1e-9);
  EXPECT_TRUE(loop.state().at_rest);
}

TEST_F(CycleLoopCommandsTest, AChunkThatAsksForTooMuchIsFollowedWithinTheLimits) {
  start();
  ASSERT_EQ(loop.submit(chunk({{1.0, 0.0, 0.0}, {1.0, 0.0, 0.0}}, 0.01)), Outcome::kOk);
  double fastest = 0.0;
  double hardest = 0.0;
  for (int i = 0; i < 3000; ++i) {
    run(1);
    fastest = std::max(fastest, std::abs(loop.state().setpoint.dq_rad_s[0]));
    hardest = std::max(hardest, std::abs(loop.state().setpoint.ddq_rad_s2[0]));
  }
  EXPECT_LE(fastest, 2.0 * (1.0 + 1e-9));
  EXPECT_LE(hardest, 10.0 * (1.0 + 1e-9));
  EXPECT_NEAR(loop.state().setpoint.q_rad[0], 1.0, 1e-9);
}

TEST_F(CycleLoopCommandsTest, CountsWhatIsLate) {
  start();
  Command command = chunk({{0.1, 0.0, 0.0}, {0.2, 0.0, 0.0}, {0.3, 0.0, 0.0}}, 0.1);
  for (std::size_t k = 0; k < command.count; ++k) {
    command.actions[k].due_ns -= 250'000'000;
  }
  ASSERT_EQ(loop.submit(command), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.stats().late_actions, 2U);
  EXPECT_EQ(loop.stats().refused_commands, 0U);
  for (std::size_t k = 0; k < command.count; ++k) {
    command.actions[k].due_ns -= 250'000'000;
  }
  ASSERT_EQ(loop.submit(command), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.stats().late_chunks, 1U);
  EXPECT_EQ(loop.stats().refused_commands, 0U);
  EXPECT_EQ(loop.state().following, CommandKind::kChunk) << "the one before goes on";
}

TEST_F(CycleLoopCommandsTest, SpeedScalesTheBudgetsOfOneCommand) {
  start();
  TargetTerms slow = forever();
  slow.speed = 0.1;
  ASSERT_EQ(loop.set({.q_rad = {1.5, 0.0, 0.0}, .terms = slow}), Outcome::kOk);
  run(2000);
  EXPECT_NEAR(loop.state().setpoint.dq_rad_s[0], 0.1, 1e-9) << "a tenth of half of 2 rad/s";
  ASSERT_EQ(go({1.5, 0.0, 0.0}), Outcome::kOk);
  run(600);
  EXPECT_GT(loop.state().setpoint.dq_rad_s[0], 0.5);
}

TEST_F(CycleLoopCommandsTest, StopsSafelyWhenNobodyCommandsForTooLong) {
  CycleOptions options = options_for(world);
  options.freshness.stop_after_s = 1.0;
  CycleLoop strict(arm, law, model, options);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(strict.run_once());
  }
  EXPECT_EQ(strict.mode(), CycleMode::kHolding) << "nobody has commanded yet";
  ASSERT_EQ(strict.set({.q_rad = {1.0, 0.0, 0.0}, .terms = {.stamp_ns = now()}}), Outcome::kOk);
  for (int i = 0; i < 900; ++i) {
    ASSERT_TRUE(strict.run_once());
  }
  EXPECT_EQ(strict.mode(), CycleMode::kHolding) << "hold, halt, at rest";
  EXPECT_FALSE(world.brakes_on);
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(strict.run_once());
  }
  EXPECT_EQ(strict.fault().fault, Fault::kStale);
  EXPECT_TRUE(world.brakes_on);
}

TEST_F(CycleLoopCommandsTest, AHaltEndsTheCommandAndItsAge) {
  CycleOptions options = options_for(world);
  options.freshness.stop_after_s = 0.5;
  CycleLoop strict(arm, law, model, options);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(strict.run_once());
  }
  ASSERT_EQ(strict.set({.q_rad = {1.0, 0.0, 0.0}, .terms = {.stamp_ns = now()}}), Outcome::kOk);
  ASSERT_TRUE(strict.run_once());
  strict.request_halt();
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(strict.run_once());
  }
  EXPECT_EQ(strict.fault().fault, Fault::kNone) << "who said halt need not go on talking";
}

TEST_F(CycleLoopCommandsTest, OnlyTheHolderOfTheLeaseIsFollowed) {
  Lease lease;
  const LeaseEpoch first = lease.acquire("first", 0, kUnlimited).value();
  CycleLoop leased(arm, law, model, options_for(world), {.lease = &lease});
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(leased.run_once());
  }
  TargetTerms terms = forever();
  terms.epoch = first + 1;
  ASSERT_EQ(leased.set({.q_rad = {1.0, 0.0, 0.0}, .terms = terms}), Outcome::kOk);
  ASSERT_TRUE(leased.run_once());
  EXPECT_EQ(leased.state().following, CommandKind::kNone);
  EXPECT_EQ(leased.stats().refused_epochs, 1U);
  terms.epoch = first;
  ASSERT_EQ(leased.set({.q_rad = {1.0, 0.0, 0.0}, .terms = terms}), Outcome::kOk);
  ASSERT_TRUE(leased.run_once());
  EXPECT_EQ(leased.state().following, CommandKind::kJoint);
  EXPECT_EQ(leased.state().epoch, first);
}

TEST_F(CycleLoopCommandsTest, AnArmThatIsHeldKeepsItsSetpointOnALeash) {
  CycleOptions options = options_for(world);
  options.leash_rad = 0.05;
  CycleLoop leashed(arm, law, model, options);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(leashed.run_once());
  }
  world.blocked = true;
  ASSERT_EQ(leashed.set({.q_rad = {1.0, 0.0, 0.0}, .terms = forever()}), Outcome::kOk);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(leashed.run_once());
  }
  EXPECT_TRUE(leashed.state().leashed);
  EXPECT_LT(leashed.state().setpoint.q_rad[0], 0.12) << "no further than the stop takes";
  EXPECT_EQ(leashed.fault().fault, Fault::kNone);
  EXPECT_GT(leashed.stats().leashed_cycles, 1000U);
  world.blocked = false;
  for (int i = 0; i < 4000; ++i) {
    ASSERT_TRUE(leashed.run_once());
  }
  EXPECT_FALSE(leashed.state().leashed);
  EXPECT_NEAR(world.q_rad[0], 1.0, 1e-4) << "it goes on to where it was sent";
}

TEST_F(CycleLoopCommandsTest, WhatAHostileWriterPutsInTheMailboxMovesNothing) {
  auto ports = std::make_unique<CyclePorts::Own>();
  CycleLoop open(arm, law, model, options_for(world), {.state = &ports->state, .command = &ports->command});
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(open.run_once());
  }
  Command bad = to_command(JointTarget{.q_rad = {1e9, kNan, 0.0}, .terms = forever()});
  ports->command.commands.store(bad);
  ASSERT_TRUE(open.run_once());
  bad = to_command(TorqueTarget{.tau_nm = {50.0, 50.0, 50.0}, .terms = forever()});
  ports->command.commands.store(bad);
  ASSERT_TRUE(open.run_once());
  EXPECT_EQ(open.stats().refused_commands, 2U);
  EXPECT_EQ(open.state().following, CommandKind::kNone);
  EXPECT_EQ(open.mode(), CycleMode::kHolding);
  EXPECT_EQ(ports->state.mode.load(), CycleMode::kHolding) << "the state is shown in the port that was given";
}

TEST_F(CycleLoopCommandsTest, NoCommandMakesTheCycleAllocate) {
  start();
  const Command timed = chunk({{0.1, 0.0, 0.0}, {0.2, 0.0, 0.0}, {0.3, 0.0, 0.0}}, 0.05);
  const testing::AllocationGuard guard;
  static_cast<void>(loop.submit(timed));
  run(100);
  static_cast<void>(loop.set({.q_rad = {0.2, 0.0, 0.0}, .dq_rad_s = {0.1, 0.0, 0.0}, .terms = forever()}));
  run(100);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
