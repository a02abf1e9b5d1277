#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/csv/columns.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::core::csv {

/// Which part of a recording is meant.
struct RecordingOptions {
  std::string group{"target"};  ///< column group (see Columns): "target", "q_des" …; empty: the file's only one
  std::optional<std::int64_t> segment{};  ///< only the rows whose `segment` column says so; needed where time restarts
  bool velocities{false};  ///< also the columns `d<group>_<joint>_rad_s` or `_deg_s`, when the file has them
};

/// One moment of a recording.
struct RecordingRow {
  double t_s{0.0};                  ///< the recording's own time
  core::JointVector positions_rad;  ///< one per joint of the group
  std::optional<double> gripper;    ///< 0 closed … 1 open

  friend bool operator==(const RecordingRow&, const RecordingRow&) = default;
};

/// A recorded motion: one group of a CSV file, in SI units, checked: at least one row, all numbers finite, time
/// strictly increasing, 1 … core::kMaxJoints joints. A value; made by `load_recording` and `parse_recording`.
struct Recording {
  std::string name;  ///< file name, for messages
  std::string group;
  std::vector<std::string> joint_names;  ///< in file order
  std::vector<RecordingRow> rows;
  std::vector<double>
      velocities_rad_s;  ///< one per joint for each row, row after row; empty: not asked for or not there

  Columns columns;                       ///< of the whole file
  std::size_t first_line{0};             ///< line of rows[0] in the file, from 1
  std::vector<std::string> first_cells;  ///< that line's fields as text

  /// The first row as another group saw it, such as "actual": where the robot stood when the recording began. Joints in
  /// file order, as `columns.group(group)` names them. Nothing when the file has no such group.
  /// @throws ConfigError when a field of that group is not a number.
  [[nodiscard]] std::optional<RecordingRow> first_row(std::string_view group) const;

  [[nodiscard]] double duration_s() const noexcept { return rows.back().t_s - rows.front().t_s; }

  friend bool operator==(const Recording&, const Recording&) = default;
};

/// Reads a recording from CSV text: comma separated, one header line, no quoting, `.` as decimal point whatever the
/// locale; LF or CRLF, a byte order mark and empty lines at the end are fine.
///
/// Column `t_s` is the time [s]. Every column `<group>_<joint>_rad` or `_deg` of the chosen group is a joint, in file
/// order, degrees becoming radians. `<group>_gripper_pct` is the gripper's opening, 0 … 100 % becoming 0 … 1 (5 % more
/// on either side is taken for calibration error and clamped). Other columns are not looked at.
///
/// @param name  stands for the file in messages.
/// @throws ConfigError in one line with file, line and column: empty input, no t_s, no such group (names those there
/// are), a
///         ragged row, an empty or oversize field, text in a number, NaN or infinity, time that does not increase, more
///         than core::kMaxJoints joints, a name that stands twice, percent of a joint, segments without a choice,
///         velocities of some joints only.
[[nodiscard]] Recording parse_recording(std::string_view text, std::string name, const RecordingOptions& options = {});

/// What the column `segment` says, in order of appearance; empty when there is no such column. Header and segments are
/// checked as by `parse_recording`, the rest of the rows is not looked at. @throws ConfigError.
[[nodiscard]] std::vector<std::int64_t> list_segments(std::string_view text, std::string name);

/// The most bytes of a file that are read.
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

/// `parse_recording` of a file of at most 1 GiB. @throws ConfigError, also when it is missing or cannot be read.
[[nodiscard]] Recording load_recording(const std::filesystem::path& path, const RecordingOptions& options = {});

}  // namespace takt::core::csv
