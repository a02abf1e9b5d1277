#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "takt/trajectory/files/lerobot_info.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::files {

/// One episode of a dataset, by its meta/episodes.
struct LerobotEpisodeInfo {
  std::int64_t index{0};
  std::int64_t frames{0};
  std::string task;
  std::int64_t chunk{0};  ///< of the file that holds its frames
  std::int64_t file{0};
  std::optional<TrajectoryInfo> exact{};  ///< of a dataset that takt wrote, but for the joint names

  friend bool operator==(const LerobotEpisodeInfo&, const LerobotEpisodeInfo&) = default;
};

struct LerobotDataset {
  LerobotInfo info;
  std::vector<LerobotEpisodeInfo> episodes;
};

/// In what a foreign dataset counts joints; LeRobot does not say.
enum class LerobotUnits : std::uint8_t { kRadians, kDegrees };

struct LerobotReadOptions {
  std::int64_t episode{0};
  std::string column{"action"};         ///< or "observation.state", or any other of numbers per joint
  std::optional<LerobotUnits> units{};  ///< must be said for a dataset of others, and is ignored for one of takt
  std::string robot{};                  ///< TrajectoryInfo::robot; empty: what the dataset says
};

/// Whether this is the folder of a dataset: it has meta/info.json.
[[nodiscard]] bool is_lerobot(const std::filesystem::path& folder);

/// @throws ConfigError in one line with file and column: see parse_lerobot_info and ParquetReader; episodes that
/// contradict themselves.
[[nodiscard]] LerobotDataset list_lerobot(const std::filesystem::path& folder);

/// One column of one episode. Of a dataset that takt wrote with real times and, but for an `action` that was recorded
/// beside the state, exact numbers. Of others with `timestamp`, names without ".pos", and a last "gripper" of 0 … 100
/// as the gripper's opening.
/// @throws ConfigError as list_lerobot; no such episode or column, units that are not known, what is no trajectory.
[[nodiscard]] Trajectory read_lerobot(const std::filesystem::path& folder, const LerobotReadOptions& options = {});

}  // namespace takt::trajectory::files
