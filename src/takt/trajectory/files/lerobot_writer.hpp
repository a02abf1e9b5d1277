#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::files {

/// What becomes an episode of a dataset.
struct LerobotEpisode {
  Trajectory state;                    ///< what the arm did, or is to do: `observation.state`, frame by frame
  std::optional<Trajectory> action{};  ///< what it was told: `action`, at each frame of `state` the last one before or
                                       ///< with it, by wall time where both know theirs; nothing: the same as `state`
};

struct LerobotWriteOptions {
  double fps{0.0};  ///< of the synthetic timestamps; 0: the mean rate of the first episode. Rounded to a whole number
  bool degrees{false};       ///< `observation.state` and `action` in degrees instead of radians
  std::string robot_type{};  ///< empty: that of the first episode's robot
};

/// Writes a LeRobot dataset of version 3.0 (docs/formats/lerobot.md): one episode each, one row per frame, nothing
/// resampled. Beside what LeRobot asks for, columns `takt.…` hold each frame's real time and exact numbers, so that
/// read_lerobot gives the trajectories back, bit by bit. The folder appears by a rename, whole or not at all.
/// @throws ConfigError: the folder is there already, no episodes, one without frames, other joints, or velocities or a
/// gripper that some have and others have not, an fps outside 1 … 100000; SystemError.
void write_lerobot(const std::filesystem::path& folder, std::span<const LerobotEpisode> episodes,
                   const LerobotWriteOptions& options = {});

}  // namespace takt::trajectory::files
