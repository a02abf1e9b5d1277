#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/controller/test/controller_contract.hpp"
#include "takt/core/time.hpp"
#include "takt/testing/allocation_guard.hpp"

/// Every sentence of arm_controller.hpp about what is stored and loaded.
namespace takt::controller::testing {

template <class Rig>
class TargetsContract : public ControllerContract<Rig> {};
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
    tau[0] = 0.5;  // so little that the joint is far from its limits when the switch has faded
    co_await until([&] {
      arm.set(Torques{tau}, {.valid_for = 1s});
      const CycleState seen = arm.state();
      return std::abs(seen.tau_nm[0] - 0.5) < 0.02 && seen.following == control::CommandKind::kTorque;
    });
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
  this->options.cycle.evidence_cycles = 10'000;
  this->run_started([](ArmController& arm) -> Task<void> {
    co_await until([&] {
      arm.set(home_but(1.5), {.valid_for = 300ms});
      return arm.state().command > 0;
    });
    co_await until([&] { return arm.state().mode == CycleMode::kFaulted; });
    EXPECT_EQ(arm.fault().fault, Fault::kStale) << control::describe(arm.fault());
    EXPECT_THROW(arm.set(home()), FaultError);
    const core::Nanoseconds set_ns = arm.state().command_stamp_ns;
    const std::vector<CycleState> kept = co_await arm.evidence();
    const auto age_ms = [&kept, set_ns](const std::function<bool(const CycleState&)>& first) {
      const auto found = std::find_if(kept.begin(), kept.end(), [&](const CycleState& state) {
        return state.measured.stamp_ns > set_ns && state.following == control::CommandKind::kJoint && first(state);
      });
      return found != kept.end() ? 1e-6 * static_cast<double>(found->measured.stamp_ns - set_ns) : -1.0;
    };
    EXPECT_NEAR(age_ms([](const CycleState& s) { return s.mode == CycleMode::kHolding; }), 300.0, 3.0);
    EXPECT_NEAR(age_ms([](const CycleState& s) { return s.mode == CycleMode::kHalting; }), 500.0, 3.0);
    EXPECT_NEAR(age_ms([](const CycleState& s) { return s.fault == Fault::kStale; }), 1250.0, 3.0);
  });
}

TYPED_TEST_P(TargetsContract, WhatIsTakenUpAllocatesNothing) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    core::Pose X_BE = arm.model().tool_pose(home());
    X_BE.translation().z() -= 0.02;
    const Target joints = home_but(0.1);
    const Target pose = X_BE;
    const core::Nanoseconds now_ns = this->world.clock.now_ns();
    const ActionChunk postures =
        ActionChunk::evenly(now_ns, 20ms, std::vector<core::JointVector>(control::kMaxActions, home_but(0.1)));
    const ActionChunk poses = ActionChunk::evenly(now_ns, 20ms, std::vector<core::Pose>(control::kMaxActions, X_BE));
    const takt::testing::AllocationGuard allocations;
    arm.set(joints);
    arm.set(pose, {.valid_for = 1h});
    arm.play(postures);
    arm.play(poses, {.valid_for = 1h});
    EXPECT_EQ(allocations.count(), 0U);
    co_return;
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
    EXPECT_THROW(static_cast<void>(arm.pace(Frequency{0.0})), LogicError);
    EXPECT_THROW(static_cast<void>(arm.pace(Frequency{-3.0})), LogicError);
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
                            WhatIsTakenUpAllocatesNothing, AnArmThatWasHaltedOrMovedHoldsForEver,
                            AChunkIsPlayedAndWhatIsLateIsCounted, ToolAndPayloadAreBelievedFromTheNextCycleOn,
                            EvidenceIsThereAfterAFaultAndNotBefore, StatisticsCountTheCycles,
                            TheRhythmIsWithoutDriftAndCountsWhatItMissed, AnyThreadLooksWithoutWaiting);

}  // namespace takt::controller::testing
