// What a play thread that comes late does to the motion.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/replay/playhead.hpp"
#include "takt/teleop/replay/test/playhead_rig.hpp"

namespace takt::teleop::replay {
namespace {

using test::kMs;
using test::PlayheadTest;
using test::recording;

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

}  // namespace
}  // namespace takt::teleop::replay
