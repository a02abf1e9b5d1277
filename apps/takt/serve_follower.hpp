#pragma once

#include <string>
#include <vector>

#include "robot_file.hpp"

namespace takt::app {

/// Runs a follower until somebody interrupts: on the bus others see it, move it, and replay trajectories on it.
/// @return an exit code. @throws ConfigError, DeviceError
int serve_follower(ServedFollower served, std::vector<std::string> bus, bool insecure);

}  // namespace takt::app
