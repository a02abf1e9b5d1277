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

/// Reads a robot's file, docs/formats/robot-file.md. @throws ConfigError naming file, line and field.
[[nodiscard]] ServedRobot load_robot_file(const std::filesystem::path& file);

}  // namespace takt::app
