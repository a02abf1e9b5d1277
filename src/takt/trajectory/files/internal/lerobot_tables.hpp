#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/lerobot_reader.hpp"
#include "takt/trajectory/files/parquet_reader.hpp"

namespace takt::trajectory::files::internal {

/// A column of one value per row. @throws ConfigError naming file and column when it is another.
template <class Value>
std::vector<Value> read_plain(const ParquetReader& file, const std::string& path, const std::string& name) {
  ParquetColumn column = file.read(name);
  if (column.list || !std::holds_alternative<std::vector<Value>>(column.values)) {
    throw ConfigError(path, 0, name,
                      fmt::format("is a column of {}{}, which is not what it must be", column.list ? "lists of " : "",
                                  type_name(column.values)));
  }
  return std::get<std::vector<Value>>(std::move(column.values));
}

/// The numbers of a column as doubles, and how many there are in each row, equally many. @throws ConfigError otherwise.
[[nodiscard]] std::vector<double> read_numbers(const ParquetReader& file, const std::string& path,
                                               const std::string& name, std::size_t& width);

/// The rows of all files below meta/episodes. @throws ConfigError.
[[nodiscard]] std::vector<LerobotEpisodeInfo> read_episodes(const std::filesystem::path& folder);

}  // namespace takt::trajectory::files::internal
