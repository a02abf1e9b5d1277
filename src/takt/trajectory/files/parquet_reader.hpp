#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "takt/trajectory/files/parquet_table.hpp"

namespace takt::trajectory::files {

/// What a file may ask of memory and time, whatever it claims to hold.
struct ParquetLimits {
  std::size_t values{std::size_t{1} << 26U};        ///< of one column
  std::size_t page_bytes{std::size_t{1} << 28U};    ///< of one page, unpacked; and of all texts of one column
  std::size_t column_bytes{std::size_t{1} << 30U};  ///< of all pages of one column, unpacked
  std::size_t footer_bytes{std::size_t{1} << 24U};  ///< of what says where the columns are
};

/// Reads the columns of a Parquet file, its own and those of others: PLAIN and dictionary encoding, pages of version 1
/// and 2, uncompressed, snappy or zstd, lists of one level. Every length, offset and count in the file is checked
/// before it is used. Anything else that the format knows is refused by its name, when that column is read. Not thread
/// safe.
class ParquetReader {
 public:
  /// @param name  stands for the file in messages.
  /// @throws ConfigError when this is no Parquet file or its footer makes no sense.
  ParquetReader(std::string bytes, std::string name, const ParquetLimits& limits = {});
  ~ParquetReader();
  ParquetReader(const ParquetReader&) = delete;
  ParquetReader& operator=(const ParquetReader&) = delete;
  ParquetReader(ParquetReader&&) = delete;
  ParquetReader& operator=(ParquetReader&&) = delete;

  [[nodiscard]] std::size_t rows() const noexcept;
  [[nodiscard]] const std::vector<std::string>& names() const noexcept;  ///< of the columns, in file order
  [[nodiscard]] bool has(std::string_view name) const noexcept;
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const noexcept;

  /// @throws ConfigError in one line with file and column: no such column (names those there are), a missing value, an
  /// encoding, compression or type that is not read here, contents that contradict themselves, more than the limits.
  [[nodiscard]] ParquetColumn read(std::string_view column) const;

 private:
  struct File;
  std::unique_ptr<const File> file_;
};

/// A file of at most 1 GiB. @throws ConfigError.
[[nodiscard]] std::unique_ptr<ParquetReader> open_parquet(const std::filesystem::path& path);

}  // namespace takt::trajectory::files
