#include "takt/trajectory/files/csv_file.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/core/csv/columns.hpp"
#include "takt/core/csv/fields.hpp"
#include "takt/core/csv/recording.hpp"
#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/core/file_text.hpp"

namespace takt::trajectory::files {
namespace {

constexpr std::size_t kMaxJointName = 50;  // with "dq_" and "_rad_s" still a column's name
constexpr std::int64_t kNanoseconds = 1'000'000'000;

Frame frame_of(const core::csv::Recording& recording, std::size_t row) {
  const core::csv::RecordingRow& from = recording.rows[row];
  Frame frame{.t_ns = std::llround((from.t_s - recording.rows.front().t_s) * static_cast<double>(kNanoseconds)),
              .q_rad = from.positions_rad,
              .gripper = from.gripper};
  if (!recording.velocities_rad_s.empty()) {
    const std::size_t joints = recording.joint_names.size();
    frame.dq_rad_s = core::JointVector(std::span(recording.velocities_rad_s).subspan(row * joints, joints));
  }
  return frame;
}

Trajectory from_recording(const core::csv::Recording& recording, const CsvOptions& options) {
  TrajectoryInfo info{.name = std::filesystem::path(recording.name).stem().string(),
                      .robot = options.robot,
                      .joint_names = recording.joint_names,
                      .source = fmt::format("{}, columns {}", recording.name, recording.group)};
  if (options.segment) {
    info.source += fmt::format(", segment {}", *options.segment);
  }
  Trajectory trajectory(std::move(info));
  trajectory.reserve(recording.rows.size());
  for (std::size_t row = 0; row < recording.rows.size(); ++row) {
    trajectory.append(frame_of(recording, row));
  }
  return trajectory;
}

std::vector<std::string> header_of(const Trajectory& trajectory) {
  std::vector<std::string> names{"t_s"};
  for (const std::string& joint : trajectory.info().joint_names) {
    names.push_back("q_" + joint + "_rad");
  }
  if (trajectory.has_velocities()) {
    for (const std::string& joint : trajectory.info().joint_names) {
      names.push_back("dq_" + joint + "_rad_s");
    }
  }
  if (trajectory.has_gripper()) {
    names.emplace_back("q_gripper_pct");
  }
  return names;
}

/// Refuses a header that would be read back as something else.
void require_readable(const Trajectory& trajectory, const std::vector<std::string>& header) {
  for (const std::string& joint : trajectory.info().joint_names) {
    if (joint.size() > kMaxJointName ||
        std::ranges::any_of(joint, [](char c) { return c == ',' || c == ' ' || core::csv::is_control(c); })) {
      throw ConfigError(fmt::format("trajectory '{}': joint {} cannot be in the header of a CSV table",
                                    trajectory.info().name, core::csv::in_quotes(joint)));
    }
  }
  std::vector<std::string> found;
  for (const core::csv::GroupColumn& column : core::csv::Columns(header).group("q")) {
    if (column.unit == core::csv::ColumnUnit::kRadians) {
      found.push_back(column.joint);
    }
  }
  if (found != trajectory.info().joint_names) {
    throw ConfigError(
        fmt::format("trajectory '{}': the names of its joints cannot be told apart from groups of columns "
                    "in the header of a CSV table",
                    trajectory.info().name));
  }
}

void append_row(std::string& text, const Frame& frame) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{}.{:09}", frame.t_ns / kNanoseconds, frame.t_ns % kNanoseconds);
  for (const core::JointVector& numbers : {frame.q_rad, frame.dq_rad_s}) {
    for (const double number : numbers) {
      fmt::format_to(out, ",{}", number);
    }
  }
  if (frame.gripper) {
    fmt::format_to(out, ",{}", *frame.gripper * 100.0);
  }
  text += '\n';
}

}  // namespace

Trajectory parse_csv(std::string_view text, const std::string& file, const CsvOptions& options) {
  return from_recording(
      core::csv::parse_recording(text, file, {.group = options.group, .segment = options.segment, .velocities = true}),
      options);
}

Trajectory read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  return parse_csv(core::read_file_text(path, core::csv::kMaxFileBytes), path.string(), options);
}

std::vector<std::int64_t> csv_segments(const std::filesystem::path& path) {
  return core::csv::list_segments(core::read_file_text(path, core::csv::kMaxFileBytes), path.string());
}

std::string csv_text(const Trajectory& trajectory) {
  if (trajectory.empty()) {
    throw ConfigError(fmt::format("trajectory '{}' has no frames", trajectory.info().name));
  }
  const std::vector<std::string> header = header_of(trajectory);
  require_readable(trajectory, header);
  std::string text = fmt::format("{}\n", fmt::join(header, ","));
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    append_row(text, trajectory.frame(i));
  }
  return text;
}

void write_csv(const std::filesystem::path& path, const Trajectory& trajectory) {
  core::replace_file(path, csv_text(trajectory));
}

}  // namespace takt::trajectory::files
