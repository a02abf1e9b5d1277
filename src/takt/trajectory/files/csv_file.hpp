#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/trajectory/trajectory.hpp"

/// Trajectories as CSV tables, the format of docs/formats/csv.md. Any thread; not real-time safe.
namespace takt::trajectory::files {

/// Which columns and rows of a table are the trajectory.
struct CsvOptions {
  std::string group{};  ///< of columns (core::csv::Columns): "q", "target" …; empty: the file's only one
  std::optional<std::int64_t> segment{};  ///< only the rows whose column `segment` says so; needed where time restarts
  std::string robot{};                    ///< TrajectoryInfo::robot, which no table says
};

/// The rows as frames, the first at 0. Velocities, where the file has d<group>_<joint>_rad_s of every joint, and the
/// gripper, where it has <group>_gripper_pct, come along. The name is the file's without its extension.
/// @throws ConfigError in one line with file, line and column: what core::csv::parse_recording refuses, and rows less
/// than a nanosecond apart.
[[nodiscard]] Trajectory parse_csv(std::string_view text, const std::string& file, const CsvOptions& options = {});

/// `parse_csv` of a file of at most 1 GiB.
[[nodiscard]] Trajectory read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

/// The segments of a table in order of appearance; empty: it has none. @throws ConfigError.
[[nodiscard]] std::vector<std::int64_t> csv_segments(const std::filesystem::path& path);

/// A table of group "q": t_s, q_<joint>_rad, dq_<joint>_rad_s, q_gripper_pct. parse_csv gives the same frames back, to
/// the last bit, but for the gripper's last one; of the info only the joint names are in it.
/// @throws ConfigError without frames, and for names of joints that a header cannot hold: with a comma or a control
/// character, longer than 50 characters, or such that columns would be taken for another group.
[[nodiscard]] std::string csv_text(const Trajectory& trajectory);

/// The whole file or none: see core::FileReplacement. @throws ConfigError as csv_text, SystemError.
void write_csv(const std::filesystem::path& path, const Trajectory& trajectory);

}  // namespace takt::trajectory::files
