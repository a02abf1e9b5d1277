#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "takt/controller/server.hpp"
#include "takt/registry/arms.hpp"
#include "takt/teleop/replay/replay_owner.hpp"

namespace takt::app {

/// What `takt serve` runs.
struct ServedRobot {
  std::string arm;
  registry::ArmOptions arm_options{};
  controller::ServerOptions server{};
};

/// That arm, and all else as it is by default: evidence goes to $XDG_STATE_HOME/takt, or ~/.local/state/takt.
[[nodiscard]] ServedRobot default_robot(std::string arm);

/// A robot that others may play trajectories on: one that is led by positions, or an arm behind its cycle.
struct ServedFollower {
  std::string follower;  ///< robot URI
  teleop::replay::ReplayOwnerOptions options{};
  std::optional<std::filesystem::path> library{};  ///< folder of named trajectories
};

/// Reads a robot's file, docs/formats/robot-file.md: what it is says which of the keys `arm` and `follower` it has.
/// @throws ConfigError naming file, line and field.
[[nodiscard]] std::variant<ServedRobot, ServedFollower> load_robot_file(const std::filesystem::path& file);

}  // namespace takt::app
