#pragma once

#include <filesystem>
#include <string>

#include "takt/controller/server.hpp"
#include "takt/registry/arms.hpp"

namespace takt::app {

/// What `takt serve` runs.
struct ServedRobot {
  std::string arm;
  registry::ArmOptions arm_options{};
  controller::ServerOptions server{};
};

/// That arm, and all else as it is by default: evidence goes to $XDG_STATE_HOME/takt, or ~/.local/state/takt.
[[nodiscard]] ServedRobot default_robot(std::string arm);

/// Reads a robot's file, docs/formats/robot-file.md. @throws ConfigError naming file, line and field.
[[nodiscard]] ServedRobot load_robot_file(const std::filesystem::path& file);

}  // namespace takt::app
