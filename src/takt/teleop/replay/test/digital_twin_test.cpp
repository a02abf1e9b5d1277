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

TEST_F(TwinTest, ImpossibleOptionsAreABug) {
  make();
  EXPECT_THROW(DigitalTwin(*orchestrator_, 0, {.jump_fraction = 0.0}, clock_), LogicError);
  EXPECT_THROW(DigitalTwin(*orchestrator_, 1, {}, clock_), LogicError);
}

}  // namespace
}  // namespace takt::teleop::replay
