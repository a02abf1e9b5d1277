#include <algorithm>
#include <cmath>

#include "takt/teleop/replay/playhead.hpp"
#include "takt/teleop/replay/playhead_pace.hpp"

// What a playhead emits: see playhead.cpp for its phases.

namespace takt::teleop::replay {
namespace {

constexpr core::Nanoseconds kSparse_ns = 50 * kMs;  ///< frames further apart have actions in between
constexpr core::Nanoseconds kNear_ns = 100'000;     ///< for an acceleration by differences
constexpr double kOnPath_rad = 1e-4;

/// Some time after the next action comes: an arm that goes along is never left without one because a thread was late.
double lead_s(core::Nanoseconds interval_ns) noexcept {
  return core::to_seconds(interval_ns + kSlack_ns);
}

core::JointVector scaled(core::JointVector values, double factor) noexcept {
  for (double& value : values) {
    value *= factor;
  }
  return values;
}

}  // namespace

PlayedAction Playhead::take(core::Nanoseconds due_ns) noexcept {
  PlayedAction action;
  if (phase_ == TwinPhase::kPlaying) {
    action = take_paced(due_ns);
  } else if (phase_ == TwinPhase::kMoving) {
    action = jumping_ ? take_jumping(due_ns) : take_gliding(due_ns);
  } else if (has_pulled() && due_ns >= pull_due_ns()) {
    action = take_pulled(due_ns);
  } else {
    action = hold();
    last_ns_ = due_ns;
    next_ns_ = due_ns + (phase_ == TwinPhase::kApproaching ? kDense_ns : pull_ ? kPullHold_ns : kHold_ns);
  }
  told_ = {.q_rad = action.q_rad,
           .dq_rad_s = action.dq_rad_s.empty() ? core::JointVector::zero(action.q_rad.size()) : action.dq_rad_s};
  told_gripper_ = action.gripper;
  return action;
}

void Playhead::sent(messages::CommandMark mark) noexcept {
  if (phase_ == TwinPhase::kApproaching && mark != messages::CommandMark::kAligning) {
    phase_ = TwinPhase::kPaused;
    next_ns_ = last_ns_ + kDense_ns;
  }
}

PlayedAction Playhead::hold() const noexcept {
  return {.q_rad = told_.q_rad,
          .dq_rad_s = core::JointVector::zero(told_.q_rad.size()),
          .gripper = told_gripper_,
          .frame = std::nullopt,
          .lap = lap_};
}

PlayedAction Playhead::frame_action(std::size_t index, double speed) const noexcept {
  const trajectory::TimelineFrame frame = timeline_->frame(index);
  return {.q_rad = frame.frame.q_rad,
          .dq_rad_s = scaled(frame.frame.dq_rad_s, speed),
          .gripper = frame.frame.gripper,
          .frame = index,
          .lap = lap_};
}

PlayedAction Playhead::take_paced(core::Nanoseconds due_ns) noexcept {
  if (due_ns < frame_due_ns()) {  // in between, where frames are far apart
    const core::Nanoseconds t_ns = timeline_->wrapped(paced_position_ns(due_ns));
    const Reference there = at(t_ns, paced_speed_);
    last_ns_ = due_ns;
    between_ = true;
    return {.q_rad = there.q_rad,
            .dq_rad_s = there.dq_rad_s,
            .gripper = timeline_->gripper_at(t_ns),
            .lead_s = lead_s(next_paced_ns() - due_ns),
            .frame = std::nullopt,
            .lap = lap_};
  }
  PlayedAction action = frame_action(*next_, paced_speed_);
  last_ns_ = due_ns;
  between_ = false;
  t_ns_ = time_ns(*next_);
  at_frame_ = next_;
  advance(due_ns);
  if (phase_ == TwinPhase::kPlaying) {
    last_lead_s_ = lead_s(next_paced_ns() - due_ns);
  }
  action.lead_s = last_lead_s_;
  return action;
}

/// After a frame was sent: to the next one, back to A, or to the end.
void Playhead::advance(core::Nanoseconds due_ns) noexcept {
  const std::size_t sent = *next_;
  const core::Nanoseconds before_ns = anchor_t_ns_;
  const std::int64_t lap = lap_;
  next_ = next_of(sent);
  core::Nanoseconds back_ns = 0;
  const bool round = next_ && (paced_speed_ > 0.0) != (*next_ > sent);
  if (a_ns_ && (!next_ || round || passes_bound(time_ns(*next_), back_ns))) {
    anchor_t_ns_ = before_ns;  // it does not come round
    lap_ = lap;
    stop_off(due_ns);
    go_to(paced_speed_ > 0.0 ? *a_ns_ : *b_ns_, std::nullopt);
  } else if (!next_ && is_still(at(t_ns_, paced_speed_).dq_rad_s)) {
    arrive(due_ns);
  } else if (!next_) {  // backwards, to where a recording began in motion
    stop_off(due_ns);
    go_to(t_ns_, std::nullopt);
  }
}

/// leave_pace() on the frame that was just sent.
void Playhead::stop_off(core::Nanoseconds due_ns) noexcept {
  const Reference here = at(t_ns_, paced_speed_);
  static_cast<void>(generator_.reset(here.q_rad, here.dq_rad_s, acceleration_at(t_ns_, paced_speed_)));
  last_ns_ = due_ns;
  next_ns_ = due_ns + kDense_ns;
  at_frame_.reset();
}

std::optional<std::size_t> Playhead::next_of(std::size_t index) noexcept {
  const std::size_t first = timeline_->entry_frames();
  if (paced_speed_ > 0.0) {
    if (index + 1 < timeline_->size()) {
      return index + 1;
    }
    if (!timeline_->loops()) {
      return std::nullopt;
    }
    anchor_t_ns_ -= timeline_->lap_ns();
    ++lap_;
    return first;
  }
  if (index == first && timeline_->loops()) {
    anchor_t_ns_ += timeline_->lap_ns();
    --lap_;
    return timeline_->size() - 1;
  }
  return index == 0 || index == first ? std::nullopt : std::optional(index - 1);
}

PlayedAction Playhead::take_jumping(core::Nanoseconds due_ns) noexcept {
  const control::Setpoint& next = generator_.step(core::to_seconds(due_ns - last_ns_));
  last_ns_ = due_ns;
  next_ns_ = due_ns + kDense_ns;
  PlayedAction action{.q_rad = next.q_rad,
                      .dq_rad_s = next.dq_rad_s,
                      .gripper = told_gripper_,  // what it holds it holds until it is there
                      .lead_s = lead_s(kDense_ns),
                      .frame = std::nullopt,
                      .lap = lap_};
  if (generator_.at_rest()) {
    action.gripper = timeline_->gripper_at(t_ns_);
    action.frame = target_frame_;
    at_frame_ = target_frame_;
    rest();
    next_ns_ = due_ns + kDense_ns;
  }
  return action;
}

PlayedAction Playhead::take_gliding(core::Nanoseconds due_ns) noexcept {
  const double dt_s = core::to_seconds(due_ns - last_ns_);
  const core::Nanoseconds before_ns = t_ns_;
  core::Nanoseconds t_ns = before_ns + core::from_seconds(ramp_.step(dt_s));
  const core::Nanoseconds entry_ns = timeline_->entry_ns();
  const bool came_back = before_ns >= entry_ns && t_ns < entry_ns;
  core::Nanoseconds bound_ns = 0;
  if (timeline_->loops() && (came_back || t_ns >= timeline_->end_ns())) {
    lap_ += came_back ? -1 : 1;
    t_ns += came_back ? timeline_->lap_ns() : -timeline_->lap_ns();
  } else if (came_back || t_ns < 0 || t_ns > timeline_->end_ns()) {
    go_to(std::clamp<core::Nanoseconds>(t_ns, came_back ? entry_ns : 0, timeline_->end_ns()), std::nullopt);
    return take_jumping(due_ns);
  }
  if (passes_bound(t_ns, bound_ns)) {
    go_to(bound_ns, std::nullopt);
    return take_jumping(due_ns);
  }
  t_ns_ = t_ns;
  const Reference there = at(t_ns, ramp_.speed());
  const control::Setpoint next = generator_.track(there.q_rad, there.dq_rad_s, dt_s);
  last_ns_ = due_ns;
  next_ns_ = due_ns + kDense_ns;
  const bool is_there =
      generator_.on_reference() || (core::max_abs_difference(next.q_rad, there.q_rad) <= kOnPath_rad &&
                                    core::max_abs_difference(next.dq_rad_s, there.dq_rad_s) <= kStill_rad_s);
  PlayedAction action{.q_rad = next.q_rad,
                      .dq_rad_s = next.dq_rad_s,
                      .gripper = timeline_->gripper_at(t_ns),
                      .lead_s = lead_s(kDense_ns),
                      .frame = std::nullopt,
                      .lap = lap_};
  if (ramp_.done() && is_there && ramp_.target() == 0.0) {
    rest();
  } else if (ramp_.done() && is_there) {
    start_pace(due_ns);
  }
  return action;
}

// --- where and when -------------------------------------------------------------------------------------------------

control::JointPath::Reference Playhead::at(core::Nanoseconds t_ns, double speed) const noexcept {
  Reference there = timeline_->at(t_ns);
  there.dq_rad_s = scaled(there.dq_rad_s, speed);
  return there;
}

core::JointVector Playhead::acceleration_at(core::Nanoseconds t_ns, double speed) const noexcept {
  const core::Nanoseconds from_ns = std::max<core::Nanoseconds>(0, t_ns - kNear_ns);
  const core::Nanoseconds to_ns = timeline_->loops() ? t_ns + kNear_ns : std::min(timeline_->end_ns(), t_ns + kNear_ns);
  const core::JointVector before = timeline_->at(from_ns).dq_rad_s;
  core::JointVector change = timeline_->at(to_ns).dq_rad_s;
  for (std::size_t i = 0; i < change.size(); ++i) {
    change[i] =
        (change[i] - before[i]) * speed * speed / core::to_seconds(std::max<core::Nanoseconds>(1, to_ns - from_ns));
  }
  return change;
}

core::Nanoseconds Playhead::paced_position_ns(core::Nanoseconds now_ns) const noexcept {
  const core::Nanoseconds since_ns = std::max<core::Nanoseconds>(0, now_ns - anchor_ns_);
  return anchor_t_ns_ + (paced_speed_ == 1.0 ? since_ns : std::llround(static_cast<double>(since_ns) * paced_speed_));
}

core::Nanoseconds Playhead::frame_due_ns() const noexcept {
  const core::Nanoseconds way_ns = time_ns(*next_) - anchor_t_ns_;
  return anchor_ns_ + (paced_speed_ == 1.0 ? way_ns : std::llround(static_cast<double>(way_ns) / paced_speed_));
}

core::Nanoseconds Playhead::next_paced_ns() const noexcept {
  const core::Nanoseconds left_ns = frame_due_ns() - last_ns_;
  const bool sparse = left_ns > kSparse_ns || between_;
  const core::Nanoseconds parts = sparse ? std::max<core::Nanoseconds>(1, (left_ns + kDense_ns - 1) / kDense_ns) : 1;
  return last_ns_ + left_ns / parts;  // equal parts: the guards take a change of step for one of velocity
}

/// When an action that is late may go, so that what was missed comes no faster than the limits allow.
core::Nanoseconds Playhead::caught_up_ns(core::Nanoseconds due_ns) const noexcept {
  const double most = paced_speed_ > 0.0 ? timeline_->max_speed() : timeline_->max_backward_speed();
  const double share = most > 0.0 ? std::min(1.0, std::abs(paced_speed_) / most) : 1.0;
  return sent_ns_ + std::llround(static_cast<double>(due_ns - last_ns_) * share);
}

bool Playhead::is_at_end() const noexcept {
  if (timeline_->loops() || a_ns_) {
    return false;
  }
  return speed_ > 0.0 ? t_ns_ >= timeline_->end_ns() : t_ns_ == timeline_->entry_ns() || t_ns_ <= 0;
}

/// Whether a playhead at `t_ns` has come to the end of the A–B loop, and where it goes back to.
bool Playhead::passes_bound(core::Nanoseconds t_ns, core::Nanoseconds& back_ns) const noexcept {
  if (!a_ns_ || !b_ns_) {
    return false;
  }
  back_ns = speed_ > 0.0 ? *a_ns_ : *b_ns_;
  return speed_ > 0.0 ? t_ns > *b_ns_ : t_ns < *a_ns_;
}

}  // namespace takt::teleop::replay
