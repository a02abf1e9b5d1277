#include <algorithm>
#include <cmath>

#include "takt/teleop/replay/playhead.hpp"
#include "takt/teleop/replay/playhead_pace.hpp"

// Frames that somebody else asks for, one by one. The arm takes them at the largest speed of play at most, however fast
// they are asked for: until then they wait.

namespace takt::teleop::replay {
namespace {

constexpr std::size_t kMostPulls = 16;  ///< that wait: what a client on a busy host makes up for

}  // namespace

const char* Playhead::pull_refused() const noexcept {
  if (!pull_) {
    return "it is not played to be pulled";
  }
  if (phase_ != TwinPhase::kPaused || wished_ns_ || (running_ && (away_ || placed_ns_))) {
    return "the arm is still on its way to the playhead";
  }
  if (!running_) {
    return "it is paused; resume it first";
  }
  return pulls_ < kMostPulls ? "" : "the arm is behind: the frames that were pulled before are still on their way";
}

std::optional<std::size_t> Playhead::pull() noexcept {
  const auto next = pull_after(pulls_ > 0 ? last_pull_ : at_frame_);
  if (next) {
    last_pull_ = next;
    ++pulls_;
  }
  return next;
}

std::optional<std::size_t> Playhead::pull_after(std::optional<std::size_t> frame) const noexcept {
  std::size_t next = 0;
  if (frame) {
    next = *frame + 1;
  } else {
    const std::size_t here = timeline_->index_at(t_ns_);
    next = time_ns(here) < t_ns_ ? here + 1 : here;
  }
  if (next < timeline_->size()) {
    return next;
  }
  return timeline_->loops() ? std::optional(timeline_->entry_frames()) : std::nullopt;
}

/// The recorded way divided by the largest speed after the one before; and after whatever came last, be it a hold, so
/// long that the guards see the step for what it is.
core::Nanoseconds Playhead::pull_due_ns() const noexcept {
  const auto next = pull_after(at_frame_);
  core::Nanoseconds way_ns = next ? time_ns(*next) - t_ns_ : 0;
  way_ns += way_ns < 0 ? timeline_->lap_ns() : 0;
  way_ns = way_ns == 0 ? kDense_ns : way_ns;
  const auto fastest_ns = static_cast<core::Nanoseconds>(static_cast<double>(way_ns) / timeline_->max_speed());
  const core::Nanoseconds least_ns = std::max(fastest_ns, std::min(way_ns, kDense_ns));
  return std::max(pulled_ns_ + least_ns, last_ns_ + std::min(least_ns, kDense_ns));
}

/// At somebody else's pace, so without a velocity.
PlayedAction Playhead::take_pulled(core::Nanoseconds due_ns) noexcept {
  const std::size_t index = *pull_after(at_frame_);
  lap_ += at_frame_ && index <= *at_frame_ ? 1 : 0;
  PlayedAction action = frame_action(index, 1.0);
  action.dq_rad_s = {};
  t_ns_ = time_ns(index);
  at_frame_ = index;
  --pulls_;
  last_ns_ = due_ns;
  pulled_ns_ = due_ns;
  next_ns_ = due_ns + kPullHold_ns;
  if (has_pulled()) {
    next_ns_ = std::min(next_ns_, pull_due_ns());
  }
  return action;
}

}  // namespace takt::teleop::replay
