#include "takt/teleop/replay/playhead.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

//                    begin()                         sent(): it follows
//   kLoaded ────────────────► kApproaching ─────────────────────────────► kPaused ◄───────────────────┐
//                                                                          │ running_                 │ at rest
//                                            the timeline stands still here │ it moves, or is elsewhere │
//                                 kPlaying ◄────────────────────────────────┴─────────────► kMoving ────┘
//                                    │   ▲  on the timeline again                             ▲
//                                    │   └────────────────────────────────────────────────────┤
//                                    └── another speed, a jump ───────────────────────────────┘
//   the last frame: kArriving, half a second, over
//
// kMoving has two ways: gliding along the timeline while the ramp changes its speed, and jumping (jumping_) straight to
// a place. Both are steps of one generator, so the one can become the other at any action. playhead_motion.cpp has what
// is emitted, this file what is wished.

namespace takt::teleop::replay {

Playhead::Playhead(std::span<const control::JointLimits> limits, double fraction, bool goes_along)
    : limits_(limits.begin(), limits.end()), fraction_(fraction), goes_along_(goes_along), generator_(limits) {
  generator_.scale_budgets(fraction);
}

void Playhead::load(std::shared_ptr<const trajectory::Timeline> timeline) {
  timeline_ = std::move(timeline);
  speed_ = 1.0;
  a_ns_.reset();
  b_ns_.reset();
  end();
}

void Playhead::exchange(std::shared_ptr<const trajectory::Timeline> timeline, core::Nanoseconds now_ns) {
  if (in_command()) {
    exchange_end(std::move(timeline), now_ns);
  } else {
    const auto before = std::exchange(timeline_, std::move(timeline));
    const core::Nanoseconds shift_ns = timeline_->entry_ns() - before->entry_ns();
    const auto moved = [&](core::Nanoseconds t_ns) {
      return t_ns <= before->entry_ns() ? std::min(t_ns, timeline_->entry_ns()) : t_ns + shift_ns;
    };
    t_ns_ = std::min(moved(t_ns_), timeline_->end_ns());
    a_ns_ = a_ns_ ? std::optional(moved(*a_ns_)) : a_ns_;
    b_ns_ = b_ns_ ? std::optional(moved(*b_ns_)) : b_ns_;
  }
  b_ns_ = b_ns_ ? std::optional(std::min(*b_ns_, timeline_->end_ns())) : b_ns_;
  if (a_ns_ && *a_ns_ >= *b_ns_) {
    set_ab({}, {});
  }
  bound_speed();
}

/// While it is played: the entry and all that was recorded are the same; what comes after that is another way now, or
/// none, and no frame or place of it may be kept.
void Playhead::exchange_end(std::shared_ptr<const trajectory::Timeline> timeline, core::Nanoseconds now_ns) {
  const core::Nanoseconds last_ns = last_recorded_ns();
  const std::size_t last = timeline_->index_at(last_ns);
  const bool beyond =
      phase_ == TwinPhase::kPlaying ? (next_ && *next_ > last) || position_ns(now_ns) > last_ns : t_ns_ > last_ns;
  const bool arriving = phase_ == TwinPhase::kArriving;
  const bool rests = phase_ == TwinPhase::kPaused || phase_ == TwinPhase::kApproaching;
  if (beyond && !arriving && !rests) {
    leave_pace(now_ns);  // as long as the arm is on this timeline
  }
  timeline_ = std::move(timeline);
  pulls_ = 0;
  for (auto* index : {&wished_frame_, &target_frame_, &at_frame_}) {
    *index = *index && **index > last ? std::nullopt : *index;
  }
  for (auto* place_ns : {&wished_ns_, &placed_ns_}) {
    *place_ns = *place_ns ? std::optional(std::min(**place_ns, last_ns)) : *place_ns;
  }
  if (arriving) {
    jump(timeline_->entry_ns(), true);
  } else if (beyond && rests) {  // and stays until it runs
    t_ns_ = last_ns;
    away_ = true;
    at_frame_.reset();
  } else if (beyond) {
    go_to(last_ns, std::nullopt);
  }
}

/// As fast as this timeline allows, at most. Where nothing backwards is allowed, on.
void Playhead::bound_speed() noexcept {
  const double back = timeline_->max_backward_speed();
  speed_ = std::min(speed_, timeline_->max_speed());
  speed_ = speed_ < -back ? (back >= kSlowest ? -back : kSlowest) : speed_;
}

void Playhead::begin(const core::JointVector& standing_rad, double close_rad, core::Nanoseconds now_ns, bool pull) {
  pull_ = pull;
  if (running_ && speed_ < 0.0 && !wished_ns_ && t_ns_ <= timeline_->entry_ns()) {
    t_ns_ = timeline_->loops() ? timeline_->entry_ns() : timeline_->end_ns();
  }
  const Reference there = at(t_ns_, 0.0);
  away_ = core::max_abs_difference(standing_rad, there.q_rad) > close_rad;
  told_ = {.q_rad = away_ ? standing_rad : there.q_rad, .dq_rad_s = core::JointVector::zero(standing_rad.size())};
  told_gripper_ = away_ ? std::nullopt : timeline_->gripper_at(t_ns_);
  phase_ = TwinPhase::kApproaching;
  began_ns_ = now_ns;
  next_ns_ = now_ns;
  last_ns_ = now_ns - kDense_ns;
  sent_ns_ = 0;
  pulled_ns_ = 0;
  stalls_ = 0;
}

void Playhead::end() noexcept {
  phase_ = timeline_ == nullptr ? TwinPhase::kEmpty : TwinPhase::kLoaded;
  running_ = false;
  pull_ = false;
  pulls_ = 0;
  wished_ns_.reset();
  placed_ns_.reset();
  next_.reset();
  at_frame_.reset();
  jumping_ = false;
  away_ = false;
  t_ns_ = 0;
  lap_ = 0;
}

// --- wishes --------------------------------------------------------------------------------------------------------

void Playhead::jump(core::Nanoseconds t_ns, bool follows, std::optional<std::size_t> frame) noexcept {
  const core::Nanoseconds to_ns = timeline_->wrapped(t_ns);
  if (in_command() && (running_ || follows)) {
    wished_ns_ = to_ns;
    wished_frame_ = frame;
    placed_ns_.reset();
  } else if (in_command()) {
    placed_ns_ = to_ns;
    if (phase_ == TwinPhase::kPaused) {
      place();
    }
  } else {
    t_ns_ = to_ns;
  }
}

/// The playhead alone, of an arm that rests.
void Playhead::place() noexcept {
  if (placed_ns_) {
    t_ns_ = *placed_ns_;
    away_ = true;
    pulls_ = 0;
    at_frame_.reset();
    placed_ns_.reset();
  }
}

bool Playhead::step(int frames) noexcept {
  const core::Nanoseconds here_ns = position_ns(last_ns_);
  auto index = static_cast<std::int64_t>(timeline_->index_at(here_ns));
  const bool between = time_ns(timeline_->index_at(here_ns)) != here_ns;
  index += frames < 0 && between ? 1 : 0;
  if (wished_ns_ && wished_frame_) {
    index = static_cast<std::int64_t>(*wished_frame_);
  } else if (jumping_ && target_frame_) {
    index = static_cast<std::int64_t>(*target_frame_);
  }
  index += frames;
  const auto size = static_cast<std::int64_t>(timeline_->size());
  const std::int64_t lap = size - static_cast<std::int64_t>(timeline_->entry_frames());
  if (timeline_->loops() && index >= size) {
    index = size - lap + (index - size) % lap;
  }
  if (frames == 0 || index < 0 || index >= size) {
    return false;
  }
  running_ = false;
  const auto frame = static_cast<std::size_t>(index);
  jump(time_ns(frame), true, frame);
  return true;
}

void Playhead::set_ab(std::optional<core::Nanoseconds> a_ns, std::optional<core::Nanoseconds> b_ns) noexcept {
  a_ns_ = a_ns && b_ns ? a_ns : std::nullopt;
  b_ns_ = a_ns && b_ns ? b_ns : std::nullopt;
}

// --- what can be seen ------------------------------------------------------------------------------------------------

core::Nanoseconds Playhead::position_ns(core::Nanoseconds now_ns) const noexcept {
  return phase_ == TwinPhase::kPlaying ? timeline_->wrapped(paced_position_ns(now_ns)) : t_ns_;
}

control::JointPath::Reference Playhead::reference(core::Nanoseconds now_ns) const noexcept {
  return phase_ == TwinPhase::kPlaying ? at(position_ns(now_ns), paced_speed_) : told_;
}

core::Nanoseconds Playhead::last_recorded_ns() const noexcept {
  core::Nanoseconds last_ns = timeline_->end_ns();
  for (const trajectory::Piece& piece : timeline_->pieces()) {
    if (piece.part == trajectory::Part::kRecorded && piece.frames > 0) {
      last_ns = time_ns(piece.first_frame + piece.frames - 1);
    }
  }
  return last_ns;
}

}  // namespace takt::teleop::replay
