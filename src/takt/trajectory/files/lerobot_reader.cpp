#include "takt/trajectory/files/lerobot_reader.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "takt/core/csv/fields.hpp"
#include "takt/core/error.hpp"
#include "takt/core/file_text.hpp"
#include "takt/trajectory/files/internal/lerobot_columns.hpp"
#include "takt/trajectory/files/internal/lerobot_tables.hpp"
#include "takt/trajectory/files/parquet_reader.hpp"

namespace takt::trajectory::files {
namespace {

constexpr std::size_t kMaxInfoBytes = std::size_t{16} << 20U;
constexpr double kMaxTime_s = 4e9;

std::filesystem::path info_path(const std::filesystem::path& folder) {
  return folder / "meta" / "info.json";
}

/// One episode's rows of one column of numbers.
class EpisodeRows {
 public:
  EpisodeRows(const ParquetReader& file, std::string path, std::int64_t episode) : file_(file), path_(std::move(path)) {
    const auto episodes = internal::read_plain<std::int64_t>(file, path_, "episode_index");
    begin_ = static_cast<std::size_t>(std::ranges::find(episodes, episode) - episodes.begin());
    end_ = begin_;
    while (end_ < episodes.size() && episodes[end_] == episode) {
      ++end_;
    }
    if (begin_ == end_) {
      throw ConfigError(path_, 0, "episode_index", fmt::format("has no frames of episode {}", episode));
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool has(std::string_view name) const { return file_.has(name); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// `width` numbers per row.
  [[nodiscard]] std::vector<double> numbers(std::string_view name, std::size_t width) const {
    std::size_t found = 0;
    const std::vector<double> all = internal::read_numbers(file_, path_, std::string(name), found);
    if (found != width) {
      throw ConfigError(path_, 0, std::string(name),
                        fmt::format("has {} numbers per frame where info.json says {}", found, width));
    }
    const auto at = [&](std::size_t row) { return all.begin() + static_cast<std::ptrdiff_t>(row * width); };
    return {at(begin_), at(end_)};
  }

  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name) const {
    const auto all = internal::read_plain<std::int64_t>(file_, path_, std::string(name));
    return {all.begin() + static_cast<std::ptrdiff_t>(begin_), all.begin() + static_cast<std::ptrdiff_t>(end_)};
  }

  [[nodiscard]] std::string unit() const {
    const auto found = file_.metadata().find(std::string(internal::kUnitsKey));
    return found == file_.metadata().end() ? "" : found->second;
  }

 private:
  const ParquetReader& file_;
  std::string path_;
  std::size_t begin_{0};
  std::size_t end_{0};
};

/// Real times, or the synthetic ones made to begin at 0.
std::vector<core::Nanoseconds> times_of(const EpisodeRows& rows) {
  if (rows.has(internal::kTimeColumn)) {
    return rows.integers(internal::kTimeColumn);
  }
  std::vector<core::Nanoseconds> times;
  const std::vector<double> stamps = rows.numbers("timestamp", 1);
  for (const double stamp : stamps) {
    if (!(std::abs(stamp - stamps.front()) < kMaxTime_s)) {
      throw ConfigError(rows.path(), 0, "timestamp", fmt::format("{} is no time of a frame", stamp));
    }
    times.push_back(std::llround((stamp - stamps.front()) * 1e9));
  }
  return times;
}

struct Shape {
  std::vector<std::string> joints;
  bool gripper{false};  ///< the last number of a row
};

/// What the numbers of a feature are called; counted from 1 where they have no names.
std::vector<std::string> names_of(const LerobotInfo& info, const std::string& column, const std::string& path) {
  const auto found = info.features.find(column);
  const bool usable = found != info.features.end() && found->second.shape.size() == 1;
  if (!usable) {
    throw ConfigError(path, 0, "features", core::csv::in_quotes(column) + " is no feature of one row of numbers");
  }
  const auto width = static_cast<std::size_t>(found->second.shape.front());
  if (width == 0 || width > core::kMaxJoints + 1) {
    throw ConfigError(
        path, 0, "features",
        fmt::format("{} has {} numbers, a robot has 1 … {}", core::csv::in_quotes(column), width, core::kMaxJoints));
  }
  std::vector<std::string> names = found->second.names;
  if (names.size() != width) {
    names.clear();
    for (std::size_t i = 0; i < width; ++i) {
      names.push_back(fmt::format("{}", i + 1));
    }
  }
  return names;
}

Shape shape_of(const LerobotInfo& info, const std::string& column, const std::string& path) {
  Shape shape{.joints = names_of(info, column, path)};
  for (std::string& name : shape.joints) {
    if (name.ends_with(internal::kJointSuffix)) {
      name.resize(name.size() - internal::kJointSuffix.size());
    }
  }
  if (shape.joints.size() > 1 && shape.joints.back() == "gripper") {
    shape.joints.pop_back();
    shape.gripper = true;
  }
  std::ranges::replace(shape.joints, std::string(internal::kGripperJoint), std::string("gripper"));
  return shape;
}

double joint_scale(const EpisodeRows& rows, const LerobotReadOptions& options) {
  const std::string unit = rows.unit();
  const bool degrees = unit.empty() ? options.units == LerobotUnits::kDegrees : unit == "deg";
  if (unit.empty() && !options.units) {
    throw ConfigError(rows.path(), 0, options.column,
                      "nobody says whether its joints are in radians or degrees; say it (option `units`)");
  }
  return degrees ? std::numbers::pi / 180.0 : 1.0;
}

/// Frames from the floats of a column.
void append_floats(Trajectory& trajectory, const EpisodeRows& rows, const Shape& shape,
                   const LerobotReadOptions& options) {
  const std::size_t joints = shape.joints.size();
  const std::size_t width = joints + (shape.gripper ? 1 : 0);
  const std::vector<double> numbers = rows.numbers(options.column, width);
  const std::vector<core::Nanoseconds> times = times_of(rows);
  const double scale = joint_scale(rows, options);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Frame frame{.t_ns = times[row]};
    frame.q_rad.resize(joints);
    for (std::size_t joint = 0; joint < joints; ++joint) {
      frame.q_rad[joint] = numbers[row * width + joint] * scale;
    }
    if (shape.gripper) {
      frame.gripper = numbers[row * width + joints] / internal::kGripperOpen;
    }
    trajectory.append(frame);
  }
}

/// Frames from takt's own columns.
void append_exact(Trajectory& trajectory, const EpisodeRows& rows, const Shape& shape) {
  const std::size_t joints = shape.joints.size();
  const auto optional = [&](std::string_view name, std::size_t width) {
    return rows.has(name) ? rows.numbers(name, width) : std::vector<double>{};
  };
  const std::vector<double> positions = rows.numbers(internal::kPositionColumn, joints);
  const std::vector<double> velocities = optional(internal::kVelocityColumn, joints);
  const std::vector<double> grippers = optional(internal::kGripperColumn, 1);
  const std::vector<core::Nanoseconds> times = times_of(rows);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Frame frame{.t_ns = times[row], .q_rad = core::JointVector(std::span(positions).subspan(row * joints, joints))};
    if (!velocities.empty()) {
      frame.dq_rad_s = core::JointVector(std::span(velocities).subspan(row * joints, joints));
    }
    if (!grippers.empty()) {
      frame.gripper = grippers[row];
    }
    trajectory.append(frame);
  }
}

TrajectoryInfo info_of(const LerobotDataset& dataset, const LerobotEpisodeInfo& episode, const Shape& shape,
                       const std::filesystem::path& folder, const LerobotReadOptions& options) {
  TrajectoryInfo info{.name = fmt::format("{}_{}", folder.filename().string(), episode.index),
                      .robot = dataset.info.robot_type,
                      .task = episode.task,
                      .source = fmt::format("{}, episode {}, {}", folder.string(), episode.index, options.column)};
  if (episode.exact) {
    info = *episode.exact;
  }
  if (!options.robot.empty()) {
    info.robot = options.robot;
  }
  info.joint_names = shape.joints;
  return info;
}

}  // namespace

bool is_lerobot(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(info_path(folder), ignored);
}

LerobotDataset list_lerobot(const std::filesystem::path& folder) {
  const std::filesystem::path path = info_path(folder);
  return {.info = parse_lerobot_info(core::read_file_text(path, kMaxInfoBytes), path.string()),
          .episodes = internal::read_episodes(folder)};
}

Trajectory read_lerobot(const std::filesystem::path& folder, const LerobotReadOptions& options) {
  const std::filesystem::path whole = std::filesystem::absolute(folder / ".").parent_path();
  const LerobotDataset dataset = list_lerobot(folder);
  const auto episode = std::ranges::find(dataset.episodes, options.episode, &LerobotEpisodeInfo::index);
  if (episode == dataset.episodes.end()) {
    throw ConfigError(
        folder.string(), 0, "",
        fmt::format("has no episode {}, but {} episodes from 0", options.episode, dataset.episodes.size()));
  }
  const std::filesystem::path path = folder / data_file(dataset.info, episode->chunk, episode->file);
  const auto file = open_parquet(path);
  const EpisodeRows rows(*file, path.string(), episode->index);
  const bool same =
      options.column == "observation.state" || (options.column == "action" && !rows.has(internal::kActionTimeColumn));
  const bool exact = same && episode->exact && rows.has(internal::kPositionColumn);
  const std::string about = info_path(folder).string();
  const Shape shape = exact ? Shape{.joints = names_of(dataset.info, std::string(internal::kPositionColumn), about)}
                            : shape_of(dataset.info, options.column, about);
  Trajectory trajectory(info_of(dataset, *episode, shape, whole, options));
  if (exact) {
    append_exact(trajectory, rows, shape);
  } else {
    append_floats(trajectory, rows, shape, options);
  }
  return trajectory;
}

}  // namespace takt::trajectory::files
