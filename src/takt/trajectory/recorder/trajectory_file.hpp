#pragma once

#include <filesystem>

#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::recorder {

struct TrajectoryFileOptions {
  bool fsync{false};  ///< what is written survives the loss of power when write_trajectory returns
};

/// Writes one trajectory as a recording of one episode, its kind "trajectory", in place of whatever `path` was. Not
/// atomic: a library writes beside and renames. read_trajectory gives back the same value, bit by bit; read_states
/// reads it like any recording. Any thread; not real-time safe.
/// @throws ConfigError when there are no frames, SystemError when it cannot be written.
void write_trajectory(const std::filesystem::path& path, const Trajectory& trajectory,
                      const TrajectoryFileOptions& options = {});

/// What write_trajectory wrote.
/// @throws ConfigError when it is something else, broken off, or damaged.
[[nodiscard]] Trajectory read_trajectory(const std::filesystem::path& path);

}  // namespace takt::trajectory::recorder
