// Who commands a twin's arm, and how it comes to rest when nobody does any more.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/replay/test/twin_rig.hpp"

namespace takt::teleop::replay {
namespace {

using test::kMs;
using test::recording;
using test::TwinTest;
using trajectory::Trajectory;

std::string error_of(const auto& expected) {
  return expected ? "" : expected.error();
}

// --- to rest --------------------------------------------------------------------------------------------------------

TEST_F(TwinTest, AStopLetsTheArmGoAtRest) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  EXPECT_FALSE(twin_->stop());
  ASSERT_TRUE(twin_->play());
  run(600 * kMs);
  EXPECT_TRUE(twin_->stop());
  run(20 * kMs);
  const auto actions = published_.size();
  run(300 * kMs);
  EXPECT_EQ(published_.size(), actions);
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_EQ(holder(), "");
  EXPECT_EQ(twin_->status().left, "it was stopped");
}

TEST_F(TwinTest, ACommanderThatDoesNotRenewLosesTheArmWhichComesToRestAndTheNextPlays) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  const auto client = twin_->take("client", 0.3);
  ASSERT_TRUE(client) << client.error();
  EXPECT_TRUE(twin_->admits(*client));
  ASSERT_TRUE(twin_->play({.asked_by = *client}));
  for (int i = 0; i < 5; ++i) {
    run(200 * kMs);
    EXPECT_TRUE(twin_->renew(*client, 0.3));
  }
  EXPECT_GT(twin_->status().emitted, 5U);
  EXPECT_EQ(twin_->status().commander, "client");
  EXPECT_NE(error_of(twin_->take("other", 1.0)).find("played by client"), std::string::npos);
  run(290 * kMs);
  EXPECT_EQ(robot_->halts(), 0);
  run(110 * kMs);
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_EQ(left_, "its commander fell silent");
  EXPECT_FALSE(twin_->admits(*client));
  EXPECT_FALSE(twin_->renew(*client, 0.3));
  const auto other = twin_->take("other", 60.0);
  ASSERT_TRUE(other) << other.error();
  ASSERT_TRUE(twin_->play({.asked_by = *other}));
  run_to_end();
  EXPECT_EQ(twin_->status().left, "");
  EXPECT_EQ(twin_->status().commander, "") << "it is at rest again";
  EXPECT_FALSE(twin_->release(*other));
}

TEST_F(TwinTest, ACommanderThatGivesItBackStopsWhatItPlays) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  const auto client = twin_->take("client", 60.0);
  ASSERT_TRUE(client);
  ASSERT_TRUE(twin_->play({.asked_by = *client}));
  run(300 * kMs);
  EXPECT_TRUE(twin_->release(*client));
  EXPECT_FALSE(twin_->release(*client));
  run(50 * kMs);
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded);
}

TEST_F(TwinTest, APlayWhoseLeaseRunsOutWhileItIsBeingBegunIsRefused) {
  with_leader_ = true;
  leads_ = true;
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  run(1000 * kMs);
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  const std::size_t told = published_.size();
  leads_ = false;
  robot_->on_halt = [this] { clock_.advance_ns(60 * kMs); };  // a bus that hangs as the leader gives way
  const auto client = twin_->take("client", 0.05);
  ASSERT_TRUE(client) << client.error();
  const std::string refused = error_of(twin_->play({.take_over = true, .asked_by = *client}));
  EXPECT_NE(refused.find("run out"), std::string::npos) << refused;
  EXPECT_NE(error_of(twin_->go_to(Place::kEnd, *client)), "");
  run(3000 * kMs);
  EXPECT_EQ(published_.size(), told) << "nothing moves without its lease";
  EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded);
}

TEST_F(TwinTest, NobodyPlaysUnderTheLeaseOfAnother) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  const auto first = twin_->take("first", 0.3);
  run(400 * kMs);
  const auto second = twin_->take("second", 60.0);
  ASSERT_TRUE(second) << second.error();
  EXPECT_FALSE(twin_->play({.asked_by = *first}));
  EXPECT_NE(error_of(twin_->play()).find("commanded by second"), std::string::npos)
      << "not the owner's program, either";
  EXPECT_FALSE(twin_->go_to(Place::kEnd));
  run(1000 * kMs);
  EXPECT_TRUE(published_.empty());
  ASSERT_TRUE(twin_->play({.asked_by = *second}));
  EXPECT_FALSE(twin_->go_to(Place::kEnd, *first)) << "it is not his to send elsewhere";
  run_to_end();
  EXPECT_EQ(twin_->status().left, "");
}

TEST_F(TwinTest, TheOwnersOwnProgramNeedsNoLeaseAndIsNotTakenFrom) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  run(100 * kMs);
  EXPECT_NE(error_of(twin_->take("client", 1.0)).find("its own program"), std::string::npos);
  EXPECT_FALSE(twin_->take("client", -1.0));
  run_to_end();
  EXPECT_EQ(twin_->status().left, "");
}

TEST_F(TwinTest, AFaultEndsItWithItsReason) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  run(500 * kMs);
  robot_->make_sick();
  run(100 * kMs);
  EXPECT_NE(left_.find("overheated"), std::string::npos) << left_;
  EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded);
  EXPECT_NE(robot_->safe_stop_reason(), "");
}

TEST_F(TwinTest, AnArmThatDoesNotComeToTheBeginningIsLetGo) {
  make({.approach_limit_s = 2.0});
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  robot_->set_positions({0.3, 0.3});  // pushed, and held there
  robot_->stick(true);
  follower_->turn();
  run(3000 * kMs);
  EXPECT_EQ(twin_->status().emitted, 0U);
  EXPECT_NE(left_, "");
  EXPECT_EQ(holder(), "");
}

TEST_F(TwinTest, WhatIsAskedForInTheMiddleOfAnEndIsRefusedAndNotMixedUpWithIt) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play({.then = ControlMode::kPolicy}));
  run(700 * kMs);
  std::vector<std::string> refused;
  at_end_ = [&] {
    refused = {error_of(twin_->play()), error_of(twin_->load({recording(59.0)})), error_of(twin_->snap_anchor())};
    at_end_ = {};
  };
  EXPECT_TRUE(twin_->stop());
  run(50 * kMs);
  ASSERT_EQ(refused.size(), 3U);
  for (const std::string& one : refused) {
    EXPECT_NE(one.find("playing"), std::string::npos) << one;
  }
  EXPECT_EQ(twin_->status().left, "it was stopped");
  EXPECT_EQ(orchestrator_->mode(), ControlMode::kPolicy);
  orchestrator_->set_mode(ControlMode::kIdle);
  ASSERT_TRUE(twin_->play()) << "and then it may";
  run_to_end();
  EXPECT_EQ(twin_->status().left, "");
  EXPECT_EQ(twin_->status().emitted, twin_->status().frames);
}

TEST_F(TwinTest, ARefusedPlayLeavesThePlayheadWhereItWas) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->seek(1.0));
  orchestrator_->set_mode(ControlMode::kPolicy);
  EXPECT_FALSE(twin_->play());
  EXPECT_NEAR(twin_->status().playhead_s, 1.0, 1e-9);
}

// --- modes ----------------------------------------------------------------------------------------------------------

TEST_F(TwinTest, ALeaderInCommandIsNotDisturbedUnlessItShallGiveWayAndTakesUpAgainAfterwards) {
  with_leader_ = true;
  leads_ = true;
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  run(1000 * kMs);
  ASSERT_EQ(orchestrator_->phase(0), Phase::kEngaged);
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  EXPECT_NE(error_of(twin_->play()).find("commanded by teleop"), std::string::npos);
  clock_.advance_ns(kMs);  // no two actions at once
  ASSERT_TRUE(twin_->play({.take_over = true, .then = ControlMode::kTeleop}));
  EXPECT_EQ(orchestrator_->mode(), ControlMode::kTrajectory);
  run_to_end();
  EXPECT_EQ(twin_->status().emitted, twin_->status().frames);
  EXPECT_EQ(orchestrator_->mode(), ControlMode::kTeleop);
  run(30 * kMs);
  EXPECT_EQ(orchestrator_->phase(0), Phase::kAligning) << "from where the replay left it, without a step";
  run(8000 * kMs);
  EXPECT_EQ(orchestrator_->phase(0), Phase::kEngaged);
  told_.expect_within_limits("teleop, replay, teleop");
}

TEST_F(TwinTest, APolicyGivesWayAndTakesUpLikewise) {
  make();
  orchestrator_->set_mode(ControlMode::kPolicy);
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  EXPECT_FALSE(twin_->play());
  ASSERT_TRUE(twin_->play({.take_over = true, .then = ControlMode::kPolicy}));
  run_to_end();
  EXPECT_EQ(orchestrator_->mode(), ControlMode::kPolicy);
  messages::RobotState action;
  clock_.advance_ns(10 * kMs);
  action.joint_positions = {0.0, 0.0};
  action.stamp_ns = clock_.now_ns();
  orchestrator_->submit_policy_action(0, action);
  EXPECT_LT(core::max_abs_difference(robot_->writes().back(), {0.2, 0.2}), 0.02) << "an approach";
}

TEST_F(TwinTest, WhoGaveWayForAPlayThatIsRefusedCommandsAgain) {
  make();
  orchestrator_->set_mode(ControlMode::kPolicy);
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  follower_->fail("it smokes");
  EXPECT_FALSE(twin_->play({.take_over = true}));
  EXPECT_EQ(orchestrator_->mode(), ControlMode::kPolicy);
}

TEST_F(TwinTest, AChangeOfModeEndsItAndTheModeStaysAsItWasChanged) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play({.then = ControlMode::kPolicy}));
  run(500 * kMs);
  orchestrator_->set_mode(ControlMode::kTeleop);
  run(100 * kMs);
  EXPECT_NE(left_.find("the mode changed"), std::string::npos);
  EXPECT_EQ(orchestrator_->mode(), ControlMode::kTeleop);
}

}  // namespace
}  // namespace takt::teleop::replay
