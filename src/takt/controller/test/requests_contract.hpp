#pragma once

#include <functional>
#include <string>
#include <thread>

#include "takt/async/tasks/nursery.hpp"
#include "takt/controller/test/controller_contract.hpp"

/// Every sentence of arm_controller.hpp about what is awaited.
namespace takt::controller::testing {

template <class Rig>
class RequestsContract : public ControllerContract<Rig> {};
TYPED_TEST_SUITE_P(RequestsContract);

TYPED_TEST_P(RequestsContract, StartReturnsWhenTheFirstCycleHasLedTheArm) {
  this->run([&](ArmController& arm) -> Task<void> {
    EXPECT_EQ(arm.state().mode, CycleMode::kStopped);
    co_await arm.start();
    EXPECT_FALSE(this->world.brakes_on);
    EXPECT_GE(arm.state().cycle, 1U);
    EXPECT_EQ(arm.state().mode, CycleMode::kHolding);
    EXPECT_LT(core::max_abs_difference(arm.state().setpoint.q_rad, home()), 1e-9);
    EXPECT_EQ(arm.name(), "test");
  });
  EXPECT_TRUE(this->world.brakes_on);
}

TYPED_TEST_P(RequestsContract, StartingTwiceIsAMistakeOfTheProgramAndTheArmGoesOn) {
  this->run_started([](ArmController& arm) -> Task<void> {
    const std::string said = co_await error_of<LogicError>(arm.start());
    EXPECT_NE(said.find("twice"), std::string::npos) << said;
    co_await cycles(arm, 3);
    EXPECT_EQ(arm.state().mode, CycleMode::kHolding);
  });
}

TYPED_TEST_P(RequestsContract, AnArmThatDoesNotStartIsSaidSoAndStartsLater) {
  this->world.start_outcome = control::Outcome::kDisconnected;
  this->run([&](ArmController& arm) -> Task<void> {
    const std::string said = co_await error_of<DeviceError>(arm.start());
    EXPECT_NE(said.find("test did not start"), std::string::npos) << said;
    EXPECT_EQ(arm.state().mode, CycleMode::kStopped);
    this->world.start_outcome = control::Outcome::kOk;
    co_await arm.start();
    EXPECT_EQ(arm.state().mode, CycleMode::kHolding);
  });
}

TYPED_TEST_P(RequestsContract, StartAfterAFaultSaysWhatToDo) {
  this->run_started([](ArmController& arm) -> Task<void> {
    arm.safe_stop();
    co_await until([&] { return arm.state().mode == CycleMode::kFaulted; });
    co_await arm.stop();
    const std::string said = co_await error_of<FaultError>(arm.start());
    EXPECT_NE(said.find("recover()"), std::string::npos) << said;
    EXPECT_NE(said.find(control::describe(arm.fault())), std::string::npos) << said;
  });
}

TYPED_TEST_P(RequestsContract, AStartThatIsCancelledComesToItsEndAndStopsTheArmAgain) {
  this->world.on_start = [] { std::this_thread::sleep_for(30ms); };
  this->run([&](ArmController& arm) -> Task<void> {
    const bool started = co_await async::with_timeout(5ms, arm.start());
    EXPECT_FALSE(started);
    EXPECT_EQ(this->world.starts, this->world.stops);
    EXPECT_TRUE(this->world.brakes_on);
    co_await until([&] { return arm.state().mode == CycleMode::kStopped || this->world.starts == 0; });
    this->world.on_start = nullptr;
    co_await arm.start();
    EXPECT_FALSE(this->world.brakes_on);
  });
}

TYPED_TEST_P(RequestsContract, StopHaltsClosesTheBrakesAndIsIdempotent) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    arm.set(home_but(1.5));
    co_await until([&] { return arm.state().measured.dq_rad_s[0] > 0.2; });
    co_await arm.stop();
    EXPECT_TRUE(this->world.brakes_on);
    EXPECT_EQ(arm.fault().fault, Fault::kNone);
    EXPECT_EQ(this->world.stops, 1);
    co_await arm.stop();
    EXPECT_EQ(this->world.stops, 1);
    co_await arm.start();
    EXPECT_FALSE(this->world.brakes_on);
  });
}

TYPED_TEST_P(RequestsContract, StopGoesOnToItsEndInACancelledScope) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    const auto program = [&]() -> Task<void> {
      co_await async::with_cleanup(arm.move(home_but(2.0)), 10s, [&] { return arm.stop(); });
    };
    async::CancelScope scope({.deadline_after = 20ms});
    static_cast<void>(co_await scope.run(program()));
    EXPECT_TRUE(scope.cancel_requested());
    EXPECT_TRUE(this->world.brakes_on);

    co_await arm.start();
    async::CancelScope cancelled;
    cancelled.cancel("test");
    static_cast<void>(co_await cancelled.run(arm.stop()));
    EXPECT_TRUE(this->world.brakes_on);
  });
}

TYPED_TEST_P(RequestsContract, RecoverClearsTheFaultHereAndInTheArmAndStartsAgain) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    this->world.fails = true;
    co_await until([&] { return arm.fault().fault == Fault::kArmError; });
    co_await arm.recover();
    EXPECT_EQ(this->world.recoveries, 1);
    EXPECT_EQ(arm.fault().fault, Fault::kNone);
    EXPECT_EQ(arm.state().mode, CycleMode::kHolding);
    co_await arm.move(home_but(0.1));
  });
}

TYPED_TEST_P(RequestsContract, MoveLandsExactlyAndReturnsWhenTheArmIsThere) {
  this->run_started([](ArmController& arm) -> Task<void> {
    const core::JointVector goal = home_but(0.7);
    co_await arm.move(goal, {.tolerance_rad = 0.001});
    EXPECT_EQ(arm.state().setpoint.q_rad, goal);
    EXPECT_TRUE(arm.state().at_rest);
    EXPECT_LE(core::max_abs_difference(arm.state().measured.q_rad, goal), 0.001);
    co_await arm.move(goal);  // is there already
    EXPECT_EQ(arm.state().setpoint.q_rad, goal);
  });
}

TYPED_TEST_P(RequestsContract, MoveBringsTheToolToAPose) {
  this->run_started([](ArmController& arm) -> Task<void> {
    core::Pose X_BE = arm.model().tool_pose(home());
    X_BE.translation() += Eigen::Vector3d(-0.05, 0.04, -0.05);
    co_await arm.move(X_BE);
    const core::Pose reached = arm.model().tool_pose(arm.state().setpoint.q_rad);
    EXPECT_LT((reached.translation() - X_BE.translation()).norm(), 1e-6);
    EXPECT_LT(Eigen::AngleAxisd(reached.linear().transpose() * X_BE.linear()).angle(), 1e-6);
  });
}

TYPED_TEST_P(RequestsContract, AMoveAtLowSpeedIsSlow) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    const core::Nanoseconds begin_ns = arm.state().measured.stamp_ns;
    co_await arm.move(home_but(0.3));
    const core::Nanoseconds turn_ns = arm.state().measured.stamp_ns;
    co_await arm.move(home(), {.speed = 0.1});
    EXPECT_GT(arm.state().measured.stamp_ns - turn_ns, 2 * (turn_ns - begin_ns));
  });
}

TYPED_TEST_P(RequestsContract, ACancelledMoveHaltsTheArm) {
  this->run_started([](ArmController& arm) -> Task<void> {
    async::CancelScope scope;
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("operator", [&]() -> Task<void> {
        co_await until([&] { return arm.state().setpoint.dq_rad_s[0] > 0.2; });
        scope.cancel("the operator said so");
      });
      const bool arrived = co_await scope.run(arm.move(home_but(2.0), {.speed = 0.5}));
      EXPECT_FALSE(arrived);
      co_return async::kJoin;
    });
    co_await until([&] { return arm.state().mode == CycleMode::kHolding && arm.state().at_rest; });
    EXPECT_LT(arm.state().setpoint.q_rad[0], 1.9);
    EXPECT_EQ(arm.fault().fault, Fault::kNone);
    co_await arm.move(home());
  });
}

TYPED_TEST_P(RequestsContract, AMoveInACancelledScopeDoesNotBegin) {
  this->run_started([](ArmController& arm) -> Task<void> {
    const std::uint64_t before = arm.state().command;
    async::CancelScope cancelled;
    cancelled.cancel("test");
    const bool arrived = co_await cancelled.run(arm.move(home_but(1.0)));
    EXPECT_FALSE(arrived);
    co_await cycles(arm, 5);
    EXPECT_EQ(arm.state().command, before);
  });
}

TYPED_TEST_P(RequestsContract, ALawIsUsedThoughItsTaskIsCancelledMeanwhile) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    this->world.paused = true;  // no cycle takes it up
    EXPECT_FALSE(co_await async::with_timeout(20ms, arm.use(control::JointPid{})));
    this->world.paused = false;
    co_await until([&] { return arm.state().law.view() == "joint_pid"; });
    co_await arm.move(home_but(0.1));
  });
}

TYPED_TEST_P(RequestsContract, OfTwoLawsTheLaterTakesOver) {
  this->run_started([](ArmController& arm) -> Task<void> {
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("first", [&]() -> Task<void> { co_await arm.use(control::GravityCompensation{}); });
      nursery.start("second", [&]() -> Task<void> { co_await arm.use(control::OperationalSpace{}); });
      co_return async::kJoin;
    });
    EXPECT_EQ(arm.state().law.view(), "operational_space");
    co_await arm.move(home_but(0.1));
  });
}

TYPED_TEST_P(RequestsContract, AnArmThatWasLetGoIsHeldByAHaltAndLetGoAgainByUsingTheLawAgain) {
  this->run_started([](ArmController& arm) -> Task<void> {
    co_await arm.use(control::GravityCompensation{});
    EXPECT_EQ(arm.state().mode, CycleMode::kRunning);
    arm.halt();
    co_await until([&] { return arm.state().mode == CycleMode::kHolding; });
    co_await arm.use(control::GravityCompensation{});
    EXPECT_EQ(arm.state().mode, CycleMode::kRunning);
  });
}

TYPED_TEST_P(RequestsContract, AMoveThatIsOverruledSaysSo) {
  this->run_started([](ArmController& arm) -> Task<void> {
    const auto overrule = [&arm](std::function<void()> how) -> Task<std::string> {
      std::string said;
      co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
        nursery.start("other", [&]() -> Task<void> {
          co_await until([&] { return arm.state().setpoint.dq_rad_s[0] > 0.05; });
          how();
        });
        said = co_await error_of<DeviceError>(arm.move(home_but(2.0)));
        co_return async::kJoin;
      });
      co_return said;
    };
    const std::string set = co_await overrule([&] { arm.set(home()); });
    EXPECT_NE(set.find("another command"), std::string::npos) << set;
    co_await arm.move(home());
    const std::string halted = co_await overrule([&] { arm.halt(); });
    EXPECT_NE(halted.find("halted"), std::string::npos) << halted;
  });
}

TYPED_TEST_P(RequestsContract, AMoveThatTheCycleHaltsSaysWhy) {
  this->run_started([](ArmController& arm) -> Task<void> {
    const core::Pose X_BE = arm.model().tool_pose(home_but(1.5));
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("fitter", [&]() -> Task<void> {
        co_await until([&] { return arm.state().setpoint.dq_rad_s[0] > 0.05; });
        co_await arm.set_tool(core::Pose(Eigen::Translation3d(0.0, 0.0, 0.05)));
      });
      const std::string said = co_await error_of<DeviceError>(arm.move(X_BE));
      EXPECT_NE(said.find("halted on the way: the tool changed"), std::string::npos) << said;
      co_return async::kJoin;
    });
  });
}

TYPED_TEST_P(RequestsContract, AMoveEndsWithTheFaultThatStopsIt) {
  this->run_started([&](ArmController& arm) -> Task<void> {
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("trouble", [&]() -> Task<void> {
        co_await until([&] { return arm.state().setpoint.dq_rad_s[0] > 0.05; });
        this->world.fails = true;
      });
      const std::string said = co_await error_of<FaultError>(arm.move(home_but(2.0)));
      EXPECT_NE(said.find("reports an error"), std::string::npos) << said;
      co_return async::kJoin;
    });
    const std::string again = co_await error_of<FaultError>(arm.move(home()));
    EXPECT_NE(again.find("recover"), std::string::npos) << again;
  });
}

TYPED_TEST_P(RequestsContract, AMoveOfAnArmThatIsStoppedIsRefused) {
  this->run([](ArmController& arm) -> Task<void> {
    static_cast<void>(co_await error_of<NotRunningError>(arm.move(home())));
    co_await arm.start();
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("stop", [&]() -> Task<void> {
        co_await until([&] { return arm.state().setpoint.dq_rad_s[0] > 0.05; });
        co_await arm.stop();
      });
      static_cast<void>(co_await error_of<DeviceError>(arm.move(home_but(2.0))));
      co_return async::kJoin;
    });
    static_cast<void>(co_await error_of<NotRunningError>(arm.move(home())));
  });
}

REGISTER_TYPED_TEST_SUITE_P(RequestsContract, StartReturnsWhenTheFirstCycleHasLedTheArm,
                            StartingTwiceIsAMistakeOfTheProgramAndTheArmGoesOn,
                            AnArmThatDoesNotStartIsSaidSoAndStartsLater, StartAfterAFaultSaysWhatToDo,
                            AStartThatIsCancelledComesToItsEndAndStopsTheArmAgain,
                            StopHaltsClosesTheBrakesAndIsIdempotent, StopGoesOnToItsEndInACancelledScope,
                            RecoverClearsTheFaultHereAndInTheArmAndStartsAgain,
                            MoveLandsExactlyAndReturnsWhenTheArmIsThere, MoveBringsTheToolToAPose,
                            AMoveAtLowSpeedIsSlow, ACancelledMoveHaltsTheArm, AMoveInACancelledScopeDoesNotBegin,
                            ALawIsUsedThoughItsTaskIsCancelledMeanwhile, OfTwoLawsTheLaterTakesOver,
                            AnArmThatWasLetGoIsHeldByAHaltAndLetGoAgainByUsingTheLawAgain, AMoveThatIsOverruledSaysSo,
                            AMoveThatTheCycleHaltsSaysWhy, AMoveEndsWithTheFaultThatStopsIt,
                            AMoveOfAnArmThatIsStoppedIsRefused);

}  // namespace takt::controller::testing
