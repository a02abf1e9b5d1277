#include "replay_player.hpp"

#include <cstdio>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "takt/registry/robots.hpp"
#include "takt/trajectory/timeline.hpp"

namespace takt::app {
namespace {

using teleop::replay::CommandCaller;
using teleop::replay::ReplayStatus;
using trajectory::recorder::StateKind;

constexpr core::Nanoseconds kOwnerSilent_ns = 3 * core::kNanosecondsPerSecond;

}  // namespace

LocalPlayer::LocalPlayer(const std::string& arm, const std::string& name, const std::optional<std::string>& output)
    : owner_(registry::open_robot(arm), {.name = name}), commands_(owner_.twin(), {}) {
  if (output) {
    record(*output);
  }
  owner_.start();
}

LocalPlayer::~LocalPlayer() {
  owner_.stop();
  taps_.clear();
}

CommandCaller LocalPlayer::caller() const {
  return {.client = "takt replay", .remote = false};
}

void LocalPlayer::record(const std::string& file) {
  recorder_ = std::make_unique<trajectory::recorder::Recorder>(file);
  file_.emplace(file);
  tap(owner_.node().action_topic(), StateKind::kSent);
  tap(owner_.node().state_topic(), StateKind::kReadBack);
  std::ignore = recorder_->begin_episode("replay");
}

void LocalPlayer::tap(bus::Topic<messages::RobotState>& topic, StateKind kind) {
  const robots::RobotInfo& info = owner_.node().robot().info();
  auto& channel = recorder_->states({.robot = owner_.node().name(),
                                     .kind = kind,
                                     .arm = info.name,
                                     .robot_type = info.type,
                                     .joint_names = info.joint_names});
  // Of actions only those that are frames have velocities, and a trajectory has them everywhere or nowhere.
  const bool with_velocities = kind == StateKind::kReadBack;
  taps_.push_back(topic.subscribe("rec", [&channel, with_velocities](const messages::RobotState& state) {
    messages::RobotState kept = state;
    if (!with_velocities) {
      kept.joint_velocities = {};
    }
    channel.record(kept);
  }));
}

void LocalPlayer::keep_recording() noexcept {
  if (file_) {
    file_->begun = true;
  }
}

std::string LocalPlayer::end_recording(bool success) {
  if (recorder_ == nullptr) {
    return "";
  }
  taps_.clear();
  std::ignore = recorder_->end_episode(success);
  recorder_->close();
  return recorder_->state().fault;
}

RemotePlayer::RemotePlayer(std::shared_ptr<bus::Bus> network, const std::string& name, double lease_s)
    : network_(std::move(network)), twin_(*network_, name, {.lease_s = lease_s}) {}

std::optional<ReplayStatus> RemotePlayer::status() {
  const auto shown = twin_.shown();
  if (!shown || shown->status.played_by != twin_.router().client_id()) {
    return std::nullopt;
  }
  heard_ns_ = shown->received_ns;
  return shown->status;
}

std::string RemotePlayer::lost() const {
  if (heard_ns_ == 0 || core::monotonic_now_ns() - heard_ns_ < kOwnerSilent_ns) {
    return "";
  }
  const auto shown = twin_.shown();
  const bool another = shown && shown->received_ns > heard_ns_;
  return another ? "its owner has begun anew, or plays for somebody else" : "its owner is not heard any more";
}

void RemotePlayer::renew() {
  heard_ns_ = heard_ns_ == 0 ? core::monotonic_now_ns() : heard_ns_;
  twin_.renew();
}

int rehearse(teleop::replay::DigitalTwin& twin, const teleop::replay::CommandParams& params) {
  std::vector<trajectory::Trajectory> sequence;
  for (const teleop::replay::SequencePart& part : params.trajectories) {
    sequence.push_back(teleop::replay::to_trajectory(*part.shipped));
  }
  const auto loaded =
      twin.load(std::move(sequence),
                {.loop = params.loop, .stretch_to_fit = params.stretch, .from_s = params.from_s, .to_s = params.to_s});
  if (!loaded) {
    fmt::print(stderr, "takt: {}\n", loaded.error());
    return 1;
  }
  const auto timeline = twin.timeline();
  fmt::print("{} frames in {:.3f} s, stretched {:.3f} times; within the limits up to speed {:.2f}\n", *loaded,
             core::to_seconds(timeline->end_ns()), timeline->stretch(), timeline->max_speed());
  for (const trajectory::Piece& piece : timeline->pieces()) {
    fmt::print("  {:>8.3f} s  {:<8}  {} frames, {:.3f} s\n", core::to_seconds(piece.begin_ns),
               trajectory::name_of(piece.part), piece.frames, core::to_seconds(piece.end_ns - piece.begin_ns));
  }
  return 0;
}

}  // namespace takt::app
