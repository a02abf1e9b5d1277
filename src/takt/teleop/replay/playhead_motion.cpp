#include <algorithm>
#include <cmath>

#include "takt/teleop/replay/playhead.hpp"
#include "takt/teleop/replay/playhead_pace.hpp"

// When a playhead's next action is due, and how it comes from one phase into another: see playhead.cpp.

namespace takt::teleop::replay {
namespace {

constexpr core::Nanoseconds kStall_ns = 50 * kMs;     ///< what is later than this is not made up for
constexpr core::Nanoseconds kArrival_ns = 500 * kMs;  ///< for an arm behind its commands
constexpr double kAhead_s = 0.5;                      ///< how far the ramp looks for the fastest of its way
constexpr int kLooks = 5;

}  // namespace

std::optional<core::Nanoseconds> Playhead::due_ns(core::Nanoseconds now_ns) noexcept {
  if (!in_command()) {
    return std::nullopt;
  }
  heed_wishes(now_ns);
  if (phase_ == TwinPhase::kArriving && now_ns >= until_ns_) {
    return std::nullopt;
  }
  if (phase_ == TwinPhase::kPlaying) {
    if (now_ns - next_paced_ns() > kStall_ns) {
      anchor_ns_ += now_ns - next_paced_ns();
      last_ns_ = std::max(last_ns_, now_ns - kDense_ns);
      ++stalls_;
    }
    const core::Nanoseconds due_ns = next_paced_ns();
    if (!goes_along_ && now_ns - due_ns > kSlack_ns && now_ns < caught_up_ns(due_ns)) {
      return caught_up_ns(due_ns);  // and is asked again then
    }
    sent_ns_ = due_ns <= now_ns ? now_ns : sent_ns_;
    return due_ns;
  }
  if (has_pulled()) {
    next_ns_ = std::min(next_ns_, std::max(now_ns, pull_due_ns()));
  }
  if (now_ns - next_ns_ > kStall_ns) {
    stalls_ += phase_ == TwinPhase::kMoving ? 1 : 0;
    last_ns_ = phase_ == TwinPhase::kMoving ? now_ns - kDense_ns : last_ns_;
    next_ns_ = now_ns;
  }
  const core::Nanoseconds caught_up_ns = sent_ns_ + (next_ns_ - last_ns_);  // no faster than it was made
  if (!goes_along_ && now_ns - next_ns_ > kSlack_ns && now_ns < caught_up_ns) {
    return caught_up_ns;
  }
  sent_ns_ = next_ns_ <= now_ns ? now_ns : sent_ns_;
  return next_ns_;
}

void Playhead::heed_wishes(core::Nanoseconds now_ns) noexcept {
  if (phase_ == TwinPhase::kApproaching) {
    return;
  }
  if (running_ && placed_ns_) {
    wished_ns_ = placed_ns_;
    wished_frame_.reset();
    placed_ns_.reset();
  }
  if (wished_ns_) {
    leave_pace(now_ns);
    go_to(*wished_ns_, wished_frame_);
    wished_ns_.reset();
    return;
  }
  switch (phase_) {
    case TwinPhase::kPlaying:
      if (paced_speed_ != wanted_speed()) {
        leave_pace(now_ns);
        change_speed(paced_speed_);
      }
      break;
    case TwinPhase::kMoving:
      if (!jumping_ && ramp_.target() != wanted_speed()) {
        change_speed(ramp_.speed());
      }
      break;
    case TwinPhase::kArriving:
      phase_ = running_ && is_at_end() ? phase_ : TwinPhase::kPaused;
      break;
    default:
      break;
  }
  if (phase_ == TwinPhase::kPaused && running_ && (!pull_ || away_)) {
    set_out(now_ns);
  }
}

double Playhead::wanted_speed() const noexcept {
  return running_ && !pull_ ? speed_ : 0.0;
}

/// From rest. Where the timeline rests as well its pace begins at once; else the playhead has to gather speed.
void Playhead::set_out(core::Nanoseconds now_ns) noexcept {
  core::Nanoseconds back_ns = 0;
  if (away_ || passes_bound(t_ns_ + (speed_ > 0.0 ? 1 : -1), back_ns)) {
    leave_pace(now_ns);
    go_to(away_ ? t_ns_ : back_ns, std::nullopt);
  } else if (is_at_end()) {
    arrive(now_ns);
  } else if (is_still(at(t_ns_, speed_).dq_rad_s)) {
    start_pace(std::max(now_ns, last_ns_ + kDense_ns));
  } else {
    leave_pace(now_ns);
    change_speed(0.0);
  }
}

void Playhead::arrive(core::Nanoseconds now_ns) noexcept {
  phase_ = TwinPhase::kArriving;
  jumping_ = false;
  until_ns_ = now_ns + kArrival_ns;
  next_ns_ = last_ns_ + kHold_ns;
  told_.dq_rad_s = core::JointVector::zero(told_.q_rad.size());
}

void Playhead::start_pace(core::Nanoseconds anchor_ns) noexcept {
  phase_ = TwinPhase::kPlaying;
  jumping_ = false;
  anchor_ns_ = anchor_ns;
  anchor_t_ns_ = t_ns_;
  paced_speed_ = speed_;
  between_ = false;
  last_ns_ = std::max(last_ns_, anchor_ns - kDense_ns);
  const std::size_t here = timeline_->index_at(t_ns_);
  const bool passed = speed_ > 0.0 && time_ns(here) < t_ns_;
  next_ = passed || at_frame_ == here ? next_of(here) : here;
  if (!next_) {
    arrive(anchor_ns);
  }
}

/// The generator takes up what the arm is doing now, at most where the next action would have been, if that is late;
/// the next action is one of its steps.
void Playhead::leave_pace(core::Nanoseconds now_ns) noexcept {
  if (phase_ == TwinPhase::kPlaying) {
    const core::Nanoseconds at_ns = std::max(last_ns_, std::min(now_ns, next_paced_ns()));
    t_ns_ = timeline_->wrapped(paced_position_ns(at_ns));
    const Reference here = at(t_ns_, paced_speed_);
    static_cast<void>(generator_.reset(here.q_rad, here.dq_rad_s, acceleration_at(t_ns_, paced_speed_)));
    last_ns_ = at_ns;
  } else if (phase_ != TwinPhase::kMoving) {
    static_cast<void>(generator_.reset(told_.q_rad));
    last_ns_ = std::max(last_ns_, now_ns - kDense_ns);
  }
  at_frame_.reset();
  phase_ = TwinPhase::kMoving;
  next_ns_ = last_ns_ + kDense_ns;
}

void Playhead::go_to(core::Nanoseconds t_ns, std::optional<std::size_t> frame) noexcept {
  core::JointVector target_rad = frame ? timeline_->frame(*frame).frame.q_rad : at(t_ns, 0.0).q_rad;
  for (std::size_t i = 0; i < target_rad.size(); ++i) {
    target_rad[i] = std::clamp(target_rad[i], generator_.lowest_rad()[i], generator_.highest_rad()[i]);
  }
  static_cast<void>(generator_.set_target(target_rad));
  phase_ = TwinPhase::kMoving;
  jumping_ = true;
  away_ = false;
  pulls_ = 0;
  t_ns_ = t_ns;
  target_frame_ = frame;
}

void Playhead::change_speed(double from) noexcept {
  const double to = wanted_speed();
  const double ahead = from + to < 0.0 ? -1.0 : 1.0;
  core::JointVector fastest = core::JointVector::zero(timeline_->joints());
  for (int k = 0; k <= kLooks; ++k) {
    const double ahead_s = ahead * kAhead_s * k / kLooks;
    const Reference there = at(t_ns_ + core::from_seconds(ahead_s), 1.0);
    for (std::size_t i = 0; i < fastest.size(); ++i) {
      fastest[i] = std::max(fastest[i], std::abs(there.dq_rad_s[i]));
    }
  }
  ramp_ = SpeedRamp(from, to, fastest, limits_, fraction_);
  phase_ = TwinPhase::kMoving;
  jumping_ = false;
}

void Playhead::rest() noexcept {
  phase_ = TwinPhase::kPaused;
  jumping_ = false;
  next_ns_ = last_ns_ + kHold_ns;
  place();
}

}  // namespace takt::teleop::replay
