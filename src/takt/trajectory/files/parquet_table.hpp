#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace takt::trajectory::files {

/// The values of a column, of one type. INT32 and BOOLEAN of other writers become integers.
using ParquetValues =
    std::variant<std::vector<std::int64_t>, std::vector<float>, std::vector<double>, std::vector<std::string>>;

/// A column: one value per row, or with `list` a list of values per row.
struct ParquetColumn {
  std::string name;
  ParquetValues values;
  bool list{false};
  std::vector<std::size_t>
      ends{};  ///< of a list column, one per row: where its values end; they begin at the end before

  friend bool operator==(const ParquetColumn&, const ParquetColumn&) = default;
};

/// Columns of equally many rows. A value.
struct ParquetTable {
  std::size_t rows{0};
  std::vector<ParquetColumn> columns;
  std::vector<std::size_t> group_ends{};          ///< rows at which row groups end, rising to `rows`; empty: one group
  std::map<std::string, std::string> metadata{};  ///< of the whole file

  friend bool operator==(const ParquetTable&, const ParquetTable&) = default;
};

[[nodiscard]] std::size_t size(const ParquetValues& values) noexcept;

/// Rows of a column. @pre `ends` fits `values`.
[[nodiscard]] inline std::size_t rows(const ParquetColumn& column) noexcept {
  return column.list ? column.ends.size() : size(column.values);
}

/// "int64", "float", "double", "string".
[[nodiscard]] const char* type_name(const ParquetValues& values) noexcept;

}  // namespace takt::trajectory::files
