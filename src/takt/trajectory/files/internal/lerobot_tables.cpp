#include "takt/trajectory/files/internal/lerobot_tables.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <type_traits>

#include "takt/messages/enum_name.hpp"

namespace takt::trajectory::files::internal {
namespace {

/// What add_info of lerobot_writer.cpp wrote of each row; nothing for a dataset of others.
std::vector<std::optional<TrajectoryInfo>> exact_infos(const ParquetReader& file, const std::string& path) {
  std::vector<std::optional<TrajectoryInfo>> infos(file.rows());
  if (!file.has("takt/name")) {
    return infos;
  }
  const auto texts = [&](const char* name) { return read_plain<std::string>(file, path, name); };
  const auto numbers = [&](const char* name) { return read_plain<std::int64_t>(file, path, name); };
  const auto names = texts("takt/name");
  const auto robots = texts("takt/robot");
  const auto types = texts("takt/robot_type");
  const auto tasks = texts("takt/task");
  const auto sources = texts("takt/source");
  const auto successes = numbers("takt/success");
  const auto starts = numbers("takt/start_wall_ns");
  for (std::size_t row = 0; row < infos.size(); ++row) {
    TrajectoryInfo info{.name = names[row],
                        .robot = robots[row],
                        .task = tasks[row],
                        .start_wall_ns = starts[row],
                        .source = sources[row]};
    info.robot_type = messages::enum_from_name<messages::RobotType>(types[row]).value_or(messages::RobotType::kUnknown);
    if (successes[row] >= 0) {
      info.success = successes[row] != 0;
    }
    infos[row] = std::move(info);
  }
  return infos;
}

/// The task of each episode: the first of its list. Empty where there is none.
std::vector<std::string> read_tasks(const ParquetReader& file, const std::string& path) {
  if (!file.has("tasks")) {
    return std::vector<std::string>(file.rows());
  }
  const ParquetColumn column = file.read("tasks");
  const auto* texts = std::get_if<std::vector<std::string>>(&column.values);
  if (texts == nullptr || !column.list) {
    throw ConfigError(path, 0, "tasks", "is no column of lists of texts");
  }
  std::vector<std::string> tasks;
  for (std::size_t row = 0, begin = 0; row < column.ends.size(); begin = column.ends[row++]) {
    tasks.push_back(column.ends[row] > begin ? (*texts)[begin] : "");
  }
  return tasks;
}

void append_episodes(std::vector<LerobotEpisodeInfo>& episodes, const std::filesystem::path& path) {
  const auto file = open_parquet(path);
  const std::string name = path.string();
  const auto index = read_plain<std::int64_t>(*file, name, "episode_index");
  const auto length = read_plain<std::int64_t>(*file, name, "length");
  const auto chunk = read_plain<std::int64_t>(*file, name, "data/chunk_index");
  const auto data = read_plain<std::int64_t>(*file, name, "data/file_index");
  const std::vector<std::string> tasks = read_tasks(*file, name);
  std::vector<std::optional<TrajectoryInfo>> exact = exact_infos(*file, name);
  for (std::size_t row = 0; row < file->rows(); ++row) {
    if (index[row] < 0 || length[row] < 0 || chunk[row] < 0 || data[row] < 0) {
      throw ConfigError(name, 0, "", fmt::format("row {} has a number below 0", row));
    }
    episodes.push_back({.index = index[row],
                        .frames = length[row],
                        .task = tasks[row],
                        .chunk = chunk[row],
                        .file = data[row],
                        .exact = std::move(exact[row])});
  }
}

std::vector<std::filesystem::path> episode_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder / "meta" / "episodes", error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".parquet") {
      found.push_back(at->path());
    }
  }
  if (found.empty()) {
    throw ConfigError((folder / "meta" / "episodes").string(), 0, "", "has no parquet files");
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

std::vector<double> read_numbers(const ParquetReader& file, const std::string& path, const std::string& name,
                                 std::size_t& width) {
  const ParquetColumn column = file.read(name);
  std::vector<double> numbers;
  std::visit(
      [&](const auto& values) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(values)>, std::vector<std::string>>) {
          throw ConfigError(path, 0, name, "is a column of texts, not of numbers");
        } else {
          numbers.assign(values.begin(), values.end());
        }
      },
      column.values);
  width = !column.list ? 1 : column.ends.empty() ? 0 : column.ends.front();
  for (std::size_t row = 0; row < column.ends.size(); ++row) {
    if (column.ends[row] != (row + 1) * width) {
      throw ConfigError(path, 0, name, "has lists of different lengths");
    }
  }
  return numbers;
}

std::vector<LerobotEpisodeInfo> read_episodes(const std::filesystem::path& folder) {
  std::vector<LerobotEpisodeInfo> episodes;
  for (const std::filesystem::path& file : episode_files(folder)) {
    append_episodes(episodes, file);
  }
  return episodes;
}

}  // namespace takt::trajectory::files::internal
