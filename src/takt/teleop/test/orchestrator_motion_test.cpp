#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/test/fake_robots.hpp"
#include "takt/teleop/test/orchestrator_fixture.hpp"

// Who may move a follower when neither its leader nor a policy does, and who wins.
namespace takt::teleop {
namespace {

class MotionTest : public OrchestratorTest {
 protected:
  /// One action, a period after the one before.
  Expected<void, MotionEnd> submit(control::LeaseEpoch epoch, const core::JointVector& q_rad) {
    clock_.advance_ns(kTick);
    messages::RobotState action;
    action.joint_positions = q_rad;
    action.stamp_ns = clock_.now_ns();
    auto submitted = orchestrator_->submit_motion(0, epoch, action);
    follower_->turn();
    return submitted;
  }
  /// Moves the first joint from `from` to `to`, well inside the limits.
  void move(control::LeaseEpoch epoch, double from, double to) {
    for (int i = 1; i <= 200; ++i) {
      const double way = 0.5 * (1.0 - std::cos(M_PI * i / 200.0));
      ASSERT_TRUE(submit(epoch, {std::lerp(from, to, way), 0.0}));
    }
  }
  [[nodiscard]] std::string refusal() {
    const auto epoch = orchestrator_->begin_motion(0, "somebody");
    return epoch ? "" : epoch.error();
  }
};

TEST_F(MotionTest, MovesAFollowerThatNobodyCommands) {
  make();
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch);
  move(*epoch, 0.0, 0.5);
  EXPECT_NEAR(follower_robot_->writes().back()[0], 0.5, 1e-9);
  EXPECT_EQ(follower_->lease().holder(clock_.now_ns())->name.view(), "somebody");
  EXPECT_FALSE(leader_robot_->engaged()) << "a recording that leads must not start for it";
  orchestrator_->end_motion(0, *epoch);
  EXPECT_EQ(follower_robot_->halts(), 1);
  EXPECT_FALSE(follower_->lease().holder(clock_.now_ns()));
}

TEST_F(MotionTest, IsRefusedWhileALeaderLeadsAndNamesIt) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const auto writes = follower_robot_->write_count();
  EXPECT_NE(refusal().find("follower is commanded by teleop"), std::string::npos) << refusal();
  EXPECT_EQ(follower_robot_->write_count(), writes);
  tick();
  EXPECT_EQ(orchestrator_->phase(0), Phase::kEngaged) << "and the leader leads on";
}

TEST_F(MotionTest, IsRefusedToASecondOneAndToOneOfAFaultyFollower) {
  make();
  ASSERT_TRUE(orchestrator_->begin_motion(0, "first"));
  EXPECT_NE(refusal().find("first"), std::string::npos) << refusal();
  follower_->fail("it smokes");
  EXPECT_NE(refusal().find("it smokes"), std::string::npos) << refusal();
}

TEST_F(MotionTest, AnOpenClutchMakesRoomAtOnceAndClosingItTakesItBack) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  orchestrator_->set_clutch(0, false);
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch) << epoch.error();
  tick();  // the leader goes on talking; nobody listens
  move(*epoch, 0.0, 0.5);

  orchestrator_->set_clutch(0, true);
  leader_robot_->set_positions({0.8, 0.0});
  tick();
  const auto over = submit(*epoch, {0.5, 0.0});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error(), MotionEnd::kTakenOver);
  EXPECT_EQ(follower_->lease().holder(clock_.now_ns())->name.view(), "teleop");
  EXPECT_EQ(orchestrator_->phase(0), Phase::kAligning) << "without a jump";
  EXPECT_NEAR(follower_robot_->writes().back()[0], 0.5, 0.02);
  const int halts = follower_robot_->halts();
  orchestrator_->end_motion(0, *epoch);
  EXPECT_EQ(follower_robot_->halts(), halts) << "it is the leader's again";
  tick_until_engaged();
}

TEST_F(MotionTest, OpeningTheClutchHaltsAMotionToo) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  orchestrator_->set_clutch(0, false);
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch);
  move(*epoch, 0.0, 0.3);
  const int halts = follower_robot_->halts();
  orchestrator_->set_clutch(0, false);
  EXPECT_EQ(follower_robot_->halts(), halts + 1);
  EXPECT_EQ(submit(*epoch, {0.31, 0.0}).error(), MotionEnd::kTakenOver);
}

TEST_F(MotionTest, ALeaderThatFellSilentMakesRoomWhenItsLeaseHasRunOutAndTakesItBackWithItsNextState) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  clock_.advance_ns(500 * kMs);
  EXPECT_NE(refusal(), "");
  clock_.advance_ns(600 * kMs);
  follower_->turn();
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch) << epoch.error();
  move(*epoch, 0.0, 0.2);
  tick();
  EXPECT_EQ(submit(*epoch, {0.2, 0.0}).error(), MotionEnd::kTakenOver);
  EXPECT_EQ(orchestrator_->phase(0), Phase::kAligning);
}

TEST_F(MotionTest, AChangeOfModeEndsIt) {
  for (const ControlMode mode : {ControlMode::kTeleop, ControlMode::kPolicy, ControlMode::kTrajectory}) {
    make();
    const auto epoch = orchestrator_->begin_motion(0, "somebody");
    ASSERT_TRUE(epoch);
    ASSERT_TRUE(submit(*epoch, {0.0, 0.0}));
    orchestrator_->set_mode(mode);
    EXPECT_EQ(submit(*epoch, {0.0, 0.0}).error(), MotionEnd::kTakenOver);
    EXPECT_EQ(follower_robot_->halts(), mode == ControlMode::kTrajectory ? 1 : 0);
    orchestrator_.reset();
  }
}

TEST_F(MotionTest, TheModeThatItIsAlreadyEndsIt) {
  make();
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch);
  ASSERT_TRUE(submit(*epoch, {0.0, 0.0}));
  orchestrator_->set_mode(ControlMode::kIdle);
  EXPECT_EQ(follower_robot_->halts(), 1);
  EXPECT_FALSE(follower_->lease().holder(clock_.now_ns()));
  EXPECT_EQ(submit(*epoch, {0.0, 0.0}).error(), MotionEnd::kTakenOver);
}

TEST_F(MotionTest, TheModeThatItIsAlreadyDoesNotDisturbALeader) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  EXPECT_EQ(orchestrator_->phase(0), Phase::kEngaged);
  EXPECT_EQ(follower_robot_->halts(), 0);
}

/// The fixture's time; what the test wants happens when somebody looks at it next.
class EventfulClock final : public core::Clock {
 public:
  explicit EventfulClock(core::Clock& clock) : clock_(clock) {}
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override {
    if (const auto happens = std::exchange(next_, nullptr)) {
      happens();
    }
    return clock_.now_ns();
  }
  void sleep_until_ns(core::Nanoseconds deadline_ns) noexcept override { clock_.sleep_until_ns(deadline_ns); }
  void at_next_look(std::function<void()> happens) { next_ = std::move(happens); }

 private:
  core::Clock& clock_;
  mutable std::function<void()> next_;
};

TEST_F(MotionTest, OneThatIsLetGoOfWhileItBeginsDoesNotBegin) {
  EventfulClock clock(clock_);
  leader_ = make_node<test::FakeLeader>("leader", leader_robot_);
  follower_ = make_node<test::FakeFollower>("follower", follower_robot_);
  PairOptions options;
  options.pipeline.guard.limits = follower_robot_->info().limits;
  orchestrator_ = std::make_unique<Orchestrator>(system_state_, clock);
  orchestrator_->add_pair(*leader_, *follower_, std::move(options));
  follower_->turn();
  clock.at_next_look([this] { orchestrator_->set_clutch(0, false); });
  EXPECT_NE(refusal().find("was let go"), std::string::npos);
  EXPECT_FALSE(follower_->lease().holder(clock_.now_ns()));
  EXPECT_EQ(refusal(), "") << "the clutch was open before: there is room";
  orchestrator_.reset();  // before its clock
}

TEST_F(MotionTest, IsRefusedUnderADeadmanUnlessThePairSaysOtherwise) {
  const auto refused = [this](bool deadman, std::optional<bool> motions) {
    PairOptions options;
    options.deadman = deadman;
    options.motions = motions;
    make(std::move(options));
    const std::string why = refusal();
    orchestrator_.reset();
    return why;
  };
  EXPECT_EQ(refused(false, std::nullopt), "");
  EXPECT_NE(refused(true, std::nullopt).find("it has a deadman"), std::string::npos);
  EXPECT_EQ(refused(true, true), "");
  EXPECT_NE(refused(false, false), "");
}

TEST_F(MotionTest, ADelayLongerThanItsLeaseEndsIt) {
  lost_after_s_ = 10.0;
  make();
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch);
  ASSERT_TRUE(submit(*epoch, {0.0, 0.0}));
  clock_.advance_ns(1100 * kMs);
  EXPECT_EQ(submit(*epoch, {0.0, 0.0}).error(), MotionEnd::kTakenOver);
}

TEST_F(MotionTest, PassesTheGuards) {
  make();
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch);
  ASSERT_TRUE(submit(*epoch, {0.0, 0.0}));
  ASSERT_TRUE(submit(*epoch, {1.5, 0.0}));
  EXPECT_LT(follower_robot_->writes().back()[0], 0.1) << "a jump is not sent on";
  EXPECT_EQ(submit(*epoch, {std::numeric_limits<double>::quiet_NaN(), 0.0}).error(), MotionEnd::kGuard);
  EXPECT_EQ(submit(*epoch, {0.0}).error(), MotionEnd::kGuard);
  follower_robot_->silence(true);
  clock_.advance_ns(600 * kMs);
  EXPECT_EQ(submit(*epoch, {0.0, 0.0}).error(), MotionEnd::kFault);
}

TEST_F(MotionTest, AFollowerWithoutALeaderIsMovedAndLedByNobody) {
  leader_ = make_node<test::FakeLeader>("leader", leader_robot_);
  follower_ = make_node<test::FakeFollower>("follower", follower_robot_);
  PairOptions options;
  options.pipeline.guard.limits = follower_robot_->info().limits;
  orchestrator_ = std::make_unique<Orchestrator>(system_state_, clock_);
  ASSERT_EQ(orchestrator_->add_follower(*follower_, options), 0U);
  EXPECT_FALSE(orchestrator_->has_leader(0));
  EXPECT_THROW(static_cast<void>(orchestrator_->leader(0)), LogicError);
  EXPECT_THROW(orchestrator_->add_pair(*leader_, *follower_, options), LogicError) << "it is in a pair already";
  EXPECT_THROW(orchestrator_->add_follower(*follower_, options), LogicError);
  follower_->turn();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  EXPECT_EQ(follower_robot_->write_count(), 0U);
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch) << epoch.error();
  move(*epoch, 0.0, 0.5);
  EXPECT_NEAR(follower_robot_->writes().back()[0], 0.5, 1e-9);
  orchestrator_->set_mode(ControlMode::kPolicy);
  EXPECT_EQ(submit(*epoch, {0.5, 0.0}).error(), MotionEnd::kTakenOver);
  EXPECT_FALSE(orchestrator_->begin_motion(0, "somebody")) << "a policy has it";
}

TEST_F(MotionTest, OneOfItsOwnPaceIsJudgedByThat) {
  for (const core::Nanoseconds step_ns : {kMs, 90 * kMs}) {
    lost_after_s_ = 10.0;
    make();
    const auto epoch = orchestrator_->begin_motion(0, "somebody");
    ASSERT_TRUE(epoch);
    const double step_s = core::to_seconds(step_ns);
    for (int i = 0; core::to_seconds(i * step_ns) < 2.0; ++i) {  // 0.8 rad/s after a soft start
      clock_.advance_ns(step_ns);
      const double t = core::to_seconds(i * step_ns);
      messages::RobotState action;
      action.joint_positions = {t < 1.0 ? 0.4 * t * t : 0.8 * t - 0.4, 0.0};
      action.joint_velocities = {0.8 * std::min(t, 1.0), 0.0};
      action.stamp_ns = clock_.now_ns();
      const double wanted = action.joint_positions[0];
      ASSERT_TRUE(orchestrator_->submit_motion(0, *epoch, action, {.shortest_s = step_s, .longest_s = step_s}));
      EXPECT_NEAR(follower_robot_->writes().back()[0], wanted, 1e-9) << t;
      EXPECT_EQ(action.joint_velocities.empty(), action.mark != messages::CommandMark::kEngaged);
      follower_->turn();
    }
    EXPECT_EQ(orchestrator_->phase(0), Phase::kWaiting) << "of the leader";
    orchestrator_.reset();
  }
}

}  // namespace
}  // namespace takt::teleop
