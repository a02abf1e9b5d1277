#pragma once

#include <string>
#include <vector>

#include "takt/trajectory/files/internal/parquet_format.hpp"

namespace takt::trajectory::files::internal {

/// A column as the file stores it: the values at the end of one path of the schema.
struct Leaf {
  std::string column;           ///< the path's first name
  std::int64_t type{-1};        ///< Physical, or a number the format does not know
  unsigned most_definition{0};  ///< the level that a value has which is there
  unsigned most_repetition{0};  ///< 0: one value per row; 1: lists
  unsigned list_definition{0};  ///< the level from which on the list has an element
};

/// The leaves in file order. @throws ConfigError naming `name`.
[[nodiscard]] std::vector<Leaf> find_leaves(const FileMetadata& metadata, const std::string& name);

}  // namespace takt::trajectory::files::internal
