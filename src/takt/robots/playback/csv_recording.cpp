#include "takt/robots/playback/csv_recording.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numbers>
#include <set>
#include <system_error>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/robots/playback/csv_fields.hpp"

namespace takt::robots::playback {
namespace {

constexpr std::size_t kMaxColumns = 512;
constexpr std::size_t kMaxRows = 4'000'000;  // 66 minutes at 1 kHz, about 640 MB
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;
constexpr double kMaxTime_s = 4e9;  // beyond the year 2096 in Unix time; far inside what nanoseconds can count
constexpr double kPercentSlack = 5.0;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text.empty() ? "none" : text;
}

/// Percent of opening to 0 … 1.
double parse_gripper(std::string_view field, const Place& place) {
  const double percent = parse_finite(field, place);
  if (percent < -kPercentSlack || percent > 100.0 + kPercentSlack) {
    place.refuse(in_quotes(field) + " is not a percentage, expected 0 … 100");
  }
  return std::clamp(percent / 100.0, 0.0, 1.0);
}

/// Joints and gripper of one group from one line's fields; t_s stays 0.
template <class Field>
RecordingRow read_group(const std::vector<GroupColumn>& group, const std::vector<Field>& fields,
                        const Recording& recording, std::size_t line) {
  RecordingRow row;
  for (const GroupColumn& column : group) {
    const Place place{recording.name, line, recording.columns.names()[column.index]};
    const std::string_view field = fields[column.index];
    if (column.unit == ColumnUnit::kPercent) {
      row.gripper = parse_gripper(field, place);
      continue;
    }
    const double value = parse_finite(field, place);
    const std::size_t joint = row.positions_rad.size();
    row.positions_rad.resize(joint + 1);
    row.positions_rad[joint] = column.unit == ColumnUnit::kDegrees ? value * (std::numbers::pi / 180.0) : value;
  }
  return row;
}

/// Refuses a group that cannot be a robot: two columns for one joint, percent of a joint, no joint, too many.
std::vector<std::string> checked_joint_names(const std::vector<GroupColumn>& group, std::string_view group_name,
                                             const Recording& recording) {
  std::vector<std::string> names;
  bool gripper = false;
  for (const GroupColumn& column : group) {
    const Place place{recording.name, 1, recording.columns.names()[column.index]};
    if (column.unit == ColumnUnit::kPercent) {
      if (column.joint != "gripper" || std::exchange(gripper, true)) {
        place.refuse("only one column named gripper may be in percent; joints are in _rad or _deg");
      }
    } else if (std::ranges::find(names, column.joint) != names.end()) {
      place.refuse("joint " + column.joint + " stands in another column already");
    } else {
      names.push_back(column.joint);
    }
  }
  if (names.empty() || names.size() > core::kMaxJoints) {
    throw ConfigError(recording.name, 1, std::string(group_name),
                      "the group has " + std::to_string(names.size()) + " joints, a robot has 1 … " +
                          std::to_string(core::kMaxJoints));
  }
  return names;
}

class RecordingParser {
 public:
  RecordingParser(std::string_view text, std::string name, const RecordingOptions& options)
      : rest_(text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text), options_(options) {
    recording_.name = std::move(name);
    recording_.group = options.group;
  }

  Recording parse() {
    // Empty lines at the end belong to no row; what is left ends with its last one.
    const std::size_t end = rest_.find_last_not_of(" \t\r\n");
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(0, end + 1);
    read_header();
    while (next_line()) {
      read_row();
    }
    if (recording_.rows.empty()) {
      refuse_empty();
    }
    return std::move(recording_);
  }

 private:
  [[noreturn]] void refuse(std::size_t line, const std::string& field, const std::string& what) const {
    throw ConfigError(recording_.name, line, field, what);
  }

  bool next_line() {
    if (rest_.empty()) {
      return false;
    }
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    split_fields(line, fields_);
    ++line_;
    return true;
  }

  void read_header() {
    if (!next_line()) {
      refuse(0, "", "the file is empty");
    }
    check_names();
    recording_.columns = RecordingColumns(std::vector<std::string>(fields_.begin(), fields_.end()));
    const auto time = recording_.columns.find("t_s");
    if (!time) {
      refuse(1, "t_s", "no such column; it is the time in seconds");
    }
    time_column_ = *time;
    segment_column_ = recording_.columns.find("segment");
    if (options_.segment && !segment_column_) {
      refuse(1, "segment", "no such column, so no segment " + std::to_string(*options_.segment) + " can be chosen");
    }
    group_ = recording_.columns.group(options_.group);
    if (group_.empty()) {
      refuse(1, options_.group,
             "no columns " + options_.group +
                 "_<joint>_rad or _deg; groups of this file: " + joined(recording_.columns.groups()));
    }
    recording_.joint_names = checked_joint_names(group_, options_.group, recording_);
  }

  void check_names() const {
    if (fields_.size() > kMaxColumns) {
      refuse(1, "", std::to_string(fields_.size()) + " columns, at most " + std::to_string(kMaxColumns) + " are read");
    }
    std::set<std::string_view> seen;
    for (const std::string_view name : fields_) {
      if (name.size() > kMaxFieldLength || std::ranges::any_of(name, is_control)) {
        refuse(1, "", "the column name " + in_quotes(name) + " is too long or not text");
      }
      if (!name.empty() && !seen.insert(name).second) {
        refuse(1, std::string(name), "the column stands twice");
      }
    }
  }

  void read_row() {
    const std::size_t columns = recording_.columns.names().size();
    if (fields_.size() != columns) {
      refuse(line_, "",
             "the row has " + std::to_string(fields_.size()) + " fields, the header " + std::to_string(columns));
    }
    if (!is_selected()) {
      return;
    }
    if (recording_.rows.size() == kMaxRows) {
      refuse(line_, "", "more than " + std::to_string(kMaxRows) + " rows");
    }
    RecordingRow row = read_group(group_, fields_, recording_, line_);
    row.t_s = read_time();
    recording_.rows.push_back(row);
    if (recording_.rows.size() == 1) {
      recording_.first_line = line_;
      recording_.first_cells.assign(fields_.begin(), fields_.end());
    }
    if (segment_column_) {
      previous_segment_ = fields_[*segment_column_];
    }
  }

  bool is_selected() {
    if (!options_.segment) {
      return true;
    }
    const Place place{recording_.name, line_, recording_.columns.names()[*segment_column_]};
    const auto segment = parse_integer(fields_[*segment_column_], place);
    other_segment_ = segment;
    return segment == *options_.segment;
  }

  double read_time() const {
    const std::string_view field = fields_[time_column_];
    const Place place{recording_.name, line_, recording_.columns.names()[time_column_]};
    const double t_s = parse_finite(field, place);
    if (std::abs(t_s) > kMaxTime_s) {
      place.refuse(in_quotes(field) + " is out of range");
    }
    if (!recording_.rows.empty() && t_s <= recording_.rows.back().t_s) {
      if (!options_.segment && segment_column_ && fields_[*segment_column_] != previous_segment_) {
        place.refuse("time restarts with segment " + in_quotes(fields_[*segment_column_]) +
                     "; choose one segment (option `segment`)");
      }
      place.refuse("time must increase: " + in_quotes(field) + " does not come after the row before");
    }
    return t_s;
  }

  [[noreturn]] void refuse_empty() const {
    if (other_segment_) {
      refuse(0, "segment",
             "no row of segment " + std::to_string(*options_.segment) + "; the last one in the file is " +
                 std::to_string(*other_segment_));
    }
    refuse(1, "", "a header but no rows");
  }

  std::string_view rest_;
  const RecordingOptions& options_;
  Recording recording_;
  std::vector<GroupColumn> group_;
  std::vector<std::string_view> fields_;
  std::size_t line_{0};
  std::size_t time_column_{0};
  std::optional<std::size_t> segment_column_;
  std::string_view previous_segment_;
  std::optional<std::int64_t> other_segment_;
};

std::string read_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw ConfigError(name, 0, "", "is a directory, not a recording");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw ConfigError(name, 0, "", std::string("cannot be read: ") + std::strerror(errno));
  }
  std::string text;
  for (std::string block(std::size_t{1} << 16, '\0'); file;) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes) {
      throw ConfigError(name, 0, "", "is larger than 1 GiB");
    }
  }
  if (file.bad()) {
    throw ConfigError(name, 0, "", std::string("cannot be read: ") + std::strerror(errno));
  }
  return text;
}

}  // namespace

std::optional<RecordingRow> Recording::first_row(std::string_view other) const {
  const std::vector<GroupColumn> group_columns = columns.group(other);
  if (group_columns.empty()) {
    return std::nullopt;
  }
  static_cast<void>(checked_joint_names(group_columns, other, *this));
  RecordingRow row = read_group(group_columns, first_cells, *this, first_line);
  row.t_s = rows.front().t_s;
  return row;
}

Recording parse_recording(std::string_view text, std::string name, const RecordingOptions& options) {
  return RecordingParser(text, std::move(name), options).parse();
}

Recording load_recording(const std::filesystem::path& path, const RecordingOptions& options) {
  return parse_recording(read_file(path), path.string(), options);
}

}  // namespace takt::robots::playback
