#include "takt/teleop/orchestrator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "takt/teleop/test/fake_robots.hpp"
#include "takt/teleop/test/orchestrator_fixture.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

TEST_F(OrchestratorTest, CommandsNothingWhileIdle) {
  make();
  tick();
  EXPECT_EQ(follower_robot_->write_count(), 0U);
}

TEST_F(OrchestratorTest, RunsTheWholeWayOnTheLeadersStackWithEveryHopInOrder) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  std::jthread([&] {
    tick();
    EXPECT_EQ(follower_robot_->writer(), std::this_thread::get_id());
  }).join();
  const auto traced = follower_->trace().drain();
  ASSERT_EQ(traced.size(), 1U);
  using enum messages::HopPoint;
  const std::vector<messages::HopPoint> want = {kGotState, kStateUpdated, kEnter,  kConverted,
                                                kGuarded,  kPublished,    kApplied};
  ASSERT_EQ(traced[0].hops.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(traced[0].hops[i].point, want[i]);
    EXPECT_EQ(traced[0].hops[i].thread, traced[0].hops[0].thread) << "one thread from the first hop to the last";
  }
}

TEST_F(OrchestratorTest, NeverSendsAJumpToAFollowerThatIsFarAway) {
  make();
  follower_robot_->set_positions({-1.8, 0.3});
  follower_->turn();
  leader_robot_->set_positions({1.9, 0.0});
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const auto writes = follower_robot_->writes();
  const auto limits = test::arm_limits();
  core::JointVector last{-1.8, 0.3};
  for (const auto& write : writes) {
    for (std::size_t i = 0; i < 2; ++i) {
      ASSERT_LE(std::abs(write[i] - last[i]), 0.3 * limits.velocity_rad_s * core::to_seconds(kTick) + 1e-9);
    }
    last = write;
  }
  EXPECT_EQ(last, (core::JointVector{1.9, 0.0}));
  EXPECT_EQ(hits(Guard::kStartAlignment), writes.size());
  EXPECT_TRUE(leader_robot_->engaged());
}

TEST_F(OrchestratorTest, AppliesAMotionInsideTheLimitsUnaltered) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  for (int i = 1; i <= 100; ++i) {
    const double position = 0.3 * (1.0 - std::cos(i * 0.03));
    leader_robot_->set_positions({position, -position});
    tick();
    ASSERT_EQ(follower_robot_->writes().back(), (core::JointVector{position, -position}));
  }
  EXPECT_EQ(orchestrator_->counters(0).published, 100U);
  EXPECT_EQ(follower_->counters().clamped, 0U);
  EXPECT_EQ(follower_->counters().engaged, 100U);
}

TEST_F(OrchestratorTest, MapsReindexScaleAndOffset) {
  PairOptions options;
  options.map = {.reindex = {1, 0}, .scale = {2.0, -1.0}, .offset_rad = {0.1, 0.0}};
  make(options);
  leader_robot_->set_positions({0.25, 0.5});
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  tick();
  EXPECT_EQ(follower_robot_->writes().back(), (core::JointVector{1.1, -0.25}));
}

TEST_F(OrchestratorTest, RefusesValuesThatAreNotFinite) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const auto writes = follower_robot_->write_count();
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    leader_robot_->set_positions({0.0, bad});
    tick();
  }
  EXPECT_EQ(follower_robot_->write_count(), writes);
  EXPECT_EQ(hits(Guard::kNotFinite), 2U);
  EXPECT_EQ(orchestrator_->counters(0).rejected, 2U);
}

TEST_F(OrchestratorTest, RefusesAWrongJointCount) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const auto writes = follower_robot_->write_count();
  leader_robot_->set_positions({0.0, 0.0, 0.0});
  tick();
  EXPECT_EQ(follower_robot_->write_count(), writes);
  EXPECT_EQ(hits(Guard::kWrongJointCount), 1U);
}

TEST_F(OrchestratorTest, ClampsAJumpOfAnEngagedLeader) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  leader_robot_->set_positions({1.0, 0.0});
  tick();
  EXPECT_LE(follower_robot_->writes().back()[0], 0.02);
  EXPECT_EQ(follower_->counters().clamped, 1U);
  EXPECT_GE(hits(Guard::kVelocity), 1U);
  EXPECT_GE(hits(Guard::kAcceleration), 1U);
  for (int i = 0; i < 200; ++i) {
    tick();
  }
  EXPECT_EQ(follower_robot_->writes().back(), (core::JointVector{1.0, 0.0}));
}

TEST_F(OrchestratorTest, RejectsAJumpWhenToldTo) {
  PairOptions options;
  options.pipeline.guard.velocity = LimitPolicy::kReject;
  make(options);
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const auto writes = follower_robot_->write_count();
  leader_robot_->set_positions({1.0, 0.0});
  tick();
  EXPECT_EQ(follower_robot_->write_count(), writes);
  EXPECT_EQ(orchestrator_->counters(0).rejected, 1U);
}

TEST_F(OrchestratorTest, AJumpThatIsRejectedIsNeverSentLaterEither) {
  PairOptions options;
  options.pipeline.guard.velocity = LimitPolicy::kReject;
  options.pipeline.guard.acceleration = LimitPolicy::kReject;
  options.pipeline.guard.min_step_s = 0.005;
  options.pipeline.guard.max_step_s = 0.03;
  make(options);
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  leader_robot_->set_positions({1.2, 0.0});
  double last = follower_robot_->writes().back()[0];
  for (int i = 0; i < 1000; ++i) {
    tick();
    const double now = follower_robot_->writes().back()[0];
    ASSERT_LE(std::abs(now - last), 2.0 * core::to_seconds(kTick) + 1e-9);
    last = now;
  }
  EXPECT_DOUBLE_EQ(last, 1.2) << "after the gap an approach bridges it";
  EXPECT_GT(orchestrator_->counters(0).rejected, 0U);
}

TEST_F(OrchestratorTest, AfterAPauseNoCommandMakesUpForItAtOnce) {
  PairOptions options;
  options.pipeline.guard.min_step_s = 0.005;
  options.pipeline.guard.max_step_s = 0.03;
  make(options);
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  clock_.advance_ns(80 * kMs);  // less than realign_after
  leader_robot_->set_positions({1.2, 0.0});
  const double before = follower_robot_->writes().back()[0];
  tick();
  EXPECT_LE(follower_robot_->writes().back()[0] - before, 2.0 * 0.03 + 1e-9);
}

TEST_F(OrchestratorTest, AStampFromTheFutureIsNotBelieved) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  leader_robot_->set_stamp(clock_.now_ns() + 10'000 * kMs);
  leader_->turn();
  EXPECT_EQ(hits(Guard::kOutOfOrderStamp), 1U);
  leader_robot_->set_stamp(std::nullopt);
  const auto writes = follower_robot_->write_count();
  tick();
  EXPECT_EQ(follower_robot_->write_count(), writes + 1) << "and does not shut out the true ones";
}

TEST_F(OrchestratorTest, AGripperOpeningMovesTheJointThatIsTheGripper) {
  PairOptions options;
  options.map = {.reindex = {0, -1}};
  options.gripper_joint = 1;
  make(options);
  orchestrator_->set_mode(ControlMode::kTeleop);
  messages::RobotState state;
  for (int i = 0; i < 1000; ++i) {
    clock_.advance_ns(kTick);
    state.stamp_ns = clock_.now_ns();
    state.joint_positions = {0.0, 0.0};
    state.gripper_position = 0.75;
    state.hops.clear();
    leader_->state_topic().publish(state);
    follower_->turn();
  }
  EXPECT_DOUBLE_EQ(follower_robot_->writes().back()[1], 1.0) << "three quarters of -2 ... 2";
}

TEST_F(OrchestratorTest, IgnoresTheSameStampAndRefusesAnOlderOne) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const auto writes = follower_robot_->write_count();
  leader_robot_->set_stamp(clock_.now_ns());
  leader_->turn();
  leader_robot_->set_stamp(clock_.now_ns() - 5 * kMs);
  leader_->turn();
  EXPECT_EQ(follower_robot_->write_count(), writes);
  EXPECT_EQ(hits(Guard::kDuplicateStamp), 1U);
  EXPECT_EQ(hits(Guard::kOutOfOrderStamp), 1U);
}

}  // namespace
}  // namespace takt::teleop
