#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "takt/trajectory/files/parquet_table.hpp"

namespace takt::trajectory::files::internal {

/// What values of a physical type become; nothing for a type that is not read here.
[[nodiscard]] std::optional<ParquetValues> values_of_type(std::int64_t physical);

/// Appends `count` values that lie PLAIN in `bytes`. @throws ConfigError naming `where` when the bytes end before.
void append_plain(ParquetValues& values, std::int64_t physical, std::string_view bytes, std::size_t count,
                  const std::string& where);

/// Appends the values of the dictionary that `indices` name. @throws ConfigError naming `where`: an index beyond it, or
/// texts of more than `most_bytes` together.
void append_indexed(ParquetValues& values, const ParquetValues& dictionary, std::span<const std::uint32_t> indices,
                    std::size_t most_bytes, const std::string& where);

}  // namespace takt::trajectory::files::internal
