#include "takt/teleop/replay/playhead.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/replay/test/playhead_rig.hpp"

namespace takt::teleop::replay {
namespace {

using test::kMs;
using test::PlayheadTest;
using test::recording;

TEST_F(PlayheadTest, NothingIsDueBeforeItIsPlayed) {
  load(30.0);
  EXPECT_EQ(head_.phase(), TwinPhase::kLoaded);
  EXPECT_FALSE(head_.due_ns(now_ns_));
  head_.jump(500 * kMs, false);
  head_.set_speed(0.5);
  EXPECT_FALSE(head_.due_ns(now_ns_)) << "nothing moves without play";
}

TEST_F(PlayheadTest, UndisturbedItsFramesAreTheTimelinesInOrderEachOnceBitForBitAndOnTime) {
  for (const double rate_hz : {30.0, 59.0, 1000.0}) {
    load(rate_hz);
    approached_ = false;
    emitted_.clear();
    play();
    run_to_end();
    ASSERT_TRUE(over_);
    ASSERT_EQ(frames().size(), timeline_->size()) << rate_hz;
    expect_exactly(frames());
    EXPECT_EQ(head_.stalls(), 0U);
    head_.end();
  }
}

TEST_F(PlayheadTest, BetweenTheFirstAndTheLastFrameOfADenseRecordingThereIsNothingElse) {
  load(30.0);
  play();
  run_to_end();
  std::size_t first = 0;
  while (!emitted_[first].action.frame) {
    ++first;
  }
  for (std::size_t i = 0; i < timeline_->size(); ++i) {
    ASSERT_TRUE(emitted_[first + i].action.frame);
  }
}

TEST_F(PlayheadTest, AFrameSaysByWhenWhichIsAfterTheNextComes) {
  load(30.0);
  play();
  run_to_end();
  const auto sent = frames();
  for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
    EXPECT_NEAR(sent[i].action.lead_s, core::to_seconds(sent[i + 1].due_ns - sent[i].due_ns) + 0.01, 1e-12);
  }
}

TEST_F(PlayheadTest, ItWaitsUntilTheArmFollowsBeforeTheFirstFrame) {
  load(30.0);
  play({0.21, 0.0});
  for (int i = 0; i < 10; ++i) {
    const auto due_ns = head_.due_ns(now_ns_);
    ASSERT_EQ(*due_ns, now_ns_);
    EXPECT_FALSE(head_.take(*due_ns).frame);
    head_.sent(messages::CommandMark::kAligning);
    now_ns_ += kDense_ns;
  }
  EXPECT_EQ(head_.phase(), TwinPhase::kApproaching);
  approached_ = true;
  run_to_end();
  expect_exactly(frames());
}

TEST_F(PlayheadTest, FramesFarApartHaveActionsBetweenThem) {
  load(5.0);
  play();
  run_to_end();
  EXPECT_EQ(frames().size(), timeline_->size());
  expect_exactly(frames());
  for (std::size_t i = 1; i < emitted_.size(); ++i) {
    EXPECT_LE(emitted_[i].due_ns - emitted_[i - 1].due_ns, 50 * kMs) << "an arm's commands grow stale";
  }
}

TEST_F(PlayheadTest, AnotherSpeedFromTheBeginningGivesTheSameFramesFasterOrSlower) {
  for (const double speed : {0.1, 0.5, 1.15}) {
    load(30.0);
    approached_ = false;
    emitted_.clear();
    ASSERT_LE(speed, timeline_->max_speed());
    head_.set_speed(speed);
    play();
    run_to_end();
    const auto sent = frames();
    ASSERT_EQ(sent.size(), timeline_->size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      ASSERT_EQ(sent[i].action.q_rad, timeline_->frame(i).frame.q_rad);
      ASSERT_NEAR(static_cast<double>(sent[i].due_ns - sent[0].due_ns),
                  static_cast<double>(timeline_->time_ns(i)) / speed, 1.0);
      ASSERT_NEAR(sent[i].action.dq_rad_s[0], speed * timeline_->frame(i).frame.dq_rad_s[0], 1e-12);
    }
    head_.end();
  }
}

TEST_F(PlayheadTest, PauseComesToRestOnTheTimelineAndResumeGoesOnWithoutAStep) {
  load(30.0);
  play();
  run(now_ns_ + 700 * kMs);
  head_.run(false);
  run(now_ns_ + 3000 * kMs);
  ASSERT_EQ(head_.phase(), TwinPhase::kPaused);
  const core::Nanoseconds paused_ns = head_.position_ns(now_ns_);
  EXPECT_LT(core::max_abs_difference(told_.last(), timeline_->at(paused_ns).q_rad), 1e-4);
  const auto actions = emitted_.size();
  run(now_ns_ + 1000 * kMs);
  EXPECT_GE(emitted_.size(), actions + 15) << "an arm that rests is told so, lest its commands grow stale";
  EXPECT_EQ(head_.position_ns(now_ns_), paused_ns);
  head_.run(true);
  run_to_end();
  EXPECT_TRUE(over_);
  const auto sent = frames();
  EXPECT_EQ(sent.back().action.frame, timeline_->size() - 1);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    EXPECT_GT(*sent[i].action.frame, *sent[i - 1].action.frame) << "in order, none twice";
  }
  told_.expect_within_limits("pause");
}

TEST_F(PlayheadTest, ASeekWhilePlayingIsGoneToAndThenItContinues) {
  load(30.0);
  play();
  run(now_ns_ + 500 * kMs);
  head_.jump(timeline_->entry_ns() + 1700 * kMs, false);
  run_to_end();
  EXPECT_TRUE(over_);
  EXPECT_EQ(frames().back().action.frame, timeline_->size() - 1);
  told_.expect_within_limits("seek");
}

TEST_F(PlayheadTest, TurningBackwardsGoesThroughRestOnTheTimelineToTheFirstRecordedFrame) {
  load(30.0);
  play();
  run(now_ns_ + 900 * kMs);
  const std::size_t forwards = frames().size();
  head_.set_speed(-1.0);
  run_to_end();
  EXPECT_TRUE(over_);
  const auto sent = frames();
  EXPECT_EQ(sent.back().action.frame, timeline_->entry_frames());
  for (std::size_t i = forwards + 1; i < sent.size(); ++i) {
    EXPECT_EQ(*sent[i].action.frame + 1, *sent[i - 1].action.frame);
    EXPECT_EQ(sent[i].action.q_rad, timeline_->frame(*sent[i].action.frame).frame.q_rad);
  }
  told_.expect_within_limits("backwards");
}

TEST_F(PlayheadTest, AChangeOfSpeedWhilePlayingStaysOnTheTimeline) {
  load(30.0);
  play();
  run(now_ns_ + 500 * kMs);
  head_.set_speed(0.4);
  run(now_ns_ + 800 * kMs);
  EXPECT_EQ(head_.phase(), TwinPhase::kPlaying);
  head_.set_speed(1.2);
  run_to_end();
  EXPECT_EQ(frames().back().action.frame, timeline_->size() - 1);
  told_.expect_within_limits("speed");
}

TEST_F(PlayheadTest, ALoopComesRoundWithoutAPauseAndItsLapsAreAlike) {
  load(30.0, {.loop = true});
  play();
  run(now_ns_ + timeline_->end_ns() + 3 * timeline_->lap_ns(), [this] { return head_.lap() == 3; });
  const auto sent = frames();
  const std::size_t first = timeline_->entry_frames();
  const std::size_t per_lap = timeline_->size() - first;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const std::size_t index = i < first ? i : first + (i - first) % per_lap;
    const auto lap = i < first ? 0 : static_cast<std::int64_t>((i - first) / per_lap);
    ASSERT_EQ(sent[i].action.frame, index);
    ASSERT_EQ(sent[i].action.lap, lap);
    ASSERT_EQ(sent[i].action.q_rad, timeline_->frame(index).frame.q_rad);
    ASSERT_EQ(sent[i].due_ns - sent[0].due_ns, timeline_->time_ns(index) + lap * timeline_->lap_ns());
  }
  EXPECT_GE(sent.size(), 3 * per_lap);
  told_.expect_within_limits("loop");
}

TEST_F(PlayheadTest, ALoopBackwardsComesRoundThroughItsSeam) {
  load(30.0, {.loop = true});
  play();
  run(now_ns_ + 700 * kMs);
  head_.set_speed(-1.0);
  run(now_ns_ + 3 * timeline_->lap_ns());
  EXPECT_LE(head_.lap(), -2);
  for (const auto& one : frames()) {
    EXPECT_EQ(one.action.q_rad, timeline_->frame(*one.action.frame).frame.q_rad);
  }
  told_.expect_within_limits("loop backwards");
}

TEST_F(PlayheadTest, AnABLoopGoesBackToAOverAndOver) {
  load(30.0);
  const core::Nanoseconds a_ns = timeline_->entry_ns() + 300 * kMs;
  const core::Nanoseconds b_ns = timeline_->entry_ns() + 900 * kMs;
  head_.set_ab(a_ns, b_ns);
  play();
  run(now_ns_ + 10'000 * kMs);
  EXPECT_FALSE(over_);
  int rounds = 0;
  const auto sent = frames();
  for (std::size_t i = 1; i < sent.size(); ++i) {
    const core::Nanoseconds t_ns = timeline_->time_ns(*sent[i].action.frame);
    EXPECT_LE(t_ns, b_ns);
    if (*sent[i].action.frame < *sent[i - 1].action.frame) {
      EXPECT_GE(t_ns, a_ns);
      ++rounds;
    }
  }
  EXPECT_GE(rounds, 3);
  told_.expect_within_limits("A–B");
  head_.set_ab({}, {});
  run_to_end();
  EXPECT_TRUE(over_);
  EXPECT_EQ(frames().back().action.frame, timeline_->size() - 1);
}

TEST_F(PlayheadTest, StepsGoFromFrameToFrameBitForBitAndRestThere) {
  load(30.0);
  play();
  run(now_ns_ + 800 * kMs);
  head_.run(false);
  run(now_ns_ + 2000 * kMs);
  const std::size_t before = frames().size();
  const std::size_t here = timeline_->index_at(head_.position_ns(now_ns_));
  for (const int step : {1, 1, -1}) {
    ASSERT_TRUE(head_.step(step));
    run(now_ns_ + 1500 * kMs);
    ASSERT_EQ(head_.phase(), TwinPhase::kPaused);
  }
  const auto sent = frames();
  ASSERT_EQ(sent.size(), before + 3);
  EXPECT_EQ(sent[before].action.frame, here + 1);
  EXPECT_EQ(sent[before + 1].action.frame, here + 2);
  EXPECT_EQ(sent[before + 2].action.frame, here + 1);
  EXPECT_EQ(told_.last(), timeline_->frame(here + 1).frame.q_rad);
  EXPECT_FALSE(head_.step(100'000));
  EXPECT_FALSE(head_.step(0));
  told_.expect_within_limits("step");
}

TEST_F(PlayheadTest, AScrubTakesTheArmAlongWithinItsLimitsHoweverTheHandMoves) {
  load(30.0);
  play();
  run(now_ns_ + 300 * kMs);
  head_.run(false);
  for (int i = 0; i < 60; ++i) {  // there and back, wildly
    const core::Nanoseconds t_ns = timeline_->entry_ns() + (i % 7 == 0 ? 1900 : 30 * i) * kMs;
    head_.jump(t_ns, true);
    run(now_ns_ + 40 * kMs);
  }
  run(now_ns_ + 3000 * kMs);
  EXPECT_EQ(head_.phase(), TwinPhase::kPaused);
  EXPECT_EQ(head_.position_ns(now_ns_), timeline_->entry_ns() + 30 * 59 * kMs);
  EXPECT_LT(core::max_abs_difference(told_.last(), timeline_->at(head_.position_ns(now_ns_)).q_rad), 1e-12);
  told_.expect_within_limits("scrub");
}

TEST_F(PlayheadTest, ASeekWhilePausedMovesThePlayheadAloneUntilItGoesOn) {
  load(30.0);
  play();
  run(now_ns_ + 500 * kMs);
  head_.run(false);
  run(now_ns_ + 2000 * kMs);
  const core::JointVector rest = told_.last();
  head_.jump(timeline_->entry_ns() + 1500 * kMs, false);
  run(now_ns_ + 1000 * kMs);
  EXPECT_EQ(told_.last(), rest);
  EXPECT_EQ(head_.position_ns(now_ns_), timeline_->entry_ns() + 1500 * kMs);
  head_.run(true);
  run_to_end();
  EXPECT_EQ(frames().back().action.frame, timeline_->size() - 1);
  told_.expect_within_limits("seek while paused");
}

TEST_F(PlayheadTest, FromAnywhereButTheBeginningItGoesToThePlayheadFirst) {
  load(30.0);
  head_.jump(timeline_->entry_ns() + 1000 * kMs, false);
  play({0.2, 0.0});
  run_to_end();
  const auto sent = frames();
  EXPECT_GE(timeline_->time_ns(*sent.front().action.frame), timeline_->entry_ns() + 1000 * kMs);
  EXPECT_EQ(sent.back().action.frame, timeline_->size() - 1);
  told_.expect_within_limits("from the middle");
}

TEST_F(PlayheadTest, BackwardsFromTheBeginningMeansFromTheEnd) {
  load(30.0);
  head_.set_speed(-1.0);
  play();
  run_to_end();
  EXPECT_TRUE(over_);
  const auto sent = frames();
  EXPECT_EQ(sent.front().action.frame, timeline_->size() - 1);
  EXPECT_EQ(sent.back().action.frame, timeline_->entry_frames());
  told_.expect_within_limits("all of it backwards");
}

}  // namespace
}  // namespace takt::teleop::replay
