#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/replay/playhead.hpp"
#include "takt/teleop/replay/test/recordings.hpp"

namespace takt::teleop::replay::test {

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

}  // namespace takt::teleop::replay::test
