#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "takt/teleop/replay/digital_twin_engine.hpp"

// The twin's engine as its play thread and its clients meet it.

namespace takt::teleop::replay {
namespace {

constexpr std::string_view kOwner = "its own program";

void add_extra(messages::RobotState& action, const char* key, double value) noexcept {
  action.extras.push_back({.key = key, .value = value});
}

}  // namespace

// --- the engine on the play thread -----------------------------------------------------------------------------------

std::optional<core::Nanoseconds> DigitalTwin::Engine::due_ns(core::Nanoseconds now_ns) noexcept {
  const std::scoped_lock lock(mutex_);
  if (commander_is_lost(now_ns)) {
    left_ = "its commander fell silent";
    return std::nullopt;
  }
  const bool approaching = playhead_.phase() == TwinPhase::kApproaching;
  if (approaching && now_ns - playhead_.began_ns() > core::from_seconds(options_.approach_limit_s)) {
    left_ = "the arm did not come to where it was told to begin";
    return std::nullopt;
  }
  const auto due = playhead_.due_ns(now_ns);
  finished_ = !due;
  return due;
}

void DigitalTwin::Engine::fill(core::Nanoseconds due_ns, messages::RobotState& action) noexcept {
  const core::Nanoseconds late_ns = clock_.now_ns() - due_ns;
  const std::scoped_lock lock(mutex_);
  on_its_way_ = playhead_.take(due_ns);
  due_ns_ = due_ns;
  late_ns_ = late_ns;
  action.joint_positions = on_its_way_.q_rad;
  action.joint_velocities = on_its_way_.dq_rad_s;
  action.gripper_position = on_its_way_.gripper;
  if (on_its_way_.frame) {
    add_extra(action, kFrameKey, static_cast<double>(*on_its_way_.frame));
    add_extra(action, kLapKey, static_cast<double>(on_its_way_.lap));
  }
  if (on_its_way_.lead_s > 0.0) {
    add_extra(action, robots::kLeadKey, on_its_way_.lead_s);
  }
}

void DigitalTwin::Engine::sent(const messages::RobotState& action) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    playhead_.sent(action.mark);
    ++(on_its_way_.frame ? counts_.emitted : counts_.between);
    counts_.altered += on_its_way_.frame && action.mark != messages::CommandMark::kEngaged ? 1 : 0;
  }
  if (on_its_way_.frame && options_.on_frame) {
    options_.on_frame({.index = *on_its_way_.frame,
                       .lap = on_its_way_.lap,
                       .due_ns = due_ns_,
                       .late_ns = late_ns_,
                       .action = &action});
  }
}

Expected<std::optional<trajectory::Frame>, std::string> DigitalTwin::Engine::next_action() {
  std::optional<trajectory::Frame> frame;
  const auto pull = [&frame](Playhead& playhead) -> std::string {
    std::string refused = playhead.pull_refused();
    const auto index = refused.empty() ? playhead.pull() : std::nullopt;
    frame = index ? std::optional(playhead.timeline()->frame(*index).frame) : std::nullopt;
    return refused;
  };
  const Done pulled = ask(true, pull);
  if (!pulled) {
    return std::unexpected(pulled.error());
  }
  return frame;
}

TwinStatus DigitalTwin::Engine::status() const {
  const core::Nanoseconds now_ns = clock_.now_ns();
  const std::scoped_lock lock(mutex_);
  TwinStatus status = counts_;
  const auto& timeline = playhead_.timeline();
  status.phase = playhead_.phase();
  const auto holder = commander_.holder(now_ns);
  status.commander = holder ? std::string(holder->name.view()) : "";
  status.speed = playhead_.speed();
  status.lap = playhead_.lap();
  status.left = last_left_;
  status.stalls = playhead_.stalls();
  if (timeline != nullptr) {
    const core::Nanoseconds t_ns = playhead_.position_ns(now_ns);
    const auto seconds = [](core::Nanoseconds ns) { return core::to_seconds(ns); };
    status.playhead_s = seconds(t_ns);
    status.entry_s = seconds(timeline->entry_ns());
    status.length_s = seconds(timeline->end_ns());
    status.frame = timeline->index_at(t_ns);
    status.frames = timeline->size();
    status.loop = timeline->loops();
    status.a_s = playhead_.a_ns().transform(seconds);
    status.b_s = playhead_.b_ns().transform(seconds);
  }
  return status;
}

// --- who may ask ----------------------------------------------------------------------------------------------------

Expected<control::LeaseEpoch, std::string> DigitalTwin::Engine::take(std::string_view client, double lease_s) {
  const core::Nanoseconds now_ns = clock_.now_ns();
  const std::scoped_lock lock(mutex_);
  if (!(lease_s > 0.0 && lease_s <= 3600.0)) {
    return std::unexpected(fmt::format("a lease of {} s: want more than 0, at most an hour", lease_s));
  }
  const auto holder = commander_.holder(now_ns);
  if (holder || playhead_.in_command()) {
    return std::unexpected(
        fmt::format("{} is played by {}", orchestrator_.follower(pair_).name(), holder ? holder->name.view() : kOwner));
  }
  const auto epoch = commander_.acquire(client, now_ns, core::from_seconds(lease_s));
  if (!epoch) {
    return std::unexpected("a client needs a name");
  }
  return *epoch;
}

bool DigitalTwin::Engine::renew(control::LeaseEpoch epoch, double lease_s) {
  const std::scoped_lock lock(mutex_);
  return commander_.renew(epoch, clock_.now_ns(), core::from_seconds(std::clamp(lease_s, 0.0, 3600.0))).has_value();
}

bool DigitalTwin::Engine::release(control::LeaseEpoch epoch) {
  bool released = false;
  bool plays = false;  // what others play under another lease, or none, goes on
  {
    const std::scoped_lock lock(mutex_);
    released = commander_.release(epoch);
    plays = released && playhead_.in_command() && played_by_ == epoch;
  }
  if (plays) {
    static_cast<void>(stop());
  }
  return released;
}

bool DigitalTwin::Engine::admits(control::LeaseEpoch epoch) {
  return commander_.admits(epoch, clock_.now_ns());
}

/// Of who begins to play: a client whose lease has run out meanwhile has no arm any more, and the owner's own program
/// plays nothing under a client's lease. @pre mutex_ is held. @throws ConfigError
void DigitalTwin::Engine::require_lease(control::LeaseEpoch asked_by, core::Nanoseconds now_ns) const {
  const auto holder = commander_.holder(now_ns);
  if (asked_by == 0 && holder) {
    throw ConfigError(fmt::format("{} is commanded by {}", orchestrator_.follower(pair_).name(), holder->name.view()));
  }
  if (asked_by != 0 && (!holder || holder->epoch != asked_by)) {
    throw ConfigError("the lease of who asks has run out, or ended with what it played: take it again");
  }
}

/// What a client began ends with its lease; what the owner's own program began does not.
bool DigitalTwin::Engine::commander_is_lost(core::Nanoseconds now_ns) const noexcept {
  const auto holder = commander_.holder(now_ns);
  return played_by_ != 0 && (!holder || holder->epoch != played_by_);
}

}  // namespace takt::teleop::replay
