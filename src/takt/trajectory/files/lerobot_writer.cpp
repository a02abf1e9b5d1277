// A dataset is written into a folder beside its place, which gets its name when all is there.

#include "takt/trajectory/files/lerobot_writer.hpp"

#include <cerrno>
#include <cstdlib>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/messages/json.hpp"
#include "takt/trajectory/files/internal/lerobot_columns.hpp"
#include "takt/trajectory/files/lerobot_info.hpp"
#include "takt/trajectory/files/parquet_writer.hpp"

namespace takt::trajectory::files {
namespace {

using internal::DatasetColumns;

constexpr std::size_t kFileBytes = std::size_t{100} << 20U;  // what info.json says
constexpr std::int64_t kChunkFiles = 1000;                   // likewise

/// pandas' way to say that a column is the index of its table, which LeRobot wants of the tasks.
constexpr const char* kTasksPandas =
    R"({"index_columns": ["task"], "column_indexes": [{"name": null, "field_name": null, "pandas_type": "unicode", )"
    R"("numpy_type": "object", "metadata": {"encoding": "UTF-8"}}], "columns": [{"name": "task_index", )"
    R"("field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64", "metadata": null}, {"name": "task", )"
    R"("field_name": "task", "pandas_type": "unicode", "numpy_type": "object", "metadata": null}], )"
    R"("creator": {"library": "takt", "version": "0"}, "pandas_version": "2.0.0"})";

/// A folder that vanishes unless it gets its name.
class NewFolder {
 public:
  explicit NewFolder(std::filesystem::path place) : place_(std::move(place)) {
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(place_, ignored))) {
      throw ConfigError(place_.string(), 0, "", "is there already; a dataset is written into a new folder");
    }
    std::string name = (place_.parent_path() / fmt::format(".{}.XXXXXX", place_.filename().string())).string();
    if (mkdtemp(name.data()) == nullptr) {
      throw SystemError("cannot make a folder beside '" + place_.string() + "'", errno);
    }
    made_ = name;
  }
  ~NewFolder() {
    std::error_code ignored;
    if (!made_.empty()) {
      std::filesystem::remove_all(made_, ignored);
    }
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  NewFolder(NewFolder&&) = delete;
  NewFolder& operator=(NewFolder&&) = delete;

  void write(const std::filesystem::path& file, const std::string& bytes) const {
    std::error_code error;
    std::filesystem::create_directories((made_ / file).parent_path(), error);
    if (error) {
      throw SystemError("cannot make '" + (made_ / file).parent_path().string() + "'", error.value());
    }
    core::replace_file(made_ / file, bytes);
  }

  void commit() {
    std::error_code error;
    using std::filesystem::perms;
    std::filesystem::permissions(
        made_, perms::owner_all | perms::group_read | perms::group_exec | perms::others_read | perms::others_exec,
        error);  // mkdtemp's is for its owner alone
    std::filesystem::rename(made_, place_, error);
    if (error) {
      throw SystemError("cannot name the dataset '" + place_.string() + "'", error.value());
    }
    made_.clear();
  }

 private:
  std::filesystem::path place_;
  std::filesystem::path made_;
};

std::size_t row_bytes(const DatasetColumns& dataset) {
  std::size_t bytes = 0;
  for (const auto& [name, numbers] : dataset.columns) {
    bytes += numbers.width * (std::holds_alternative<std::vector<float>>(numbers.values) ? 4 : 8);
  }
  return bytes;
}

/// The number of the data file of each episode: a new one when the last has what a file may have.
std::vector<std::int64_t> files_of(const DatasetColumns& dataset) {
  std::vector<std::int64_t> files;
  const std::size_t rows_per_file = kFileBytes / row_bytes(dataset);
  std::size_t file_begin = 0;
  std::size_t begin = 0;
  std::int64_t file = 0;
  for (const std::size_t end : dataset.ends) {
    if (begin > file_begin && end - file_begin > rows_per_file) {
      ++file;
      file_begin = begin;
    }
    files.push_back(file);
    begin = end;
  }
  return files;
}

void write_data(const NewFolder& folder, const LerobotInfo& info, const DatasetColumns& dataset,
                const std::vector<std::int64_t>& files, bool degrees) {
  std::size_t first = 0;
  for (std::size_t episode = 0; episode < files.size();) {
    ParquetTable table{
        .rows = 0, .columns = {}, .metadata = {{std::string(internal::kUnitsKey), degrees ? "deg" : "rad"}}};
    const std::int64_t file = files[episode];
    std::size_t last = first;
    for (; episode < files.size() && files[episode] == file; ++episode) {
      last = dataset.ends[episode];
      table.group_ends.push_back(last - first);
    }
    table.rows = last - first;
    for (const auto& [name, numbers] : dataset.columns) {
      table.columns.push_back(internal::slice(name, numbers, first, last));
    }
    folder.write(data_file(info, file / kChunkFiles, file % kChunkFiles), write_parquet(table));
    first = last;
  }
}

/// A table of one row per episode, filled column by column.
class EpisodeTable {
 public:
  void add(const std::string& name, std::int64_t value) { put<std::int64_t>(name, false).push_back(value); }
  void add(const std::string& name, const std::string& value) { put<std::string>(name, false).push_back(value); }
  void add_list(const std::string& name, const std::vector<std::string>& values) { add_all(name, values); }
  void add_list(const std::string& name, const std::vector<double>& values) { add_all(name, values); }
  void add_list(const std::string& name, const std::vector<std::int64_t>& values) { add_all(name, values); }

  [[nodiscard]] std::string bytes(std::size_t rows) {
    table_.rows = rows;
    return write_parquet(table_);
  }

 private:
  template <class Value>
  std::vector<Value>& put(const std::string& name, bool list) {
    const auto [found, added] = index_.try_emplace(name, table_.columns.size());
    if (added) {
      table_.columns.push_back({.name = name, .values = std::vector<Value>{}, .list = list});
    }
    return std::get<std::vector<Value>>(table_.columns[found->second].values);
  }

  template <class Value>
  void add_all(const std::string& name, const std::vector<Value>& values) {
    std::vector<Value>& all = put<Value>(name, true);
    all.insert(all.end(), values.begin(), values.end());
    table_.columns[index_.at(name)].ends.push_back(all.size());
  }

  ParquetTable table_;
  std::map<std::string, std::size_t> index_;
};

void add_stats(EpisodeTable& table, const DatasetColumns& dataset, std::size_t first, std::size_t last) {
  for (const auto& [name, numbers] : dataset.columns) {
    for (const auto& [stat, values] : internal::lerobot_stats(numbers, first, last)) {
      const std::string column = fmt::format("stats/{}/{}", name, stat);
      if (stat == "count") {
        table.add_list(column, std::vector{static_cast<std::int64_t>(last - first)});
      } else {
        table.add_list(column, values);
      }
    }
  }
}

/// What no column of a dataset says, so that the trajectory comes back as it was.
void add_info(EpisodeTable& table, const TrajectoryInfo& info) {
  table.add("takt/name", info.name);
  table.add("takt/robot", info.robot);
  table.add("takt/robot_type", std::string(messages::enum_name(info.robot_type).view()));
  table.add("takt/task", info.task);
  table.add("takt/success", std::int64_t{!info.success ? -1 : *info.success ? 1 : 0});
  table.add("takt/start_wall_ns", info.start_wall_ns);
  table.add("takt/source", info.source);
}

std::string episode_table(const DatasetColumns& dataset, std::span<const LerobotEpisode> episodes,
                          const std::vector<std::int64_t>& files) {
  EpisodeTable table;
  std::size_t first = 0;
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const std::size_t last = dataset.ends[i];
    table.add("episode_index", static_cast<std::int64_t>(i));
    table.add_list("tasks", std::vector{dataset.tasks[dataset.task_of[i]]});
    table.add("length", static_cast<std::int64_t>(last - first));
    table.add("data/chunk_index", files[i] / kChunkFiles);
    table.add("data/file_index", files[i] % kChunkFiles);
    table.add("dataset_from_index", static_cast<std::int64_t>(first));
    table.add("dataset_to_index", static_cast<std::int64_t>(last));
    table.add("meta/episodes/chunk_index", std::int64_t{0});
    table.add("meta/episodes/file_index", std::int64_t{0});
    add_stats(table, dataset, first, last);
    add_info(table, episodes[i].state.info());
    first = last;
  }
  return table.bytes(episodes.size());
}

std::string task_table(const std::vector<std::string>& tasks) {
  std::vector<std::int64_t> indices;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    indices.push_back(static_cast<std::int64_t>(i));
  }
  return write_parquet({.rows = tasks.size(),
                        .columns = {{.name = "task_index", .values = indices}, {.name = "task", .values = tasks}},
                        .metadata = {{"pandas", kTasksPandas}}});
}

std::string stats_text(const DatasetColumns& dataset) {
  std::map<std::string, std::map<std::string, std::vector<double>>> stats;
  for (const auto& [name, numbers] : dataset.columns) {
    stats[name] = internal::lerobot_stats(numbers, 0, dataset.ends.back());
  }
  return messages::to_json(stats) + "\n";
}

}  // namespace

void write_lerobot(const std::filesystem::path& folder, std::span<const LerobotEpisode> episodes,
                   const LerobotWriteOptions& options) {
  const DatasetColumns dataset = internal::lerobot_columns(episodes, options);
  const std::string& robot = episodes.front().state.info().robot;
  const LerobotInfo info{.robot_type = options.robot_type.empty() ? robot : options.robot_type,
                         .fps = dataset.fps,
                         .episodes = static_cast<std::int64_t>(episodes.size()),
                         .frames = static_cast<std::int64_t>(dataset.ends.back()),
                         .tasks = static_cast<std::int64_t>(dataset.tasks.size()),
                         .features = dataset.features};
  // "d/" is the folder "d".
  const std::filesystem::path whole = std::filesystem::absolute(folder).lexically_normal();
  NewFolder made(whole.has_filename() ? whole : whole.parent_path());
  const std::vector<std::int64_t> files = files_of(dataset);
  write_data(made, info, dataset, files, options.degrees);
  made.write("meta/info.json", to_text(info));
  made.write("meta/stats.json", stats_text(dataset));
  made.write("meta/tasks.parquet", task_table(dataset.tasks));
  made.write("meta/episodes/chunk-000/file-000.parquet", episode_table(dataset, episodes, files));
  made.commit();
}

}  // namespace takt::trajectory::files
