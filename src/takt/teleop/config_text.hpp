#pragma once

#include <string>

#include "takt/teleop/config.hpp"

namespace takt::teleop {

/// A configuration as TOML text, every key with its value in force, also those that no file gave: what a recording
/// keeps of its run. parse_teleop_config reads it back to the same settings; of where they stood nothing is kept.
[[nodiscard]] std::string to_toml(const TeleopConfig& config);

}  // namespace takt::teleop
