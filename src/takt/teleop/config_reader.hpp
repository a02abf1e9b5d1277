#pragma once

#include "takt/teleop/config.hpp"
#include "takt/teleop/toml_reader.hpp"

/// Private to who reads files that say how followers are guarded.
namespace takt::teleop {

/// A table of the keys that docs/guide/leader-to-follower.md lists for `guards`. @throws ConfigError naming file, line
/// and field
void read_guards(TomlReader reader, GuardConfig& guards);

}  // namespace takt::teleop
