#include "takt/core/csv/fields.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

#include "takt/core/error.hpp"

namespace takt::core::csv {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

template <class Number>
Number parse_number(std::string_view field, const Place& place) {
  if (field.size() > kMaxFieldLength) {
    place.refuse("a field of " + std::to_string(field.size()) + " characters, a number has at most " +
                 std::to_string(kMaxFieldLength));
  }
  Number value{};
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error == std::errc::result_out_of_range) {
    place.refuse(in_quotes(field) + " is out of range");
  }
  if (error != std::errc{} || end != field.data() + field.size()) {
    place.refuse(field.empty() ? "the field is empty, expected a number" : in_quotes(field) + " is not a number");
  }
  return value;
}

}  // namespace

void Place::refuse(const std::string& what) const {
  throw ConfigError(file, line, column, what);
}

void split_fields(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (std::size_t begin = 0;;) {
    const std::size_t comma = line.find(',', begin);
    fields.push_back(trimmed(line.substr(begin, comma - begin)));
    if (comma == std::string_view::npos) {
      return;
    }
    begin = comma + 1;
  }
}

double parse_finite(std::string_view field, const Place& place) {
  const auto value = parse_number<double>(field, place);
  if (!std::isfinite(value)) {
    place.refuse(in_quotes(field) + " is not finite");
  }
  return value;
}

std::int64_t parse_integer(std::string_view field, const Place& place) {
  return parse_number<std::int64_t>(field, place);
}

std::string in_quotes(std::string_view text) {
  std::string shown = "'";
  for (const char c : text.substr(0, kMaxFieldLength)) {
    shown += is_control(c) ? '?' : c;
  }
  return shown + (text.size() > kMaxFieldLength ? "…'" : "'");
}

}  // namespace takt::core::csv
