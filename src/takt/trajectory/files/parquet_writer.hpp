#pragma once

#include <string>

#include "takt/trajectory/files/parquet_table.hpp"

namespace takt::trajectory::files {

/// The bytes of a Parquet file (format version 1, as docs/formats/lerobot.md says): values PLAIN, pages uncompressed,
/// no dictionary, no statistics; lists in three levels, `list` and `element`, as others write and read them. Columns
/// are optional, as pandas makes them, though no value is ever missing.
///
/// @throws LogicError for columns of unequal length, a name that stands twice, group ends that do not rise to the end.
[[nodiscard]] std::string write_parquet(const ParquetTable& table);

}  // namespace takt::trajectory::files
