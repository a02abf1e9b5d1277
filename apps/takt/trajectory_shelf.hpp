#pragma once

#include <filesystem>

#include "takt/teleop/replay/twin_commands.hpp"

namespace takt::app {

/// The library in this folder, for those who name trajectories of it. @throws SystemError when it cannot be made
[[nodiscard]] teleop::replay::TrajectoryShelf open_shelf(const std::filesystem::path& folder);

}  // namespace takt::app
