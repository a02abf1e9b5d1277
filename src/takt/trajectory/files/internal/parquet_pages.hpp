#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "takt/trajectory/files/internal/parquet_format.hpp"
#include "takt/trajectory/files/internal/parquet_leaf.hpp"
#include "takt/trajectory/files/internal/parquet_values.hpp"
#include "takt/trajectory/files/parquet_reader.hpp"
#include "takt/trajectory/files/parquet_table.hpp"

namespace takt::trajectory::files::internal {

/// Reads the chunks of one column, row group after row group.
class ChunkReader {
 public:
  /// @param bytes  the file up to its footer; @param where  file and column, for messages. Refers to all of them.
  ChunkReader(std::string_view bytes, const Leaf& leaf, const ParquetLimits& limits, const std::string& where);

  /// @throws ConfigError. What was read before is in `column()` then.
  void read(const ColumnChunk& chunk, std::int64_t rows);

  [[nodiscard]] ParquetColumn& column() noexcept { return column_; }

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  [[nodiscard]] std::string_view chunk_bytes(const ColumnChunk& chunk) const;
  [[nodiscard]] std::string unpack(std::string_view packed, std::int64_t codec, std::size_t unpacked_bytes) const;
  [[nodiscard]] std::size_t count_of(const PageHeader& header) const;
  void read_dictionary(const PageHeader& header, std::string_view packed, std::int64_t codec);
  void read_page(const PageHeader& header, std::string_view packed, std::int64_t codec);
  void read_page_v2(const PageHeader& header, std::string_view packed, std::int64_t codec);
  /// One level for each value; all 0 where none are stored.
  [[nodiscard]] std::vector<std::uint32_t> take_levels(std::string_view& bytes, unsigned most, std::size_t count) const;
  void append(std::span<const std::uint32_t> repetition, std::span<const std::uint32_t> definition,
              std::string_view values, std::int64_t encoding);
  /// Appends to `ends`, and says how many values there are.
  [[nodiscard]] std::size_t assemble(std::span<const std::uint32_t> repetition,
                                     std::span<const std::uint32_t> definition);
  void append_values(std::string_view bytes, std::int64_t encoding, std::size_t count);

  std::string_view bytes_;
  const Leaf& leaf_;
  const ParquetLimits& limits_;
  const std::string& where_;
  ParquetColumn column_;
  TextRoom room_;                  ///< for the texts of all chunks
  std::size_t unpacked_bytes_{0};  ///< of all pages of all chunks
  std::optional<ParquetValues> dictionary_;
};

}  // namespace takt::trajectory::files::internal
