#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "takt/trajectory/files/lerobot_info.hpp"
#include "takt/trajectory/files/lerobot_writer.hpp"
#include "takt/trajectory/files/parquet_table.hpp"

/// What write_lerobot puts into which column. The names that are takt's own:
namespace takt::trajectory::files::internal {

inline constexpr std::string_view kTimeColumn = "takt.t_ns";
inline constexpr std::string_view kPositionColumn = "takt.q_rad";
inline constexpr std::string_view kVelocityColumn = "takt.dq_rad_s";
inline constexpr std::string_view kGripperColumn = "takt.gripper";
inline constexpr std::string_view kActionTimeColumn = "takt.action_t_ns";
inline constexpr std::string_view kUnitsKey = "takt.units";  ///< of the data files' metadata: "rad" or "deg"
inline constexpr std::string_view kGripperName = "gripper.pos";
inline constexpr std::string_view kGripperJoint = "gripper_joint";  ///< a joint of that name, which is no opening
inline constexpr std::string_view kJointSuffix = ".pos";
inline constexpr double kGripperOpen = 100.0;  ///< LeRobot's number for an open gripper

/// The numbers of a column by row, all equally many.
struct Numbers {
  ParquetValues values;
  std::size_t width{1};
};

/// All frames of all episodes.
struct DatasetColumns {
  std::map<std::string, Numbers> columns;
  std::map<std::string, LerobotFeature> features;
  std::vector<std::size_t> ends;     ///< rows at which episodes end
  std::vector<std::string> tasks;    ///< each once
  std::vector<std::size_t> task_of;  ///< of each episode, in `tasks`
  double fps{0.0};
};

/// @throws ConfigError for episodes that cannot be one dataset: see write_lerobot.
[[nodiscard]] DatasetColumns lerobot_columns(std::span<const LerobotEpisode> episodes,
                                             const LerobotWriteOptions& options);

/// Rows `first` … `last` as a column of a file.
[[nodiscard]] ParquetColumn slice(const std::string& name, const Numbers& numbers, std::size_t first, std::size_t last);

/// min, max, mean, std, count, and q01, q10, q50, q90, q99 (between two values linearly), each of every number in a
/// row.
[[nodiscard]] std::map<std::string, std::vector<double>> lerobot_stats(const Numbers& numbers, std::size_t first,
                                                                       std::size_t last);

}  // namespace takt::trajectory::files::internal
