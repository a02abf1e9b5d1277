#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/test/fake_robots.hpp"
#include "takt/teleop/test/orchestrator_fixture.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

using test::FakeFollower;
using test::FakeLeader;

TEST_F(OrchestratorTest, AlignsAnewAfterAGapOfTheLeader) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  clock_.advance_ns(300 * kMs);
  leader_robot_->set_positions({1.0, 0.0});
  tick();
  EXPECT_EQ(orchestrator_->phase(0), Phase::kAligning);
  EXPECT_LE(follower_robot_->writes().back()[0], 0.01);
}

TEST_F(OrchestratorTest, TheClutchHaltsTheFollowerAndClosingItAlignsAnew) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  orchestrator_->set_clutch(0, false);
  EXPECT_EQ(follower_robot_->halts(), 1) << "at once, not with the next leader state";
  leader_robot_->set_positions({1.5, 0.0});
  const auto writes = follower_robot_->write_count();
  for (int i = 0; i < 5; ++i) {
    tick();
  }
  EXPECT_EQ(follower_robot_->write_count(), writes);
  EXPECT_EQ(follower_robot_->halts(), 1);
  EXPECT_EQ(hits(Guard::kDeadman), 5U);
  EXPECT_FALSE(leader_robot_->engaged());
  orchestrator_->set_clutch(0, true);
  tick();
  EXPECT_EQ(orchestrator_->phase(0), Phase::kAligning);
  EXPECT_LE(follower_robot_->writes().back()[0], 0.01);
}

TEST_F(OrchestratorTest, FollowsOnlyWhileTheDeadmanIsPressed) {
  PairOptions options;
  options.deadman = true;
  make(options);
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  EXPECT_EQ(follower_robot_->write_count(), 0U);
  leader_robot_->set_extra("deadman", 1.0);
  tick();
  EXPECT_EQ(follower_robot_->write_count(), 1U);
  leader_robot_->set_extra("deadman", 0.0);
  tick();
  EXPECT_EQ(follower_robot_->write_count(), 1U);
  EXPECT_EQ(follower_robot_->halts(), 1);
}

TEST_F(OrchestratorTest, ModesHandTheLeaseOverAndRefuseTheFormerCommander) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  const auto teleop = follower_->lease().holder(clock_.now_ns());
  ASSERT_TRUE(teleop);
  EXPECT_EQ(teleop->name.view(), "teleop");
  orchestrator_->set_mode(ControlMode::kPolicy);
  const auto policy = follower_->lease().holder(clock_.now_ns());
  EXPECT_EQ(policy->name.view(), "policy");
  EXPECT_NE(policy->epoch, teleop->epoch);
  const auto writes = follower_robot_->write_count();
  messages::RobotState late;
  late.stamp_ns = clock_.now_ns();
  late.joint_positions = {0.0, 0.0};
  late.lease_epoch = teleop->epoch;
  follower_->action_topic().publish(late);
  tick();
  EXPECT_EQ(follower_robot_->write_count(), writes);
  EXPECT_EQ(hits(Guard::kStaleLease), 1U);
  orchestrator_->set_mode(ControlMode::kIdle);
  EXPECT_FALSE(follower_->lease().holder(clock_.now_ns()));
}

TEST_F(OrchestratorTest, APolicysActionsPassTheSameGuards) {
  make();
  orchestrator_->set_mode(ControlMode::kPolicy);
  messages::RobotState action;
  const auto act = [&](const core::JointVector& positions) {
    clock_.advance_ns(kTick);
    action.stamp_ns = clock_.now_ns();
    action.joint_positions = positions;
    action.hops.clear();
    orchestrator_->submit_policy_action(0, action);
    follower_->turn();
  };
  act({1.0, 0.0});
  ASSERT_EQ(follower_robot_->write_count(), 1U);
  EXPECT_LE(follower_robot_->writes().back()[0], 0.01) << "a jump is bridged";
  act({std::numeric_limits<double>::quiet_NaN(), 0.0});
  act({0.0});
  action.gripper_position = std::numeric_limits<double>::quiet_NaN();
  act({0.0, 0.0});
  action.gripper_position.reset();
  EXPECT_EQ(follower_robot_->write_count(), 1U);
  EXPECT_EQ(hits(Guard::kNotFinite), 2U);
  orchestrator_->set_clutch(0, false);
  act({0.0, 0.0});
  EXPECT_EQ(follower_robot_->write_count(), 1U) << "the clutch is for policies too";
  EXPECT_EQ(follower_robot_->halts(), 1);
  orchestrator_->set_clutch(0, true);
  EXPECT_EQ(hits(Guard::kWrongJointCount), 1U);
  orchestrator_->set_mode(ControlMode::kTeleop);
  act({0.5, 0.0});
  EXPECT_EQ(follower_robot_->write_count(), 1U) << "a policy is idle in teleop";
}

TEST_F(OrchestratorTest, AFollowerWithoutAFirstStateIsNotCommanded) {
  make();
  Orchestrator other(system_state_, clock_);
  follower_robot_->silence(true);
  auto fresh = make_node<FakeFollower>("mute", follower_robot_);
  auto leader = make_node<FakeLeader>("second", leader_robot_);
  PairOptions options;
  options.pipeline.guard.limits = follower_robot_->info().limits;
  other.add_pair(*leader, *fresh, options);
  other.set_mode(ControlMode::kTeleop);
  clock_.advance_ns(kTick);
  leader->turn();
  EXPECT_EQ(follower_robot_->write_count(), 0U);
  EXPECT_EQ(fresh->guards().of(Guard::kFollowerLost), 1U);
}

TEST_F(OrchestratorTest, AFollowerThatWentSilentIsStoppedByTheLeadersThread) {
  make();
  auto robot = std::make_unique<FakeFollower>(2, core::steady_clock());
  FakeFollower& fake = *robot;
  RobotNodeOptions options;
  options.name = "short";
  options.lost_after_s = 1e-9;
  RobotNode quick(bus_, std::move(robot), options);
  auto leader_robot = std::make_unique<FakeLeader>(2, core::steady_clock());
  RobotNode leader(bus_, std::move(leader_robot), {.name = "second"});
  Orchestrator other(system_state_);
  PairOptions pair;
  pair.pipeline.guard.limits = fake.info().limits;
  other.add_pair(leader, quick, pair);
  quick.turn();
  other.set_mode(ControlMode::kTeleop);
  leader.turn();
  EXPECT_TRUE(quick.faulted());
  EXPECT_EQ(quick.guards().of(Guard::kFollowerLost), 1U);
  EXPECT_FALSE(fake.safe_stop_reason().empty());
}

TEST_F(OrchestratorTest, APairThatIsNotThereIsALogicError) {
  make();
  messages::RobotState action;
  EXPECT_THROW(orchestrator_->set_clutch(1, false), LogicError);
  EXPECT_THROW(orchestrator_->submit_policy_action(7, action), LogicError);
  EXPECT_THROW(static_cast<void>(orchestrator_->phase(1)), LogicError);
}

TEST_F(OrchestratorTest, OneFollowerHasOneLeader) {
  make();
  PairOptions options;
  options.pipeline.guard.limits = follower_robot_->info().limits;
  EXPECT_THROW(orchestrator_->add_pair(*leader_, *follower_, options), LogicError);
}

TEST_F(OrchestratorTest, ALeaderMayLeadTwoFollowersAndIsEngagedWhenBothAre) {
  make();
  FakeFollower* second_robot = nullptr;
  auto second = make_node<FakeFollower>("second", second_robot);
  PairOptions options;
  options.pipeline.guard.limits = second_robot->info().limits;
  orchestrator_->add_pair(*leader_, *second, options);
  second_robot->set_positions({1.0, 0.0});
  second->turn();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  tick();
  EXPECT_EQ(orchestrator_->phase(0), Phase::kEngaged);
  EXPECT_EQ(orchestrator_->phase(1), Phase::kAligning);
  EXPECT_FALSE(leader_robot_->engaged());
  for (int i = 0; i < 1000; ++i) {
    tick();
    second->turn();
  }
  EXPECT_EQ(orchestrator_->phase(1), Phase::kEngaged);
  EXPECT_TRUE(leader_robot_->engaged());
}

TEST_F(OrchestratorTest, ACommandAllocatesNothing) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  messages::RobotState target;
  target.joint_positions = {0.0, 0.0};
  auto& states = leader_->state_topic();
  std::uint64_t allocations = 0;
  for (int i = 0; i < 1000; ++i) {
    clock_.advance_ns(kTick);
    target.stamp_ns = clock_.now_ns();
    target.hops.clear();
    messages::stamp_hop(target, messages::HopPoint::kGotState);
    {
      const testing::AllocationGuard guard;
      states.publish(target);
      allocations += guard.count();
    }
    follower_->turn();
  }
  EXPECT_EQ(orchestrator_->counters(0).published, 1000U);
  EXPECT_LE(allocations, 20U)
      << "the fake follower keeps its writes in a vector, which grows; nothing else may allocate";
}

/// Mode changes while a leader and a policy command from their own threads: every write that reaches the robot carries
/// the lease that was in force, and nothing is torn (run under ThreadSanitizer).
TEST_F(OrchestratorTest, SurvivesModeChangesUnderFire) {
  lost_after_s_ = 1e6;  // the clock runs as fast as the leader's thread can drive it
  make();
  std::atomic<bool> done{false};
  std::jthread leading([&] {
    while (!done) {
      clock_.advance_ns(kMs);
      leader_->turn();
    }
  });
  std::jthread thinking([&] {
    messages::RobotState action;
    while (!done) {
      action.stamp_ns = clock_.now_ns();
      action.joint_positions = {0.2, 0.2};
      action.hops.clear();
      orchestrator_->submit_policy_action(0, action);
    }
  });
  std::jthread owning([&] {
    while (!done) {
      follower_->turn();
    }
  });
  for (int i = 0; i < 200; ++i) {
    orchestrator_->set_mode(i % 3 == 0 ? ControlMode::kIdle : i % 3 == 1 ? ControlMode::kTeleop : ControlMode::kPolicy);
    orchestrator_->set_clutch(0, i % 7 != 0);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  done = true;
  leading.join();
  thinking.join();
  owning.join();
  EXPECT_FALSE(follower_->faulted()) << follower_->fault();
}

}  // namespace
}  // namespace takt::teleop
