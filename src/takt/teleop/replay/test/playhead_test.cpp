#include "takt/teleop/replay/playhead.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/replay/test/recordings.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop::replay {
namespace {

using test::kMs;
using test::recording;

/// A playhead in virtual time whose arm does what it is told.
class PlayheadTest : public ::testing::Test {
 protected:
  struct Emitted {
    core::Nanoseconds due_ns{0};
    core::Nanoseconds sent_ns{0};
    PlayedAction action;
  };

  void load(double rate_hz, const trajectory::SequenceOptions& options = {},
            const core::JointVector& start = {0.2, 0.0}) {
    timeline_ = test::timeline({recording(rate_hz)}, start, options);
    head_.load(timeline_);
  }
  void play(const core::JointVector& standing = {0.2, 0.0}) {
    head_.run(true);
    head_.begin(standing, 0.1, now_ns_, false);
  }
  /// Until then, or that, or the end.
  void run(core::Nanoseconds until_ns, const std::function<bool()>& enough = [] { return false; }) {
    while (!enough()) {
      const auto due_ns = head_.due_ns(now_ns_);
      over_ = !due_ns;
      if (over_ || std::max(*due_ns, now_ns_) > until_ns) {
        now_ns_ = over_ ? now_ns_ : until_ns;
        return;
      }
      if (*due_ns > now_ns_) {
        now_ns_ = *due_ns;
      } else {
        const PlayedAction action = head_.take(*due_ns);
        head_.sent(approached_ ? messages::CommandMark::kEngaged : messages::CommandMark::kAligning);
        approached_ = true;
        told_.add(*due_ns, action.q_rad);
        emitted_.push_back({.due_ns = *due_ns, .sent_ns = now_ns_, .action = action});
      }
    }
  }
  void run_to_end() { run(now_ns_ + 600'000 * kMs); }
  [[nodiscard]] std::vector<Emitted> frames() const {
    std::vector<Emitted> frames;
    for (const Emitted& one : emitted_) {
      if (one.action.frame) {
        frames.push_back(one);
      }
    }
    return frames;
  }
  /// In order, each once, from there on, bit for bit and at their times.
  void expect_exactly(const std::vector<Emitted>& frames, std::size_t first = 0) const {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const trajectory::Frame wanted = timeline_->frame(first + i).frame;
      ASSERT_EQ(frames[i].action.frame, first + i);
      ASSERT_EQ(frames[i].action.q_rad, wanted.q_rad);
      ASSERT_EQ(frames[i].action.dq_rad_s, wanted.dq_rad_s);
      ASSERT_EQ(frames[i].due_ns - frames[0].due_ns, wanted.t_ns - timeline_->time_ns(first));
    }
  }

  std::shared_ptr<const trajectory::Timeline> timeline_;
  Playhead head_{std::vector<control::JointLimits>{test::arm_limits(), test::arm_limits()}, 0.3};
  core::Nanoseconds now_ns_{1'000'000'000};
  std::vector<Emitted> emitted_;
  test::Told told_;
  bool approached_{false};
  bool over_{false};
};

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

TEST_F(PlayheadTest, AStalledThreadPutsThePaceOffInsteadOfHurrying) {
  load(30.0);
  play();
  run(now_ns_ + 500 * kMs);
  now_ns_ += 400 * kMs;
  run_to_end();
  EXPECT_EQ(head_.stalls(), 1U);
  const auto sent = frames();
  EXPECT_EQ(sent.size(), timeline_->size()) << "none is lost";
  for (std::size_t i = 1; i < sent.size(); ++i) {
    EXPECT_GE(sent[i].due_ns - sent[i - 1].due_ns, 33 * kMs) << "and none comes early";
  }
  told_.expect_within_limits("stall");
}

TEST_F(PlayheadTest, AThreadThatIsALittleLateKeepsTheTimesOfTheFrames) {
  load(1000.0);
  play();
  run(now_ns_ + 300 * kMs);
  now_ns_ += 7 * kMs;
  run_to_end();
  EXPECT_EQ(head_.stalls(), 0U);
  expect_exactly(frames());
}

TEST_F(PlayheadTest, WhatALateThreadMissedComesNoFasterThanTheLimitsAllow) {
  load(1000.0);
  play();
  run(now_ns_ + 300 * kMs);
  now_ns_ += 45 * kMs;
  run_to_end();
  EXPECT_EQ(head_.stalls(), 0U);
  expect_exactly(frames());
  const auto sent = frames();
  ASSERT_EQ(sent.size(), timeline_->size());
  std::size_t late = 0;
  for (std::size_t i = 1; i < sent.size(); ++i) {
    if (sent[i].sent_ns - sent[i].due_ns > 10 * kMs && sent[i - 1].sent_ns - sent[i - 1].due_ns > 10 * kMs) {
      const auto recorded_ns = static_cast<double>(sent[i].due_ns - sent[i - 1].due_ns);
      ASSERT_GE(static_cast<double>(sent[i].sent_ns - sent[i - 1].sent_ns) * timeline_->max_speed(),
                0.999 * recorded_ns);
      ++late;
    }
  }
  EXPECT_GT(late, 20U);
}

TEST_F(PlayheadTest, AnArmThatIsPausedOnTheSeamStaysWhenTheLoopGoes) {
  load(30.0, {.loop = true});
  play();
  run(now_ns_ + 900 * kMs);
  head_.run(false);
  run(now_ns_ + 2000 * kMs);
  ASSERT_EQ(head_.phase(), TwinPhase::kPaused);
  head_.jump(timeline_->end_ns() - kMs, false);
  const core::JointVector rests_rad = emitted_.back().action.q_rad;
  timeline_ = test::timeline({recording(30.0)}, {0.2, 0.0}, {});
  head_.exchange(timeline_, now_ns_);
  run(now_ns_ + 1000 * kMs);
  EXPECT_EQ(head_.phase(), TwinPhase::kPaused);
  EXPECT_EQ(emitted_.back().action.q_rad, rests_rad);
  head_.run(true);
  run_to_end();
  EXPECT_TRUE(over_);
  EXPECT_EQ(head_.position_ns(now_ns_), timeline_->end_ns());
  told_.expect_within_limits("no loop any more");
}

/// Of what is more than 10 ms late nothing comes closer to the one before than it was made.
void expect_no_burst(const auto& emitted, std::size_t at_least) {
  std::size_t late = 0;
  for (std::size_t i = 1; i < emitted.size(); ++i) {
    if (emitted[i].sent_ns - emitted[i].due_ns > 10 * kMs) {
      EXPECT_GE(emitted[i].sent_ns - emitted[i - 1].sent_ns, emitted[i].due_ns - emitted[i - 1].due_ns) << i;
      ++late;
    }
  }
  EXPECT_GE(late, at_least);
}

TEST_F(PlayheadTest, WhatALateThreadMissedOfAPauseComesNoFasterThanItIsMade) {
  load(1000.0);
  play();
  run(now_ns_ + 300 * kMs);
  head_.run(false);
  run(now_ns_ + 20 * kMs);
  emitted_.clear();
  now_ns_ += 49 * kMs;
  run(now_ns_ + 2000 * kMs);
  EXPECT_EQ(head_.phase(), TwinPhase::kPaused);
  EXPECT_EQ(head_.stalls(), 0U);
  expect_no_burst(emitted_, 4);
  told_.expect_within_limits("a late pause");
}

TEST_F(PlayheadTest, WhatALateThreadMissedOfAJumpComesNoFasterThanItIsMade) {
  load(30.0);
  play();
  run(now_ns_ + 900 * kMs);
  head_.jump(1500 * kMs, true);
  run(now_ns_ + 60 * kMs);
  ASSERT_EQ(head_.phase(), TwinPhase::kMoving);
  emitted_.clear();
  now_ns_ += 49 * kMs;
  run(now_ns_ + 500 * kMs);
  EXPECT_EQ(head_.stalls(), 0U);
  expect_no_burst(emitted_, 4);
}

TEST_F(PlayheadTest, WhatALateThreadMissedOfPulledFramesComesNoFasterThanTheyMay) {
  load(200.0);
  head_.run(true);
  head_.begin({0.2, 0.0}, 0.1, now_ns_, true);
  run(now_ns_ + 300 * kMs);
  for (int i = 0; i < 10; ++i) {
    ASSERT_STREQ(head_.pull_refused(), "");
    ASSERT_TRUE(head_.pull());
  }
  run(now_ns_ + 2 * kMs);
  emitted_.clear();
  now_ns_ += 45 * kMs;
  run(now_ns_ + 500 * kMs);
  EXPECT_GE(frames().size(), 9U);
  expect_no_burst(frames(), 3);
}

TEST_F(PlayheadTest, AnArmThatGoesAlongGetsAtOnceWhatALateThreadMissed) {
  head_ = Playhead(std::vector<control::JointLimits>{test::arm_limits(), test::arm_limits()}, 0.3, true);
  load(1000.0);
  play();
  run(now_ns_ + 300 * kMs);
  now_ns_ += 45 * kMs;
  const core::Nanoseconds late_ns = now_ns_;
  run(now_ns_ + kMs);
  EXPECT_GE(std::ranges::count(frames(), late_ns, &Emitted::sent_ns), 40);
  run_to_end();
  expect_exactly(frames());
}

TEST_F(PlayheadTest, AWishOnAStalledThreadIsTakenUpWhereTheArmIs) {
  load(30.0);
  play();
  run(now_ns_ + 900 * kMs);
  const core::Nanoseconds before_ns = head_.position_ns(now_ns_);
  const core::JointVector here = told_.last();
  now_ns_ += 300 * kMs;
  head_.run(false);
  const auto due_ns = head_.due_ns(now_ns_);
  ASSERT_TRUE(due_ns);
  EXPECT_LT(core::max_abs_difference(head_.take(*due_ns).q_rad, here), 0.05) << "not 300 ms of the motion at once";
  EXPECT_LT(head_.position_ns(now_ns_), before_ns + 60 * kMs);
}

TEST_F(PlayheadTest, PulledItGivesOneFrameForEachPull) {
  load(30.0);
  head_.run(true);
  head_.begin({0.2, 0.0}, 0.1, now_ns_, true);
  run(now_ns_ + 100 * kMs);
  ASSERT_EQ(head_.phase(), TwinPhase::kPaused);
  EXPECT_TRUE(frames().empty()) << "none by itself";
  for (std::size_t i = 0; i < timeline_->size(); ++i) {
    ASSERT_EQ(head_.pull(), i);
    run(now_ns_ + 33 * kMs);
  }
  EXPECT_FALSE(head_.pull());
  const auto sent = frames();
  ASSERT_EQ(sent.size(), timeline_->size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(sent[i].action.q_rad, timeline_->frame(i).frame.q_rad);
  }
}

TEST_F(PlayheadTest, ALoopThatIsWishedForWhilePlayingComesRound) {
  load(30.0);
  const auto with_seam = test::timeline({recording(30.0)}, {0.2, 0.0}, {.loop = true});
  play();
  run(now_ns_ + 500 * kMs);
  head_.exchange(with_seam, now_ns_);
  timeline_ = with_seam;
  run(now_ns_ + 3 * with_seam->lap_ns());
  EXPECT_FALSE(over_);
  EXPECT_GE(head_.lap(), 2);
  head_.exchange(test::timeline({recording(30.0)}, {0.2, 0.0}), now_ns_);
  run_to_end();
  EXPECT_TRUE(over_);
  told_.expect_within_limits("loop on and off");
}

TEST_F(PlayheadTest, WhatIsWishedOnASeamThatGoesIsNotLookedForThere) {
  load(30.0, {.loop = true});
  const auto without = test::timeline({recording(30.0)}, {0.2, 0.0});
  ASSERT_GT(timeline_->size(), without->size());
  play();
  run(now_ns_ + 500 * kMs);
  head_.run(false);
  const core::Nanoseconds last_ns = head_.last_recorded_ns();
  head_.jump(last_ns, true);
  run(now_ns_ + 5000 * kMs);
  ASSERT_EQ(head_.phase(), TwinPhase::kPaused);
  ASSERT_TRUE(head_.step(3)) << "onto the seam";
  head_.exchange(without, now_ns_);
  run(now_ns_ + 3000 * kMs);
  EXPECT_EQ(head_.phase(), TwinPhase::kPaused);
  EXPECT_EQ(head_.position_ns(now_ns_), last_ns);
  EXPECT_LT(core::max_abs_difference(told_.last(), without->at(last_ns).q_rad), 1e-9);
  told_.expect_within_limits("a seam that goes");
}

TEST_F(PlayheadTest, ALoopThatEndsAnywhereOnItsSeamIsNoStep) {
  const auto without = test::timeline({recording(30.0)}, {0.2, 0.0});
  for (int part = 1; part < 10; ++part) {
    for (const double speed : {1.0, -1.0}) {
      load(30.0, {.loop = true});
      approached_ = false;
      told_ = {};
      head_.set_speed(speed);
      play();
      const core::Nanoseconds last_ns = head_.last_recorded_ns();
      const core::Nanoseconds there_ns = part * (timeline_->end_ns() - last_ns) / 10;
      run(now_ns_ + 60'000 * kMs, [&] {
        const core::Nanoseconds into_ns = head_.position_ns(now_ns_) - last_ns;
        return into_ns > 0 && (speed > 0.0 ? into_ns >= there_ns : into_ns <= there_ns);
      });
      ASSERT_GT(head_.position_ns(now_ns_), last_ns);
      const auto due_ns = head_.due_ns(now_ns_);
      head_.exchange(without, now_ns_);
      ASSERT_TRUE(due_ns);
      if (*due_ns <= now_ns_) {
        told_.add(*due_ns, head_.take(*due_ns).q_rad);  // by a thread that asked before the exchange
      }
      run(now_ns_ + 8000 * kMs);
      told_.expect_within_limits("a loop that ends");
      head_.end();
    }
  }
}

TEST_F(PlayheadTest, AnotherTimelineBoundsTheSpeedAndAnEmptySectionGoes) {
  load(30.0, {}, {-0.5, 0.0});
  head_.set_speed(1.2);
  head_.set_ab(timeline_->entry_ns() - 100 * kMs, timeline_->entry_ns());
  const auto tighter = test::timeline({recording(30.0, 1.9)}, {0.2, 0.0});
  ASSERT_LT(tighter->max_speed(), 1.2);
  head_.exchange(tighter, now_ns_);
  EXPECT_EQ(head_.speed(), tighter->max_speed());
  EXPECT_FALSE(head_.a_ns()) << "both are in an entry that is none any more";
  EXPECT_FALSE(head_.b_ns());
  head_.set_speed(-1.2);
  head_.exchange(tighter, now_ns_);
  EXPECT_EQ(head_.speed(), -tighter->max_backward_speed());
}

TEST_F(PlayheadTest, ManyWishesAtOnceAreNeverAStep) {
  load(59.0, {.loop = true});
  play();
  std::uint64_t random = 12345;
  const auto draw = [&random](std::uint64_t below) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random >> 33U) % below;
  };
  for (int i = 0; i < 2000; ++i) {
    const auto t_ns = static_cast<core::Nanoseconds>(draw(static_cast<std::uint64_t>(timeline_->end_ns())));
    const std::vector<std::function<void()>> wishes = {
        [&] { head_.run(false); },
        [&] { head_.run(true); },
        [&] { head_.jump(t_ns, false); },
        [&] { head_.jump(t_ns, true); },
        [&] { head_.set_speed(draw(2) == 0 ? 1.0 : -0.7); },
        [&] { static_cast<void>(head_.step(draw(2) == 0 ? 1 : -1)); },
        [&] { head_.set_ab(t_ns / 2, t_ns / 2 + 200 * kMs); },
    };
    wishes[draw(wishes.size())]();
    run(now_ns_ + static_cast<core::Nanoseconds>(draw(500)) * kMs);
  }
  head_.set_ab({}, {});
  head_.set_speed(1.0);
  head_.run(true);
  run(now_ns_ + 2 * timeline_->lap_ns());
  EXPECT_EQ(head_.phase(), TwinPhase::kPlaying);
  told_.expect_within_limits("many wishes");
}

TEST_F(PlayheadTest, PlayingNeverAllocates) {
  load(30.0);
  play();
  const testing::AllocationGuard guard;
  for (int i = 0; i < 100; ++i) {
    const auto due_ns = head_.due_ns(now_ns_);
    ASSERT_TRUE(due_ns);
    now_ns_ = std::max(now_ns_, *due_ns);
    static_cast<void>(head_.take(*due_ns));
    head_.sent(messages::CommandMark::kEngaged);
    head_.set_speed(i == 40 ? 0.7 : head_.speed());
    if (i == 60) {
      head_.jump(timeline_->entry_ns() + 900 * kMs, true);
    }
  }
}

}  // namespace
}  // namespace takt::teleop::replay
