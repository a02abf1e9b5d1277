#include "takt/teleop/replay/digital_twin.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
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

TEST_F(TwinTest, LoadingMovesNothingAndPlayingEmitsExactlyTheTimelineThroughTheGuards) {
  make();
  const auto loaded = twin_->load({recording(30.0)});
  ASSERT_TRUE(loaded) << loaded.error();
  run(500 * kMs);
  EXPECT_TRUE(published_.empty()) << "nothing moves without play";
  EXPECT_EQ(holder(), "");
  ASSERT_TRUE(twin_->play());
  EXPECT_EQ(holder(), "replay");
  run_to_end();
  const auto sent = frames();
  const auto timeline = twin_->timeline();
  ASSERT_EQ(sent.size(), *loaded);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    ASSERT_EQ(sent[i].joint_positions, timeline->frame(i).frame.q_rad) << i;
    ASSERT_EQ(sent[i].stamp_ns - sent[0].stamp_ns, timeline->time_ns(i));
    ASSERT_EQ(sent[i].mark, messages::CommandMark::kEngaged);
  }
  EXPECT_EQ(seen_.size(), sent.size());
  EXPECT_EQ(twin_->status().emitted, sent.size());
  EXPECT_EQ(twin_->status().altered, 0U);
  EXPECT_EQ(twin_->status().left, "");
  EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded);
  EXPECT_EQ(holder(), "");
  EXPECT_EQ(robot_->halts(), 1) << "let go at rest";
  EXPECT_EQ(robot_->writes().back(), timeline->frame(sent.size() - 1).frame.q_rad);
  told_.expect_within_limits("play");
}

TEST_F(TwinTest, ItPlaysAgainFromWhereverTheArmStandsThen) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(twin_->play());
    run(round == 0 ? 700 * kMs : 60'000 * kMs);
    static_cast<void>(twin_->stop());
    run(50 * kMs);
    EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded);
    EXPECT_EQ(twin_->status().playhead_s, 0.0);
  }
  EXPECT_EQ(frames().back().joint_positions, twin_->timeline()->frame(twin_->timeline()->size() - 1).frame.q_rad);
  told_.expect_within_limits("again");
}

// --- what is refused, and nothing moved -----------------------------------------------------------------------------

TEST_F(TwinTest, WhatCannotBePlayedIsRefusedWithTheReasonAndNothingMoves) {
  make();
  Trajectory three({.name = "three", .joint_names = {"a", "b", "c"}});
  three.append({.t_ns = 0, .q_rad = {0.0, 0.0, 0.0}});
  Trajectory others({.name = "others", .robot = "so101", .joint_names = {"shoulder", "elbow"}});
  others.append({.t_ns = 0, .q_rad = {0.0, 0.0}});
  others.append({.t_ns = kMs, .q_rad = {0.0, 0.0}});
  EXPECT_NE(error_of(twin_->play()), "") << "nothing is loaded";
  EXPECT_NE(error_of(twin_->load({})), "");
  EXPECT_NE(error_of(twin_->load({Trajectory({.name = "empty", .joint_names = {"joint0", "joint1"}})})), "");
  EXPECT_NE(error_of(twin_->load({three})), "");
  EXPECT_NE(error_of(twin_->load({others})), "");
  EXPECT_NE(error_of(twin_->load({recording(30.0, 0.2, 1.5)})), "") << "too fast for the arm";
  EXPECT_NE(error_of(twin_->load({recording(30.0, 4.0, 2.5)})), "") << "out of its range";
  run(500 * kMs);
  EXPECT_TRUE(published_.empty());
  EXPECT_EQ(twin_->status().phase, TwinPhase::kEmpty);
  EXPECT_EQ(holder(), "");
}

TEST_F(TwinTest, FramesThatAreNoneNeverBecomeATrajectory) {
  Trajectory made({.name = "bad", .joint_names = {"joint0", "joint1"}});
  made.append({.t_ns = 0, .q_rad = {0.0, 0.0}});
  EXPECT_THROW(made.append({.t_ns = 0, .q_rad = {0.0, 0.0}}), ConfigError) << "time stands still";
  EXPECT_THROW(made.append({.t_ns = kMs, .q_rad = {std::nan(""), 0.0}}), ConfigError);
  EXPECT_THROW(made.append({.t_ns = kMs, .q_rad = {0.0}}), ConfigError) << "a joint is missing";
}

TEST_F(TwinTest, ARefusedLoadLeavesWhatWasLoaded) {
  make();
  const auto loaded = twin_->load({recording(30.0)});
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(twin_->load({}));
  EXPECT_EQ(twin_->status().frames, *loaded);
  ASSERT_TRUE(twin_->play());
  run(200 * kMs);
  EXPECT_NE(error_of(twin_->load({recording(30.0)})).find("stop it first"), std::string::npos);
}

TEST_F(TwinTest, ASecondPlayerOnTheArmIsRefusedAndNamesTheFirst) {
  make();
  DigitalTwin second(*orchestrator_, 0, {.holder = "second", .own_thread = false}, clock_);
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(second.load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  EXPECT_NE(error_of(second.play()).find("commanded by replay"), std::string::npos) << error_of(second.play());
  EXPECT_NE(error_of(twin_->play()).find("playing already"), std::string::npos);
  run_to_end();
  EXPECT_EQ(twin_->status().left, "") << "and the first is not disturbed";
  EXPECT_EQ(second.status().emitted, 0U);
}

TEST_F(TwinTest, WithoutAPlayNothingElseMovesTheArm) {
  make();
  EXPECT_FALSE(twin_->seek(0.1));
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  EXPECT_FALSE(twin_->pause());
  EXPECT_FALSE(twin_->resume());
  EXPECT_FALSE(twin_->step());
  EXPECT_FALSE(twin_->scrub(0.5));
  EXPECT_TRUE(twin_->seek(0.5));
  EXPECT_TRUE(twin_->set_loop(true));
  EXPECT_TRUE(twin_->set_ab(0.2, 0.5));
  EXPECT_FALSE(twin_->set_ab(0.5, 0.2));
  EXPECT_FALSE(twin_->set_ab(0.5, std::nullopt));
  EXPECT_FALSE(twin_->seek(-1.0));
  EXPECT_FALSE(twin_->seek(std::nan("")));
  EXPECT_FALSE(twin_->set_speed(0.0));
  EXPECT_FALSE(twin_->set_speed(twin_->max_speed() * 1.01));
  EXPECT_FALSE(twin_->set_speed(std::nan("")));
  EXPECT_FALSE(twin_->next_action());
  run(300 * kMs);
  EXPECT_TRUE(published_.empty());
  EXPECT_NEAR(twin_->status().playhead_s, 0.5, 1e-9);
}

TEST_F(TwinTest, AFollowerWhosePoseIsNotKnownOrThatHasAFaultIsNotPlayed) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  follower_->fail("it smokes");
  EXPECT_NE(error_of(twin_->play()).find("it smokes"), std::string::npos);
  EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded);
  EXPECT_TRUE(published_.empty());
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
  EXPECT_TRUE(twin_->release(*other));
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

// --- the playhead, by its owner's words -----------------------------------------------------------------------------

TEST_F(TwinTest, GoToStartAndEndArriveThereAndRestInCommand) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->go_to(Place::kStart));
  run(3000 * kMs);
  EXPECT_EQ(twin_->status().phase, TwinPhase::kPaused);
  EXPECT_LT(core::max_abs_difference(robot_->writes().back(), {0.2, 0.0}), 1e-12);
  ASSERT_TRUE(twin_->go_to(Place::kEnd));
  run(3000 * kMs);
  EXPECT_LT(core::max_abs_difference(robot_->writes().back(), {0.2, 0.2}), 1e-12);
  EXPECT_EQ(holder(), "replay");
  told_.expect_within_limits("go to");
  ASSERT_TRUE(twin_->stop());
}

TEST_F(TwinTest, PauseResumeScrubStepAndSeekByTheTwin) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  run(1500 * kMs);
  ASSERT_TRUE(twin_->pause());
  run(1000 * kMs);
  EXPECT_EQ(twin_->status().phase, TwinPhase::kPaused);
  const double entry_s = twin_->status().entry_s;
  ASSERT_TRUE(twin_->scrub(entry_s + 1.0));
  run(2000 * kMs);
  EXPECT_NEAR(twin_->status().playhead_s, entry_s + 1.0, 1e-9);
  const auto frame = twin_->status().frame;
  ASSERT_TRUE(twin_->step());
  run(1000 * kMs);
  EXPECT_EQ(twin_->status().frame, frame + 1);
  ASSERT_TRUE(twin_->seek(entry_s + 1.5));
  ASSERT_TRUE(twin_->set_speed(0.5));
  ASSERT_TRUE(twin_->resume());
  run_to_end();
  EXPECT_EQ(frames().back().joint_positions, twin_->timeline()->frame(twin_->timeline()->size() - 1).frame.q_rad);
  EXPECT_EQ(twin_->status().altered, 0U);
  told_.expect_within_limits("all of it");
}

TEST_F(TwinTest, TheAnchorIsSnappedToWhereTheArmStands) {
  make();
  EXPECT_FALSE(twin_->snap_anchor());
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  robot_->set_positions({-0.5, 0.4});
  follower_->turn();
  ASSERT_TRUE(twin_->snap_anchor());
  EXPECT_EQ(twin_->timeline()->frame(0).frame.q_rad, (core::JointVector{-0.5, 0.4}));
  ASSERT_TRUE(twin_->play());
  EXPECT_FALSE(twin_->snap_anchor());
  run_to_end();
  EXPECT_EQ(twin_->status().emitted, twin_->status().frames);
  told_.expect_within_limits("snapped");
}

TEST_F(TwinTest, ATakenAnchorThatIsOldIsTakenAnewWhenItIsPlayed) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  robot_->set_positions({-0.5, 0.4});
  follower_->turn();
  ASSERT_TRUE(twin_->play());
  run_to_end();
  EXPECT_EQ(frames().front().joint_positions, (core::JointVector{-0.5, 0.4}));
  EXPECT_EQ(twin_->status().emitted, twin_->status().frames);
  told_.expect_within_limits("anew");
}

TEST_F(TwinTest, AllFramesCanBeHadInOneTransfer) {
  make();
  EXPECT_FALSE(twin_->frames(0, 10));
  const auto loaded = twin_->load({recording(30.0)});
  ASSERT_TRUE(loaded);
  const auto all = twin_->frames(0, 100'000);
  ASSERT_EQ(all->size(), *loaded);
  EXPECT_EQ((*all)[7], twin_->timeline()->frame(7).frame);
  EXPECT_EQ(twin_->frames(3, 2)->size(), 2U);
  EXPECT_FALSE(twin_->frames(*loaded, 1));
}

TEST_F(TwinTest, PulledEachPullMovesTheArmByOneFrame) {
  make();
  const auto loaded = twin_->load({recording(30.0)});
  ASSERT_TRUE(loaded);
  ASSERT_TRUE(twin_->play({.pull = true}));
  EXPECT_FALSE(twin_->next_action()) << "still approaching";
  run(100 * kMs);
  std::size_t pulled = 0;
  while (true) {
    const auto frame = twin_->next_action();
    ASSERT_TRUE(frame) << frame.error();
    if (!*frame) {
      break;
    }
    EXPECT_EQ(**frame, twin_->timeline()->frame(pulled).frame);
    ++pulled;
    run(33 * kMs);
  }
  EXPECT_EQ(pulled, *loaded);
  EXPECT_EQ(frames().size(), *loaded);
  EXPECT_TRUE(twin_->stop());
}

TEST_F(TwinTest, PulledAsFastAsAClientCanTheArmStaysWithinItsLimitsAndGetsEachFrame) {
  make();
  const auto loaded = twin_->load({recording(30.0)});
  ASSERT_TRUE(loaded);
  ASSERT_TRUE(twin_->play({.pull = true}));
  run(100 * kMs);
  std::size_t pulled = 0;
  std::size_t refused = 0;
  for (bool ended = false; !ended; run(kMs / 10)) {
    const auto frame = twin_->next_action();
    refused += frame ? 0 : 1;
    pulled += frame && *frame ? 1 : 0;
    ended = frame && !*frame;
  }
  EXPECT_EQ(pulled, *loaded);
  EXPECT_GT(refused, 0U) << "so far ahead of the arm nobody is";
  run(1000 * kMs);
  const auto sent = frames();
  ASSERT_EQ(sent.size(), *loaded);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    ASSERT_EQ(sent[i].joint_positions, twin_->timeline()->frame(i).frame.q_rad) << i;
  }
  EXPECT_EQ(twin_->status().altered, 0U);
  told_.expect_within_limits("pulled at 10 kHz");
}

TEST_F(TwinTest, APulledPlayThatWasPausedAndPutElsewhereGoesThereBeforeTheNextFrame) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play({.pull = true}));
  run(100 * kMs);
  ASSERT_TRUE(twin_->next_action());
  run(100 * kMs);
  ASSERT_TRUE(twin_->pause());
  EXPECT_NE(error_of(twin_->next_action()).find("paused"), std::string::npos);
  const double there_s = twin_->status().entry_s + 0.8;
  ASSERT_TRUE(twin_->seek(there_s));
  EXPECT_FALSE(twin_->next_action());
  ASSERT_TRUE(twin_->resume());
  EXPECT_NE(error_of(twin_->next_action()).find("on its way"), std::string::npos);
  const std::size_t before = frames().size();
  run(3000 * kMs);
  EXPECT_EQ(frames().size(), before);
  EXPECT_NEAR(twin_->status().playhead_s, there_s, 1e-9);
  ASSERT_TRUE(twin_->next_action());
  run(100 * kMs);
  EXPECT_EQ(frames().size(), before + 1);
  told_.expect_within_limits("pulled, paused and put elsewhere");
}

TEST_F(TwinTest, TheGripperHoldsWhatItHoldsUntilTheArmIsThere) {
  make();
  Trajectory made({.name = "place", .joint_names = {"joint0", "joint1"}});
  const Trajectory wave = recording(30.0);
  for (std::size_t i = 0; i < wave.size(); ++i) {
    trajectory::Frame frame = wave.frame(i);
    frame.gripper = 1.0;
    made.append(frame);
  }
  messages::RobotState closed;  // as somebody told it before
  closed.stamp_ns = clock_.now_ns();
  closed.joint_positions = {0.0, 0.0};
  closed.gripper_position = 0.0;
  follower_->action_topic().publish(closed);
  clock_.advance_ns(500 * kMs);
  follower_->turn();
  published_.clear();
  ASSERT_TRUE(twin_->load({made}));
  ASSERT_TRUE(twin_->play());
  run(100 * kMs);
  ASSERT_FALSE(published_.empty());
  EXPECT_LT(published_.front().gripper_position.value_or(1.0), 0.1);
  const double held = published_.back().gripper_position.value_or(1.0);
  EXPECT_LT(held, 0.5);
  const std::size_t before = published_.size();
  ASSERT_TRUE(twin_->seek(twin_->status().entry_s + 1.0));
  ASSERT_TRUE(twin_->pause());
  run(3000 * kMs);
  const core::JointVector there = published_.back().joint_positions;
  EXPECT_EQ(published_.back().gripper_position, 1.0);
  for (std::size_t i = before; i < published_.size(); ++i) {
    if (core::max_abs_difference(published_[i].joint_positions, there) > 1e-3) {
      ASSERT_LT(published_[i].gripper_position.value_or(1.0), 0.5) << "on its way, " << i;
    }
  }
}

TEST_F(TwinTest, UnloadForgetsAndStops) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  twin_->unload();
  EXPECT_EQ(twin_->status().phase, TwinPhase::kEmpty);
  EXPECT_FALSE(twin_->play());
}

TEST_F(TwinTest, UnloadedWhileItPlaysItComesToRestAndIsForgottenThen) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  run(700 * kMs);
  twin_->unload();
  run(50 * kMs);
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_EQ(twin_->status().phase, TwinPhase::kEmpty);
  EXPECT_FALSE(twin_->play());
  EXPECT_TRUE(twin_->load({recording(30.0)})) << "and another can be loaded";
  EXPECT_TRUE(twin_->play());
  run_to_end();
  EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded) << "that is not forgotten";
}

TEST_F(TwinTest, ImpossibleOptionsAreABug) {
  make();
  EXPECT_THROW(DigitalTwin(*orchestrator_, 0, {.jump_fraction = 0.0}, clock_), LogicError);
  EXPECT_THROW(DigitalTwin(*orchestrator_, 1, {}, clock_), LogicError);
}

}  // namespace
}  // namespace takt::teleop::replay
