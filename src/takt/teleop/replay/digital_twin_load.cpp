#include <algorithm>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/digital_twin_engine.hpp"

// What the twin's engine has loaded, and how it is baked.

namespace takt::teleop::replay {
namespace {

using trajectory::Timeline;

/// What the guards must expect of a timeline: frames at up to the largest speed, and actions in between.
MotionPace pace_of(const Timeline& timeline) {
  core::Nanoseconds shortest_ns = kDense_ns;
  for (std::size_t i = 1; i < timeline.size(); ++i) {
    shortest_ns = std::min(shortest_ns, timeline.time_ns(i) - timeline.time_ns(i - 1));
  }
  return {.shortest_s = core::to_seconds(shortest_ns) / std::max(1.0, timeline.max_speed()), .longest_s = 0.1};
}

trajectory::SequenceOptions looped(trajectory::SequenceOptions options, bool loop) {
  options.loop = loop;
  return options;
}

}  // namespace

trajectory::ArmDescription DigitalTwin::Engine::arm() const {
  const robots::RobotInfo& info = orchestrator_.follower(pair_).robot().info();
  return {.name = info.name,
          .type = info.type,
          .joint_names = info.joint_names,
          .limits = orchestrator_.options(pair_).pipeline.guard.limits};
}

DigitalTwin::Engine::Baked DigitalTwin::Engine::bake(const core::JointVector& standing_rad, const Sequence& sequence,
                                                     const trajectory::SequenceOptions& options) const {
  auto built = Timeline::build(arm(), {.q_rad = standing_rad}, sequence, options);
  if (!built) {
    return std::unexpected(built.error());
  }
  return std::make_shared<const Timeline>(std::move(*built));
}

Expected<std::size_t, std::string> DigitalTwin::Engine::load(Sequence sequence,
                                                             const trajectory::SequenceOptions& options) {
  const std::scoped_lock turn(turn_);
  if (is_played()) {
    return std::unexpected(follower().name() + " is playing; stop it first");
  }
  const auto standing = player_->standing();
  if (!standing) {
    return std::unexpected("where " + follower().name() + " stands is not known");
  }
  auto baked = bake(standing->q_rad, sequence, options);
  if (!baked) {
    return std::unexpected(baked.error());
  }
  auto kept = std::make_shared<const Sequence>(std::move(sequence));
  sequence_options_ = options;
  anchor_rad_ = standing->q_rad;
  const std::size_t frames = (*baked)->size();
  const MotionPace pace = pace_of(**baked);
  const std::scoped_lock lock(mutex_);
  sequence_ = std::move(kept);
  pace_ = pace;
  playhead_.load(std::move(*baked));
  return frames;
}

void DigitalTwin::Engine::unload() {
  static_cast<void>(stop());
  const std::scoped_lock turn(turn_);
  const std::scoped_lock lock(mutex_);
  forget_ = true;
  if (!playhead_.in_command()) {
    forget();
  }
}

/// @pre mutex_ is held, and it is not in command
void DigitalTwin::Engine::forget() {
  if (std::exchange(forget_, false)) {
    sequence_.reset();
    playhead_.load(nullptr);
  }
}

DigitalTwin::Engine::Done DigitalTwin::Engine::snap_anchor() {
  const std::scoped_lock turn(turn_);
  const auto sequence = this->sequence();
  if (sequence == nullptr) {
    return std::unexpected("nothing is loaded");
  }
  if (is_played()) {
    return std::unexpected(follower().name() + " is playing; stop it first");
  }
  const auto standing = player_->standing();
  if (!standing) {
    return std::unexpected("where " + follower().name() + " stands is not known");
  }
  auto baked = bake(standing->q_rad, *sequence, sequence_options_);
  if (!baked) {
    return std::unexpected(baked.error());
  }
  anchor_rad_ = standing->q_rad;
  const std::scoped_lock lock(mutex_);
  playhead_.exchange(std::move(*baked));
  return {};
}

DigitalTwin::Engine::Done DigitalTwin::Engine::set_loop(bool loop) {
  const std::scoped_lock turn(turn_);
  const auto sequence = this->sequence();
  if (sequence == nullptr) {
    return std::unexpected("nothing is loaded");
  }
  if (sequence_options_.loop == loop) {
    return {};
  }
  auto baked = bake(anchor_rad_, *sequence, looped(sequence_options_, loop));
  if (!baked) {
    return std::unexpected(baked.error());
  }
  {
    const std::scoped_lock lock(mutex_);
    if (sequence_ == nullptr) {  // unload() came, and what was played has ended
      return std::unexpected("nothing is loaded");
    }
    playhead_.exchange(std::move(*baked));
  }
  sequence_options_.loop = loop;
  player_->nudge();
  return {};
}

std::shared_ptr<const Timeline> DigitalTwin::Engine::timeline() const {
  const std::scoped_lock lock(mutex_);
  return playhead_.timeline();
}

std::shared_ptr<const DigitalTwin::Engine::Sequence> DigitalTwin::Engine::sequence() const {
  const std::scoped_lock lock(mutex_);
  return sequence_;
}

/// Also while its end is still being told of.
bool DigitalTwin::Engine::is_played() const {
  const std::scoped_lock lock(mutex_);
  return playhead_.in_command();
}

}  // namespace takt::teleop::replay
