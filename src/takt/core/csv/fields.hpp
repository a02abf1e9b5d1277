#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace takt::core::csv {

/// Longest number or column name that is read.
inline constexpr std::size_t kMaxFieldLength = 64;

/// Where a field stands, for messages. Refers to its strings.
struct Place {
  const std::string& file;
  std::size_t line;
  const std::string& column;

  /// @throws ConfigError, always.
  [[noreturn]] void refuse(const std::string& what) const;
};

/// The comma-separated fields of a line, without blanks around them. They refer to `line`.
void split_fields(std::string_view line, std::vector<std::string_view>& fields);

/// The field as a finite number, whatever the locale. @throws ConfigError.
[[nodiscard]] double parse_finite(std::string_view field, const Place& place);

/// The field as a whole number. @throws ConfigError.
[[nodiscard]] std::int64_t parse_integer(std::string_view field, const Place& place);

/// Foreign text for a one-line message: in quotes, cut to kMaxFieldLength, without control characters.
[[nodiscard]] std::string in_quotes(std::string_view text);

[[nodiscard]] constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace takt::core::csv
