#pragma once

#include <filesystem>

#include "takt/teleop/replay/twin_commands.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::app {

/// The library in this folder, for those who name trajectories of it. @throws SystemError when it cannot be made
[[nodiscard]] teleop::replay::TrajectoryShelf open_shelf(const std::filesystem::path& folder);

/// A trajectory from a file: .csv is a table, anything else a recording. @throws ConfigError, SystemError naming it
[[nodiscard]] trajectory::Trajectory read_trajectory_file(const std::filesystem::path& file);

}  // namespace takt::app
