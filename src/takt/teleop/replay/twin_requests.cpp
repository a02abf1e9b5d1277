#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "takt/teleop/replay/command_json.hpp"
#include "takt/teleop/replay/twin_commands.hpp"
#include "takt/trajectory/timeline.hpp"

// What is asked of a twin, once it is known that it may be: see twin_commands.cpp.

namespace takt::teleop::replay {
namespace {

constexpr std::size_t kMostBytesPerNumber = 25;  // of a double as JSON, with its comma
constexpr std::size_t kMostParts = 64;
constexpr std::size_t kMostFrames = 8'000'000;  // of a sequence: two hours at 1 kHz, 1 GB of seven joints when baked

trajectory::Trajectory one_of(const SequencePart& part, const TrajectoryShelf& shelf) {
  if (part.shipped) {
    return to_trajectory(*part.shipped);
  }
  if (!shelf.load) {
    throw ConfigError(fmt::format("'{}': the robot's owner has no library: send the trajectory along", part.name));
  }
  return shelf.load(part.name);
}

trajectory::SequenceOptions options_of(const CommandParams& params) {
  trajectory::SequenceOptions options;
  options.loop = params.loop;
  options.stretch_to_fit = params.stretch;
  options.from_s = params.from_s;
  options.to_s = params.to_s;
  return options;
}

/// @param timeline  may be none where `count` is 0
TrajectoryColumns columns_of(const trajectory::Timeline* timeline, std::size_t from, std::size_t count,
                             const std::vector<std::string>& joints) {
  TrajectoryColumns columns;
  columns.joints = joints;
  columns.q_rad.resize(joints.size());
  const bool with_velocities = count > 0 && !timeline->frame(from).frame.dq_rad_s.empty();
  columns.dq_rad_s.resize(with_velocities ? joints.size() : 0);
  for (std::size_t i = from; i < from + count; ++i) {
    const trajectory::Frame frame = timeline->frame(i).frame;
    columns.t_ns.push_back(frame.t_ns);
    for (std::size_t joint = 0; joint < joints.size(); ++joint) {
      columns.q_rad[joint].push_back(frame.q_rad[joint]);
      if (with_velocities) {
        columns.dq_rad_s[joint].push_back(frame.dq_rad_s[joint]);
      }
    }
    if (frame.gripper) {
      columns.gripper.push_back(*frame.gripper);
    }
  }
  return columns;
}

}  // namespace

Expected<std::vector<trajectory::Trajectory>, std::string> TwinCommands::sequence(const CommandParams& params) const {
  if (params.trajectories.empty()) {
    return Unexpected("trajectories: say at least one");
  }
  if (params.trajectories.size() > kMostParts) {
    return Unexpected(
        fmt::format("trajectories: {} at once, at most {} are possible", params.trajectories.size(), kMostParts));
  }
  std::vector<trajectory::Trajectory> sequence;
  std::size_t frames = 0;
  try {
    for (const SequencePart& part : params.trajectories) {
      sequence.push_back(one_of(part, shelf_));
      frames += sequence.back().size();
      if (frames > kMostFrames) {
        return Unexpected(
            fmt::format("trajectories: more than {} frames in a row: play them one after the other", kMostFrames));
      }
    }
  } catch (const Error& error) {
    return Unexpected(error.what());
  }
  return sequence;
}

CommandResult TwinCommands::trigger(const CommandParams& params, const CommandCaller& caller) {
  auto parts = sequence(params);
  if (!parts) {
    return Unexpected(parts.error());
  }
  const std::scoped_lock turn(triggering_);
  const auto loaded = twin_.load(std::move(*parts), options_of(params), params.speed);
  if (!loaded) {
    return Unexpected(loaded.error());
  }
  if (was_halted(caller)) {
    return Unexpected(kHalted);
  }
  CommandCaller loaded_for = caller;
  loaded_for.received_ns = core::monotonic_now_ns();  // loading may have taken longer than the lease
  const auto asked_by = let_command(loaded_for, params.lease_s);
  if (!asked_by) {
    return Unexpected(asked_by.error());
  }
  CommandResult result =
      params.way == ReplayWay::kShip ? frames({}) : CommandResult(CommandValue{std::uint64_t{*loaded}});
  if (!result) {
    return result;
  }
  if (const auto played = twin_.play({.pull = params.way != ReplayWay::kPush, .asked_by = *asked_by}); !played) {
    return Unexpected(played.error());
  }
  const std::scoped_lock lock(mutex_);
  played_by_ = caller.client;
  return result;
}

CommandResult TwinCommands::stop(const CommandParams& params, const CommandCaller& caller) {
  if (params.clear) {
    twin_.unload();
  } else {
    static_cast<void>(twin_.stop());
  }
  give_back(caller);
  return CommandValue{};
}

CommandResult TwinCommands::frames(const CommandParams& params) const {
  const auto timeline = twin_.timeline();  // once: others may load meanwhile
  const std::size_t size = timeline == nullptr ? 0 : timeline->size();
  const std::size_t from = std::min<std::uint64_t>(params.from, size);
  const std::size_t count = std::min<std::uint64_t>(params.count.value_or(size), size - from);
  const auto& joints = twin_.follower().robot().info().joint_names;
  const std::size_t most = kMaxCommandBytes / (kMostBytesPerNumber * (2 * joints.size() + 2));
  if (count > most) {
    return Unexpected(fmt::format("{} frames at once, at most {} fit into one reply: say from and count", count, most));
  }
  return CommandValue{columns_of(timeline.get(), from, count, joints)};
}

CommandResult TwinCommands::next_action() {
  const auto frame = twin_.next_action();
  if (!frame) {
    return Unexpected(frame.error());
  }
  if (!*frame) {
    return CommandValue{};
  }
  messages::RobotState action;
  action.stamp_ns = core::monotonic_now_ns();
  action.source_t_s = core::to_seconds((*frame)->t_ns);
  action.joint_positions = (*frame)->q_rad;
  action.joint_velocities = (*frame)->dq_rad_s;
  action.gripper_position = (*frame)->gripper;
  action.robot_type = twin_.follower().robot().info().type;
  return CommandValue{action};
}

CommandResult TwinCommands::list() const {
  try {
    return CommandValue{shelf_.list ? shelf_.list() : std::vector<TrajectoryItem>{}};
  } catch (const Error& error) {
    return Unexpected(error.what());
  }
}

ReplayStatus TwinCommands::status() const {
  ReplayStatus status;
  status.stamp_ns = core::monotonic_now_ns();
  {
    const std::scoped_lock lock(mutex_);
    status.played_by = played_by_;  // first: a new name with the phase of before would be taken for an end
  }
  status.twin = twin_.status();
  RobotNode& follower = twin_.follower();
  status.fault = follower.fault();
  if (const auto measured = follower.state_topic().latest()) {
    status.q_rad = measured->joint_positions;
  }
  return status;
}

}  // namespace takt::teleop::replay
