#pragma once

#include <limits>
#include <string>
#include <vector>

#include "takt/controller/test/controller_contract.hpp"

/// Bad input, of every kind: a typed error at once, and the arm undisturbed.
namespace takt::controller::testing {

template <class Rig>
class RefusalsContract : public ControllerContract<Rig> {
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
TYPED_TEST_SUITE_P(RefusalsContract);

TYPED_TEST_P(RefusalsContract, BadJointTargetsAreRefusedAtOnce) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    const auto expect = [&](Refusal refusal, const Target& target, TargetOptions how, std::string part) {
      return this->expect_refusal(arm, refusal, [&arm, target, how] { arm.set(target, how); }, std::move(part));
    };
    co_await expect(Refusal::kSize, core::JointVector{0.1, 0.2}, {}, "2 numbers for 7");
    co_await expect(Refusal::kNotFinite, home_but(this->kNan), {}, "joint 1 is nan");
    co_await expect(Refusal::kRange, home_but(2.6), {}, "2.6");
    core::JointVector fast = core::JointVector::zero(7);
    fast[2] = 5.0;
    co_await expect(Refusal::kSpeed, Joints{home(), fast}, {}, "joint 3");
    fast[2] = 1.0;  // half of the limit, the budget itself
    co_await expect(Refusal::kSpeed, Joints{home(), fast}, {}, "less than 1 is possible");
    co_await expect(Refusal::kTime, home(), {.valid_for = -1ms}, "valid for -1000000 ns");
    co_await expect(Refusal::kTime, home(), {.valid_for = 0ms}, "valid for 0 ns");
    co_await expect(Refusal::kTime, home(), {.stamp_ns = this->world.clock.now_ns() + 3'600'000'000'000}, "future");
    co_await expect(Refusal::kTime, home(), {.stamp_ns = -5}, "negative");
    co_await expect(Refusal::kLaw, Torques{core::JointVector::zero(7)}, {}, "JointTorque");
  });
}

TYPED_TEST_P(RefusalsContract, BadPosesAreRefusedAtOnce) {
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

TYPED_TEST_P(RefusalsContract, BadChunksAreRefusedAtOnce) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    const core::Nanoseconds now_ns = this->world.clock.now_ns();
    const auto expect = [&](Refusal refusal, const ActionChunk& chunk, std::string part) {
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

TYPED_TEST_P(RefusalsContract, ATargetForAnArmThatDoesNotRunIsRefused) {
  this->run([](ArmController& arm) -> Task<void> {
    EXPECT_THROW(arm.set(home()), NotRunningError);
    EXPECT_THROW(arm.play(ActionChunk::evenly(1, 10ms, std::vector<core::JointVector>{home()})), NotRunningError);
    co_await arm.start();
    arm.safe_stop();
    co_await until([&] { return arm.state().mode == CycleMode::kFaulted; });
    EXPECT_EQ(arm.fault().fault, Fault::kRequested);
    co_await until([&] { return arm.state().measured.brakes_engaged; });
    EXPECT_THROW(arm.set(home()), FaultError);
  });
}

TYPED_TEST_P(RefusalsContract, AnotherLawTakesOverAndABadOneChangesNothing) {
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

TYPED_TEST_P(RefusalsContract, ImpossibleMovesAreRefusedAtOnce) {
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

REGISTER_TYPED_TEST_SUITE_P(RefusalsContract, BadJointTargetsAreRefusedAtOnce, BadPosesAreRefusedAtOnce,
                            BadChunksAreRefusedAtOnce, ATargetForAnArmThatDoesNotRunIsRefused,
                            AnotherLawTakesOverAndABadOneChangesNothing, ImpossibleMovesAreRefusedAtOnce);

}  // namespace takt::controller::testing
