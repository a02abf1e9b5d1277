#include "takt/trajectory/files/internal/lerobot_columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::files::internal {
namespace {

constexpr double kMaxFps = 100'000.0;
constexpr double kUsualFps = 30.0;  // of an episode of one frame

class Columns {
 public:
  Columns(std::span<const LerobotEpisode> episodes, const LerobotWriteOptions& options)
      : first_(episodes.front()), scale_(options.degrees ? 180.0 / std::numbers::pi : 1.0) {
    made_.fps = std::round(options.fps > 0.0 ? options.fps : mean_rate_hz(first_.state));
    if (!(made_.fps >= 1.0) || made_.fps > kMaxFps) {
      throw ConfigError(fmt::format("LeRobot: {} frames per second, must be 1 … {}", made_.fps, kMaxFps));
    }
    for (const LerobotEpisode& episode : episodes) {
      require_like_first(episode);
    }
    declare();
  }

  void add_tasks(std::span<const LerobotEpisode> episodes) {
    for (const LerobotEpisode& episode : episodes) {
      const TrajectoryInfo& info = episode.state.info();
      const std::string& task = info.task.empty() ? info.name : info.task;
      const auto found = std::ranges::find(made_.tasks, task);
      made_.task_of.push_back(static_cast<std::size_t>(found - made_.tasks.begin()));
      if (found == made_.tasks.end()) {
        made_.tasks.push_back(task);
      }
    }
  }

  void add(const LerobotEpisode& episode) {
    for (std::size_t i = 0; i < episode.state.size(); ++i) {
      const Frame state = episode.state.frame(i);
      add_indices(i);
      add_exact(state);
      add_floats("observation.state", state);
      if (!episode.action) {
        add_floats("action", state);
      } else {
        add_action(episode, state);
      }
      ++row_;
    }
    made_.ends.push_back(row_);
  }

  DatasetColumns take() { return std::move(made_); }

 private:
  static double mean_rate_hz(const Trajectory& trajectory) {
    return trajectory.size() < 2
               ? kUsualFps
               : static_cast<double>(trajectory.size() - 1) / core::to_seconds(trajectory.duration_ns());
  }

  static void require_same(const Trajectory& one, const Trajectory& first) {
    if (one.empty()) {
      throw ConfigError(fmt::format("trajectory '{}' has no frames", one.info().name));
    }
    if (one.info().joint_names != first.info().joint_names || one.has_gripper() != first.has_gripper()) {
      throw ConfigError(
          fmt::format("trajectory '{}' has other joints than '{}', or a gripper where that has none, or the "
                      "other way round: they cannot be in one dataset",
                      one.info().name, first.info().name));
    }
  }

  void require_like_first(const LerobotEpisode& episode) const {
    const std::string& name = episode.state.info().name;
    require_same(episode.state, first_.state);
    if (episode.state.has_velocities() != first_.state.has_velocities()) {
      throw ConfigError(
          fmt::format("of the trajectories '{}' and '{}' only one has velocities: they cannot be in one dataset", name,
                      first_.state.info().name));
    }
    if (episode.action.has_value() != first_.action.has_value()) {
      throw ConfigError(fmt::format("of the episodes '{}' and '{}' only one has actions: they cannot be in one dataset",
                                    name, first_.state.info().name));
    }
    if (episode.action) {
      require_same(*episode.action, *first_.action);
    }
  }

  void declare() {
    declare_joints("observation.state", first_.state);
    declare_joints("action", first_.action.value_or(first_.state));
    declare_one<float>("timestamp", "float32");
    for (const char* name : {"frame_index", "episode_index", "index", "task_index"}) {
      declare_one<std::int64_t>(name, "int64");
    }
    declare_one<std::int64_t>(std::string(kTimeColumn), "int64");
    declare_exact(kPositionColumn);
    if (first_.state.has_velocities()) {
      declare_exact(kVelocityColumn);
    }
    if (first_.state.has_gripper()) {
      declare_one<double>(std::string(kGripperColumn), "float64");
    }
    if (first_.action) {
      declare_one<std::int64_t>(std::string(kActionTimeColumn), "int64");
    }
  }

  template <class Number>
  void declare_one(const std::string& name, const char* dtype) {
    made_.columns[name] = {.values = std::vector<Number>{}, .width = 1};
    made_.features[name] = {.dtype = dtype, .shape = {1}, .names = {}};
  }

  void declare_joints(const std::string& name, const Trajectory& trajectory) {
    std::vector<std::string> names;
    for (const std::string& joint : trajectory.info().joint_names) {
      names.push_back((joint == "gripper" ? std::string(kGripperJoint) : joint) + std::string(kJointSuffix));
    }
    if (trajectory.has_gripper()) {
      names.emplace_back(kGripperName);
    }
    made_.columns[name] = {.values = std::vector<float>{}, .width = names.size()};
    made_.features[name] = {.dtype = "float32", .shape = {static_cast<std::int64_t>(names.size())}, .names = names};
  }

  void declare_exact(std::string_view name) {
    const std::vector<std::string>& names = first_.state.info().joint_names;
    made_.columns[std::string(name)] = {.values = std::vector<double>{}, .width = names.size()};
    made_.features[std::string(name)] = {
        .dtype = "float64", .shape = {static_cast<std::int64_t>(names.size())}, .names = names};
  }

  template <class Number>
  void put(std::string_view column, Number number) {
    std::get<std::vector<Number>>(made_.columns.at(std::string(column)).values).push_back(number);
  }

  void add_indices(std::size_t frame) {
    put("timestamp", static_cast<float>(static_cast<double>(frame) / made_.fps));
    put("frame_index", static_cast<std::int64_t>(frame));
    put("episode_index", static_cast<std::int64_t>(made_.ends.size()));
    put("index", static_cast<std::int64_t>(row_));
    put("task_index", static_cast<std::int64_t>(made_.task_of[made_.ends.size()]));
  }

  void add_exact(const Frame& state) {
    put(kTimeColumn, state.t_ns);
    for (const double q_rad : state.q_rad) {
      put(kPositionColumn, q_rad);
    }
    for (const double dq_rad_s : state.dq_rad_s) {
      put(kVelocityColumn, dq_rad_s);
    }
    if (state.gripper) {
      put(kGripperColumn, *state.gripper);
    }
  }

  void add_floats(std::string_view column, const Frame& frame) {
    for (const double q_rad : frame.q_rad) {
      put(column, static_cast<float>(q_rad * scale_));
    }
    if (frame.gripper) {
      put(column, static_cast<float>(*frame.gripper * kGripperOpen));
    }
  }

  void add_action(const LerobotEpisode& episode, const Frame& state) {
    const Trajectory& action = *episode.action;
    const std::int64_t began = episode.state.info().start_wall_ns;
    const std::int64_t told = action.info().start_wall_ns;
    const core::Nanoseconds later_ns = began != 0 && told != 0 ? began - told : 0;  // of the state's beginning
    const Frame frame = action.frame(action.index_at(state.t_ns + later_ns));
    add_floats("action", frame);
    put(kActionTimeColumn, frame.t_ns - later_ns);
  }

  const LerobotEpisode& first_;
  double scale_;
  std::size_t row_{0};
  DatasetColumns made_;
};

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// One number of each row, sorted.
std::vector<double> sorted_numbers(const Numbers& numbers, std::size_t place, std::size_t first, std::size_t last) {
  std::vector<double> found;
  std::visit(
      [&](const auto& values) {
        if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(values)>, std::vector<std::string>>) {
          for (std::size_t row = first; row < last; ++row) {
            found.push_back(static_cast<double>(values[row * numbers.width + place]));
          }
        }
      },
      numbers.values);
  std::ranges::sort(found);
  return found;
}

}  // namespace

DatasetColumns lerobot_columns(std::span<const LerobotEpisode> episodes, const LerobotWriteOptions& options) {
  if (episodes.empty()) {
    throw ConfigError("LeRobot: a dataset of no episodes");
  }
  Columns columns(episodes, options);
  columns.add_tasks(episodes);
  for (const LerobotEpisode& episode : episodes) {
    columns.add(episode);
  }
  return columns.take();
}

ParquetColumn slice(const std::string& name, const Numbers& numbers, std::size_t first, std::size_t last) {
  ParquetColumn column{.name = name, .values = {}, .list = numbers.width > 1};
  const auto begin = static_cast<std::ptrdiff_t>(first * numbers.width);
  const auto end = static_cast<std::ptrdiff_t>(last * numbers.width);
  std::visit(
      [&](const auto& values) {
        column.values = std::remove_cvref_t<decltype(values)>(values.begin() + begin, values.begin() + end);
      },
      numbers.values);
  for (std::size_t row = first; column.list && row < last; ++row) {
    column.ends.push_back((row - first + 1) * numbers.width);
  }
  return column;
}

std::map<std::string, std::vector<double>> lerobot_stats(const Numbers& numbers, std::size_t first, std::size_t last) {
  constexpr std::array<std::pair<const char*, double>, 5> kShares{
      {{"q01", 0.01}, {"q10", 0.10}, {"q50", 0.50}, {"q90", 0.90}, {"q99", 0.99}}};
  std::map<std::string, std::vector<double>> stats;
  for (std::size_t place = 0; place < numbers.width; ++place) {
    const std::vector<double> sorted = sorted_numbers(numbers, place, first, last);
    const auto count = static_cast<double>(sorted.size());
    double sum = 0.0;
    double squares = 0.0;
    for (const double value : sorted) {
      sum += value;
    }
    for (const double value : sorted) {
      squares += (value - sum / count) * (value - sum / count);
    }
    stats["min"].push_back(sorted.front());
    stats["max"].push_back(sorted.back());
    stats["mean"].push_back(sum / count);
    stats["std"].push_back(std::sqrt(squares / count));
    for (const auto& [name, share] : kShares) {
      stats[name].push_back(quantile(sorted, share));
    }
  }
  stats["count"] = {static_cast<double>(last - first)};
  return stats;
}

}  // namespace takt::trajectory::files::internal
