#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/digital_twin_engine.hpp"

// What the twin's engine has loaded, and how it is baked.

namespace takt::teleop::replay {
namespace {

using trajectory::Timeline;

trajectory::SequenceOptions looped(trajectory::SequenceOptions options, bool loop) {
  options.loop = loop;
  return options;
}

}  // namespace

/// What the guards must expect of a timeline: frames at up to the largest speed, and actions in between.
MotionPace DigitalTwin::Engine::pace_of(const Timeline& timeline) {
  core::Nanoseconds shortest_ns = kDense_ns;
  for (std::size_t i = 1; i < timeline.size(); ++i) {
    shortest_ns = std::min(shortest_ns, timeline.time_ns(i) - timeline.time_ns(i - 1));
  }
  const double fastest = std::max({1.0, timeline.max_speed(), timeline.max_backward_speed()});
  return {.shortest_s = core::to_seconds(shortest_ns) / fastest, .longest_s = 0.1};
}

trajectory::ArmDescription DigitalTwin::Engine::arm() const {
  const robots::RobotInfo& info = orchestrator_.follower(pair_).robot().info();
  return {.name = info.name,
          .type = info.type,
          .joint_names = info.joint_names,
          .limits = orchestrator_.options(pair_).pipeline.guard.limits};
}

/// Where an arm at `q_rad` stands to play that: with its gripper as it was told last, which holds what it holds, or as
/// it was measured; none where the sequence has none to begin with.
trajectory::Standing DigitalTwin::Engine::standing_at(const core::JointVector& q_rad, const Sequence& sequence) {
  trajectory::Standing standing{.q_rad = q_rad};
  if (sequence.empty() || sequence.front().empty() || !sequence.front().frame(0).gripper) {
    return standing;
  }
  const auto told = follower().action_topic().latest();
  const auto measured = follower().state_topic().latest();
  standing.gripper = told ? told->gripper_position : std::nullopt;
  if (!standing.gripper && measured) {
    standing.gripper = measured->gripper_position;
  }
  if (standing.gripper && !std::isfinite(*standing.gripper)) {
    standing.gripper.reset();
  }
  return standing;
}

DigitalTwin::Engine::Baked DigitalTwin::Engine::bake(const trajectory::Standing& standing, const Sequence& sequence,
                                                     const trajectory::SequenceOptions& options) const {
  auto built = Timeline::build(arm(), standing, sequence, options);
  if (!built) {
    return std::unexpected(built.error());
  }
  return std::make_shared<const Timeline>(std::move(*built));
}

std::string DigitalTwin::Engine::refused_speed(const Timeline& timeline, double speed) {
  const double most = timeline.max_speed();
  const double most_back = timeline.max_backward_speed();
  if (std::abs(speed) >= kSlowest && speed <= most && -speed <= most_back) {
    return "";
  }
  return fmt::format("speed {} must be {} … {:.3f}, or backwards up to {:.3f}; the limits allow no more", speed,
                     kSlowest, most, most_back);
}

Expected<std::size_t, std::string> DigitalTwin::Engine::load(Sequence sequence,
                                                             const trajectory::SequenceOptions& options, double speed) {
  const std::scoped_lock turn(turn_);
  if (is_played()) {
    return std::unexpected(follower().name() + " is playing; stop it first");
  }
  const auto at = player_->standing();
  if (!at) {
    return std::unexpected("where " + follower().name() + " stands is not known");
  }
  const trajectory::Standing standing = standing_at(at->q_rad, sequence);
  auto baked = bake(standing, sequence, options);
  if (!baked) {
    return std::unexpected(baked.error());
  }
  if (std::string refused = refused_speed(**baked, speed); !refused.empty()) {
    return std::unexpected(std::move(refused));
  }
  auto kept = std::make_shared<const Sequence>(std::move(sequence));
  sequence_options_ = options;
  anchor_ = standing;
  const std::size_t frames = (*baked)->size();
  const MotionPace pace = pace_of(**baked);
  const std::scoped_lock lock(mutex_);
  sequence_ = std::move(kept);
  pace_ = pace;
  playhead_.load(std::move(*baked));
  playhead_.set_speed(speed);
  return frames;
}

void DigitalTwin::Engine::unload() {
  static_cast<void>(stop());
  const std::scoped_lock turn(turn_);
  {
    const std::scoped_lock lock(mutex_);
    forget_ = true;
    if (!playhead_.in_command()) {
      forget();
      return;
    }
  }
  static_cast<void>(stop());  // what began between the first stop and this turn
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
  if (is_played()) {
    return std::unexpected(follower().name() + " is playing; stop it first");
  }
  const auto sequence = this->sequence();  // asked last: see set_out()
  if (sequence == nullptr) {
    return std::unexpected("nothing is loaded");
  }
  const auto at = player_->standing();
  if (!at) {
    return std::unexpected("where " + follower().name() + " stands is not known");
  }
  const trajectory::Standing standing = standing_at(at->q_rad, *sequence);
  auto baked = bake(standing, *sequence, sequence_options_);
  if (!baked) {
    return std::unexpected(baked.error());
  }
  anchor_ = standing;
  const MotionPace pace = pace_of(**baked);
  const std::scoped_lock lock(mutex_);
  exchange(std::move(*baked), pace);
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
  auto baked = bake(anchor_, *sequence, looped(sequence_options_, loop));
  if (!baked) {
    return std::unexpected(baked.error());
  }
  const MotionPace pace = pace_of(**baked);
  {
    const std::scoped_lock lock(mutex_);
    if (sequence_ == nullptr) {  // unload() came, and what was played has ended
      return std::unexpected("nothing is loaded");
    }
    exchange(std::move(*baked), pace);
  }
  sequence_options_.loop = loop;
  player_->nudge();
  return {};
}

/// The same sequence baked anew. @pre mutex_ is held
void DigitalTwin::Engine::exchange(std::shared_ptr<const Timeline> timeline, const MotionPace& pace) {
  playhead_.exchange(std::move(timeline), clock_.now_ns());
  pace_ = pace;
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
