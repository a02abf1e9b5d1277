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

/// What the texts of a column may yet take, in bytes: a dictionary makes much of a few bytes, page after page.
class TextRoom {
 public:
  explicit TextRoom(std::size_t bytes) noexcept : most_(bytes), left_(bytes) {}

  /// For one more text, and the string that holds it. @throws ConfigError naming `where` when there is no room.
  void take(std::size_t bytes, const std::string& where);

 private:
  std::size_t most_;
  std::size_t left_;
};

/// Appends `count` values that lie PLAIN in `bytes`. @throws ConfigError naming `where`: the bytes end before, or there
/// is no room for their texts.
void append_plain(ParquetValues& values, std::int64_t physical, std::string_view bytes, std::size_t count,
                  TextRoom& room, const std::string& where);

/// Appends the values of the dictionary that `indices` name. @throws ConfigError naming `where`: an index beyond it, or
/// no room for its texts.
void append_indexed(ParquetValues& values, const ParquetValues& dictionary, std::span<const std::uint32_t> indices,
                    TextRoom& room, const std::string& where);

}  // namespace takt::trajectory::files::internal
