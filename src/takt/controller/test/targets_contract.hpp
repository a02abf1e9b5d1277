#pragma once

#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/controller/test/controller_contract.hpp"
#include "takt/core/time.hpp"

/// Every sentence of arm_controller.hpp about what is stored and loaded.
namespace takt::controller::testing {

template <class Rig>
class TargetsContract : public ControllerContract<Rig> {
 protected:
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

  /// The refusal of a target, by the arm that goes on undisturbed.
  template <class F>
  Task<void> expect_refusal(ArmController& arm, Refusal refusal, F offend, std::string part) {
    const CycleState before = arm.state();
    try {
      offend();
      ADD_FAILURE() << "not refused: " << to_text(refusal);
    } catch (const TargetError& error) {
      EXPECT_EQ(error.refusal(), refusal) << error.what();
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what() << " lacks " << part;
    }
    co_await cycles(arm, 3);
    const CycleState after = arm.state();
    EXPECT_EQ(after.command, before.command);
    EXPECT_EQ(after.mode, before.mode);
    EXPECT_EQ(after.setpoint.q_rad, before.setpoint.q_rad);
    EXPECT_EQ(arm.fault().fault, Fault::kNone);
  }
};
TYPED_TEST_SUITE_P(TargetsContract);

TYPED_TEST_P(TargetsContract, TheArmGoesWhereItWasSetAndTheLatestWins) {
  this->run_started([](ArmController& arm) -> Task<void> {
    arm.set(home_but(1.0));
    arm.set(home_but(-0.3));
    co_await until([&] { return arm.state().setpoint.q_rad == home_but(-0.3); });
    EXPECT_EQ(arm.state().mode, CycleMode::kRunning);
  });
}

TYPED_TEST_P(TargetsContract, ATargetThatMovesOnIsFollowed) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    core::JointVector velocity = core::JointVector::zero(7);
    velocity[0] = 0.2;
    arm.set(Joints{.q_rad = home(), .dq_rad_s = velocity});
    co_await until([&] { return arm.state().setpoint.q_rad[0] > 0.3; });
    EXPECT_NEAR(arm.state().setpoint.dq_rad_s[0], 0.2, 1e-9);
  });
}

TYPED_TEST_P(TargetsContract, APoseIsFollowed) {
  this->run_started([](ArmController& arm) -> Task<void> {
    core::Pose X_BE = arm.model().tool_pose(home());
    X_BE.translation().z() -= 0.05;
    arm.set(X_BE);
    co_await until([&] { return arm.state().at_rest && arm.state().following == control::CommandKind::kPose; });
    EXPECT_LT((arm.model().tool_pose(arm.state().setpoint.q_rad).translation() - X_BE.translation()).norm(), 1e-6);
  });
}

TYPED_TEST_P(TargetsContract, TorquesReachTheLawThatTakesThem) {
  this->run_started([](ArmController& arm) -> Task<void> {
    co_await arm.use(control::JointTorque{});
    core::JointVector tau = core::JointVector::zero(7);
    tau[6] = 0.5;
    arm.set(Torques{tau});
    co_await until([&] { return arm.state().tau_nm[6] == 0.5; });
    EXPECT_EQ(arm.state().following, control::CommandKind::kTorque);
  });
}

TYPED_TEST_P(TargetsContract, AnyThreadSetsAtAnyRateBesideChangesOfTheTool) {
  this->run_started([](ArmController& arm) -> Task<void> {
    std::atomic<bool> ended{false};
    std::atomic<int> sets{0};
    const core::Pose X_BE = arm.model().tool_pose(home());
    std::thread commander([&] {
      while (!ended) {
        arm.set(home_but(0.001 * (sets % 100)));
        core::Pose lower = X_BE;
        lower.translation().z() -= 0.02;
        arm.set(lower);
        ++sets;
      }
    });
    for (int k = 1; k <= 20; ++k) {
      core::Pose X_FE = core::Pose::Identity();
      X_FE.translation().z() = 0.001 * k;
      co_await arm.set_tool(X_FE);
      EXPECT_EQ(arm.model().tool().translation().z(), 0.001 * k);
    }
    co_await until([&] { return sets > 50; });
    ended = true;
    commander.join();
    EXPECT_EQ(arm.fault().fault, Fault::kNone);
  });
}

TYPED_TEST_P(TargetsContract, WhatGoesStaleIsHeldHaltedAndStoppedSafely) {
  this->options.cycle.freshness = {.hold_after_s = 0.05, .halt_after_s = 0.25, .stop_after_s = 1.0};
  this->run_started([](ArmController& arm) -> Task<void> {
    arm.set(home_but(0.2), {.valid_for = 300ms});
    const core::Nanoseconds set_ns = arm.state().measured.stamp_ns;
    co_await until([&] { return arm.fault().fault != Fault::kNone; });
    EXPECT_EQ(arm.fault().fault, Fault::kStale) << control::describe(arm.fault());
    EXPECT_GT(arm.fault().stamp_ns - set_ns, 300'000'000);
    co_await until([&] { return arm.state().measured.brakes_engaged; });
    EXPECT_THROW(arm.set(home()), FaultError);
  });
}

TYPED_TEST_P(TargetsContract, AnArmThatWasHaltedOrMovedHoldsForEver) {
  this->options.cycle.freshness = {.hold_after_s = 0.05, .halt_after_s = 0.1, .stop_after_s = 0.3};
  this->run_started([](ArmController& arm) -> Task<void> {
    co_await arm.move(home_but(0.1));
    co_await cycles(arm, 1000);
    arm.set(home_but(0.2), {.valid_for = 50ms});
    arm.halt();
    co_await cycles(arm, 1000);
    EXPECT_EQ(arm.fault().fault, Fault::kNone);
  });
}

TYPED_TEST_P(TargetsContract, AChunkIsPlayedAndWhatIsLateIsCounted) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    std::vector<core::JointVector> targets;
    for (int k = 0; k < 16; ++k) {
      targets.push_back(home_but(0.01 * k));
    }
    const core::Nanoseconds begin_ns = this->world.clock.now_ns() - 50'000'000;
    arm.play(ActionChunk::evenly(begin_ns, 100ms, targets));
    co_await until([&] { return arm.state().setpoint.q_rad[0] > 0.149 && arm.state().at_rest; });
    co_await until([&] { return arm.stats().late_actions > 0; });  // statistics may be a moment old
    EXPECT_EQ(arm.stats().late_actions, 1U);
    EXPECT_NEAR(arm.state().setpoint.q_rad[0], 0.15, 1e-6);
  });
}

TYPED_TEST_P(TargetsContract, BadJointTargetsAreRefusedAtOnce) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    const auto expect = [&](Refusal refusal, Target target, TargetOptions how, std::string part) {
      return this->expect_refusal(arm, refusal, [&arm, target, how] { arm.set(target, how); }, std::move(part));
    };
    co_await expect(Refusal::kSize, core::JointVector{0.1, 0.2}, {}, "2 numbers for 7");
    co_await expect(Refusal::kNotFinite, home_but(this->kNan), {}, "joint 1 is nan");
    co_await expect(Refusal::kRange, home_but(2.6), {}, "2.6");
    core::JointVector fast = core::JointVector::zero(7);
    fast[2] = 5.0;
    co_await expect(Refusal::kSpeed, Joints{home(), fast}, {}, "joint 3");
    co_await expect(Refusal::kTime, home(), {.valid_for = -1ms}, "valid for -1000000 ns");
    co_await expect(Refusal::kTime, home(), {.valid_for = 0ms}, "valid for 0 ns");
    co_await expect(Refusal::kTime, home(), {.stamp_ns = this->world.clock.now_ns() + 3'600'000'000'000}, "future");
    co_await expect(Refusal::kTime, home(), {.stamp_ns = -5}, "negative");
    co_await expect(Refusal::kLaw, Torques{core::JointVector::zero(7)}, {}, "JointTorque");
  });
}

TYPED_TEST_P(TargetsContract, BadPosesAreRefusedAtOnce) {
  this->options.cycle.workspace = control::Workspace{.lowest_m = {-2, -2, 0.2}, .highest_m = {2, 2, 2}};
  this->run_started([&](ArmController& arm) -> Task<void> {
    const core::Pose here = arm.model().tool_pose(home());
    const auto expect = [&](Refusal refusal, const ToolPose& pose, std::string part) {
      return this->expect_refusal(arm, refusal, [&arm, pose] { arm.set(pose); }, std::move(part));
    };
    core::Pose bad = here;
    bad.translation().x() = this->kNan;
    co_await expect(Refusal::kNotFinite, {.X_BE = bad}, "not finite");
    bad = here;
    bad.linear() *= 1.002;
    co_await expect(Refusal::kRotation, {.X_BE = bad}, "right angles");
    bad = here;
    bad.linear().col(0) *= -1.0;
    co_await expect(Refusal::kRotation, {.X_BE = bad}, "reflection");
    bad = here;
    bad.translation() = Eigen::Vector3d(1.9, 0.0, 0.5);
    co_await expect(Refusal::kUnreachable, {.X_BE = bad}, "1.9");
    bad = here;
    bad.translation().z() = 0.1;
    co_await expect(Refusal::kWorkspace, {.X_BE = bad}, "workspace");
    co_await expect(Refusal::kSpeed, {.X_BE = here, .v_m_s = {50.0, 0.0, 0.0}}, "50 m/s");
    co_await expect(Refusal::kNotFinite, {.X_BE = here, .w_rad_s = {0.0, this->kNan, 0.0}}, "angular");
  });
}

TYPED_TEST_P(TargetsContract, BadChunksAreRefusedAtOnce) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    const core::Nanoseconds now_ns = this->world.clock.now_ns();
    const auto expect = [&](Refusal refusal, ActionChunk chunk, std::string part) {
      return this->expect_refusal(arm, refusal, [&arm, chunk] { arm.play(chunk); }, std::move(part));
    };
    co_await expect(Refusal::kEmpty, {}, "0 actions");
    const std::vector<core::JointVector> many(control::kMaxActions + 1, home());
    co_await expect(Refusal::kEmpty, ActionChunk::evenly(now_ns, 10ms, many), "65 actions");
    const std::vector<core::JointVector> two(2, home());
    co_await expect(Refusal::kTime, ActionChunk::evenly(now_ns, 0ms, two), "action 2");
    std::vector<core::JointVector> far = two;
    far[1][3] = 9.0;
    co_await expect(Refusal::kRange, ActionChunk::evenly(now_ns, 10ms, far), "action 2: joint 4 at 9");
    core::Pose away = core::Pose::Identity();
    away.translation().x() = 5.0;
    co_await expect(Refusal::kUnreachable, ActionChunk::evenly(now_ns, 10ms, std::vector<core::Pose>{away}),
                    "action 1");
  });
}

TYPED_TEST_P(TargetsContract, ATargetForAnArmThatDoesNotRunIsRefused) {
  this->run([](ArmController& arm) -> Task<void> {
    EXPECT_THROW(arm.set(home()), NotRunningError);
    EXPECT_THROW(arm.play(ActionChunk::evenly(1, 10ms, std::vector<core::JointVector>{home()})), NotRunningError);
    co_await arm.start();
    arm.safe_stop();
    co_await until([&] { return arm.state().mode == CycleMode::kFaulted; });
    EXPECT_EQ(arm.fault().fault, Fault::kRequested);
    EXPECT_TRUE(arm.state().measured.brakes_engaged);
    EXPECT_THROW(arm.set(home()), FaultError);
  });
}

TYPED_TEST_P(TargetsContract, AnotherLawTakesOverAndABadOneChangesNothing) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    EXPECT_EQ(arm.state().law.view(), "joint_impedance");
    co_await arm.use(control::JointPid{});
    EXPECT_EQ(arm.state().law.view(), "joint_pid");
    control::JointImpedance bad;
    bad.stiffness_nm_rad = core::JointVector::constant(7, -1.0);
    const std::string said = co_await error_of<ConfigError>(arm.use(bad));
    EXPECT_NE(said.find("stiffness"), std::string::npos) << said;
    co_await cycles(arm, 3);
    EXPECT_EQ(arm.state().law.view(), "joint_pid");
    co_await arm.use(control::GravityCompensation{});
    co_await this->expect_refusal(arm, Refusal::kLaw, [&arm] { arm.set(home()); }, "is led");
    static_cast<void>(co_await error_of<TargetError>(arm.move(home())));
    co_await arm.use(control::OperationalSpace{});
    co_await arm.move(home_but(0.1));
  });
}

TYPED_TEST_P(TargetsContract, ToolAndPayloadAreBelievedFromTheNextCycleOn) {
  this->run_started([](ArmController& arm) -> Task<void> {
    core::Pose X_FE = core::Pose::Identity();
    X_FE.translation().z() = 0.1;
    co_await arm.set_tool(X_FE);
    EXPECT_TRUE(arm.model().tool().isApprox(X_FE));
    core::Pose bad = X_FE;
    bad.linear() *= 2.0;
    static_cast<void>(co_await error_of<LogicError>(arm.set_tool(bad)));
    EXPECT_TRUE(arm.model().tool().isApprox(X_FE));
    control::LinkInertia load{.mass_kg = 0.5, .I_C_kg_m2 = 0.001 * Eigen::Matrix3d::Identity()};
    co_await arm.set_payload(load);
    EXPECT_EQ(arm.model().payload()->mass_kg, 0.5);
    load.mass_kg = -1.0;
    static_cast<void>(co_await error_of<LogicError>(arm.set_payload(load)));
    EXPECT_EQ(arm.model().payload()->mass_kg, 0.5);
    EXPECT_EQ(arm.fault().fault, Fault::kNone);
  });
}

TYPED_TEST_P(TargetsContract, ImpossibleMovesAreRefusedAtOnce) {
  this->run_started([](ArmController& arm) -> Task<void> {
    const std::uint64_t before = arm.state().command;
    static_cast<void>(co_await error_of<TargetError>(arm.move(home_but(9.0))));
    static_cast<void>(co_await error_of<TargetError>(arm.move(Torques{core::JointVector::zero(7)})));
    static_cast<void>(co_await error_of<TargetError>(arm.move(Joints{home(), core::JointVector::constant(7, 0.1)})));
    static_cast<void>(co_await error_of<LogicError>(arm.move(home(), {.speed = 0.0})));
    static_cast<void>(co_await error_of<LogicError>(arm.move(home(), {.speed = 1.5})));
    static_cast<void>(co_await error_of<LogicError>(arm.move(home(), {.tolerance_rad = 0.0})));
    EXPECT_EQ(arm.state().command, before);
  });
}

TYPED_TEST_P(TargetsContract, EvidenceIsThereAfterAFaultAndNotBefore) {
  this->run_started([](ArmController& arm) -> Task<void> {
    co_await cycles(arm, 50);
    EXPECT_TRUE((co_await arm.evidence()).empty());
    arm.safe_stop();
    co_await until([&] { return arm.state().mode == CycleMode::kFaulted; });
    const std::vector<CycleState> kept = co_await arm.evidence();
    EXPECT_GT(kept.size(), 50U);
    EXPECT_LT(kept.front().cycle, kept.back().cycle);
    EXPECT_EQ(kept.front().fault, Fault::kNone);
    EXPECT_EQ(kept.back().fault, Fault::kRequested);
  });
}

TYPED_TEST_P(TargetsContract, StatisticsCountTheCycles) {
  this->run_started([](ArmController& arm) -> Task<void> {
    co_await cycles(arm, 100);
    co_await until([&] { return arm.stats().cycles >= 100; });  // they may be a moment old
    EXPECT_EQ(arm.stats().stale_targets, 0U);
  });
}

TYPED_TEST_P(TargetsContract, TheRhythmIsWithoutDriftAndCountsWhatItMissed) {
  this->run([](ArmController& arm) -> Task<void> {
    const async::Tick first = co_await arm.pace(Frequency{200.0});
    const async::Tick second = co_await arm.pace(Frequency{200.0});
    EXPECT_EQ((second.deadline_ns - first.deadline_ns) % 5'000'000, 0);
    const std::uint64_t before = arm.overruns();
    std::this_thread::sleep_for(12ms);  // the loop is blocked over two beats
    const async::Tick late = co_await arm.pace(Frequency{200.0});
    EXPECT_GE(late.missed, 2U);
    EXPECT_EQ(arm.overruns() - before, late.missed);
    EXPECT_EQ((late.deadline_ns - first.deadline_ns) % 5'000'000, 0);
    static_cast<void>(co_await error_of<LogicError>(arm.pace(Frequency{0.0})));
    static_cast<void>(co_await error_of<LogicError>(arm.pace(Frequency{-3.0})));
    const auto tick = co_await async::with_timeout(10ms, arm.pace(Frequency{0.001}));
    EXPECT_FALSE(tick.has_value());
  });
}

TYPED_TEST_P(TargetsContract, AnyThreadLooksWithoutWaiting) {
  this->run_started([](ArmController& arm) -> Task<void> {
    std::thread observer([&] {
      std::uint64_t last = 0;
      for (int k = 0; k < 2000; ++k) {
        const CycleState seen = arm.state();
        EXPECT_GE(seen.cycle, last);
        last = seen.cycle;
        static_cast<void>(arm.stats());
        static_cast<void>(arm.fault());
      }
    });
    observer.join();
    co_return;
  });
}

REGISTER_TYPED_TEST_SUITE_P(TargetsContract, TheArmGoesWhereItWasSetAndTheLatestWins, ATargetThatMovesOnIsFollowed,
                            APoseIsFollowed, TorquesReachTheLawThatTakesThem,
                            AnyThreadSetsAtAnyRateBesideChangesOfTheTool, WhatGoesStaleIsHeldHaltedAndStoppedSafely,
                            AnArmThatWasHaltedOrMovedHoldsForEver, AChunkIsPlayedAndWhatIsLateIsCounted,
                            BadJointTargetsAreRefusedAtOnce, BadPosesAreRefusedAtOnce, BadChunksAreRefusedAtOnce,
                            ATargetForAnArmThatDoesNotRunIsRefused, AnotherLawTakesOverAndABadOneChangesNothing,
                            ToolAndPayloadAreBelievedFromTheNextCycleOn, ImpossibleMovesAreRefusedAtOnce,
                            EvidenceIsThereAfterAFaultAndNotBefore, StatisticsCountTheCycles,
                            TheRhythmIsWithoutDriftAndCountsWhatItMissed, AnyThreadLooksWithoutWaiting);

}  // namespace takt::controller::testing
