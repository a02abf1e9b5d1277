#include "takt/core/csv/recording.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "takt/core/csv/fields.hpp"
#include "takt/core/csv/internal/group_row.hpp"
#include "takt/core/error.hpp"
#include "takt/core/file_text.hpp"

namespace takt::core::csv {
namespace {

constexpr std::size_t kMaxColumns = 512;
constexpr std::size_t kMaxRows = 4'000'000;  // 66 minutes at 1 kHz, about 640 MB
constexpr double kMaxTime_s = 4e9;           // beyond the year 2096 in Unix time; far inside what nanoseconds can count
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text.empty() ? "none" : text;
}

class RecordingParser {
 public:
  RecordingParser(std::string_view text, std::string name, const RecordingOptions& options)
      : rest_(text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text), options_(options) {
    recording_.name = std::move(name);
    recording_.group = options.group;
  }

  Recording parse() {
    begin();
    choose_group();
    while (next_line()) {
      read_row();
    }
    if (recording_.rows.empty()) {
      refuse_empty();
    }
    return std::move(recording_);
  }

  std::vector<std::int64_t> segments() {
    begin();
    std::vector<std::int64_t> found;
    while (segment_column_ && next_line()) {
      require_width();
      const auto segment = read_segment();
      if (std::ranges::find(found, segment) == found.end()) {
        found.push_back(segment);
      }
    }
    return found;
  }

 private:
  /// Up to the first row.
  void begin() {
    // Empty lines at the end belong to no row; what is left ends with its last one.
    const std::size_t end = rest_.find_last_not_of(" \t\r\n");
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(0, end + 1);
    read_header();
  }

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
    recording_.columns = Columns(std::vector<std::string>(fields_.begin(), fields_.end()));
    const auto time = recording_.columns.find("t_s");
    if (!time) {
      refuse(1, "t_s", "no such column; it is the time in seconds");
    }
    time_column_ = *time;
    segment_column_ = recording_.columns.find("segment");
    if (options_.segment && !segment_column_) {
      refuse(1, "segment", "no such column, so no segment " + std::to_string(*options_.segment) + " can be chosen");
    }
  }

  void choose_group() {
    const std::vector<std::string> groups = recording_.columns.groups();
    if (recording_.group.empty() && groups.size() != 1) {
      refuse(1, "", "there is a choice of column groups, say which: " + joined(groups));
    }
    if (recording_.group.empty()) {
      recording_.group = groups.front();
    }
    group_ = recording_.columns.group(recording_.group);
    if (group_.empty()) {
      refuse(1, recording_.group,
             "no columns " + recording_.group + "_<joint>_rad or _deg; groups of this file: " + joined(groups));
    }
    recording_.joint_names = internal::checked_joint_names(group_, recording_.group, recording_);
    if (options_.velocities) {
      velocities_ = internal::velocity_columns(recording_);
    }
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

  void require_width() const {
    const std::size_t columns = recording_.columns.names().size();
    if (fields_.size() != columns) {
      refuse(line_, "",
             "the row has " + std::to_string(fields_.size()) + " fields, the header " + std::to_string(columns));
    }
  }

  void read_row() {
    require_width();
    if (!is_selected()) {
      return;
    }
    if (recording_.rows.size() == kMaxRows) {
      refuse(line_, "", "more than " + std::to_string(kMaxRows) + " rows");
    }
    RecordingRow row = internal::read_group(group_, fields_, recording_, line_);
    row.t_s = read_time();
    recording_.rows.push_back(row);
    for (const internal::VelocityColumn& column : velocities_) {
      const Place place{recording_.name, line_, recording_.columns.names()[column.index]};
      recording_.velocities_rad_s.push_back(parse_finite(fields_[column.index], place) * column.scale);
    }
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
    other_segment_ = read_segment();
    return *other_segment_ == *options_.segment;
  }

  std::int64_t read_segment() const {
    const Place place{recording_.name, line_, recording_.columns.names()[*segment_column_]};
    return parse_integer(fields_[*segment_column_], place);
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
  std::vector<internal::VelocityColumn> velocities_;
  std::vector<std::string_view> fields_;
  std::size_t line_{0};
  std::size_t time_column_{0};
  std::optional<std::size_t> segment_column_;
  std::string_view previous_segment_;
  std::optional<std::int64_t> other_segment_;
};

}  // namespace

std::optional<RecordingRow> Recording::first_row(std::string_view other) const {
  const std::vector<GroupColumn> group_columns = columns.group(other);
  if (group_columns.empty()) {
    return std::nullopt;
  }
  static_cast<void>(internal::checked_joint_names(group_columns, other, *this));
  const std::vector<std::string_view> cells(first_cells.begin(), first_cells.end());
  RecordingRow row = internal::read_group(group_columns, cells, *this, first_line);
  row.t_s = rows.front().t_s;
  return row;
}

Recording parse_recording(std::string_view text, std::string name, const RecordingOptions& options) {
  return RecordingParser(text, std::move(name), options).parse();
}

std::vector<std::int64_t> list_segments(std::string_view text, std::string name) {
  const RecordingOptions options;
  return RecordingParser(text, std::move(name), options).segments();
}

Recording load_recording(const std::filesystem::path& path, const RecordingOptions& options) {
  return parse_recording(core::read_file_text(path, kMaxFileBytes), path.string(), options);
}

}  // namespace takt::core::csv
