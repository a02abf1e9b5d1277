// Pulls, and timelines that are exchanged while they are played.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/replay/playhead.hpp"
#include "takt/teleop/replay/test/playhead_rig.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop::replay {
namespace {

using test::kMs;
using test::PlayheadTest;
using test::recording;

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
