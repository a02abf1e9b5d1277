#include "takt/messages/interfaces/interface_value.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace takt::messages {
namespace {

using Value = Expected<InterfaceValue, std::string>;

struct IntegerRange {
  std::int64_t least;
  std::uint64_t most;
};

template <class T>
constexpr IntegerRange range_of() {
  return {static_cast<std::int64_t>(std::numeric_limits<T>::min()),
          static_cast<std::uint64_t>(std::numeric_limits<T>::max())};
}

const std::map<std::string_view, IntegerRange> kIntegers = {
    {"int8", range_of<std::int8_t>()},     {"uint8", range_of<std::uint8_t>()},   {"byte", range_of<std::uint8_t>()},
    {"char", range_of<std::uint8_t>()},    {"int16", range_of<std::int16_t>()},   {"uint16", range_of<std::uint16_t>()},
    {"int32", range_of<std::int32_t>()},   {"uint32", range_of<std::uint32_t>()}, {"int64", range_of<std::int64_t>()},
    {"uint64", range_of<std::uint64_t>()},
};

Unexpected<std::string> wrong(std::string_view text, std::string_view type) {
  return Unexpected("'" + std::string(text) + "' is no " + std::string(type));
}

Value parse_bool(std::string_view text) {
  if (text == "true" || text == "True" || text == "1") {
    return "true";
  }
  if (text == "false" || text == "False" || text == "0") {
    return "false";
  }
  return wrong(text, "bool");
}

/// A prefix as in C++ and Python says the base.
int take_base(std::string_view& digits) {
  if (digits.size() > 2 && digits[0] == '0') {
    const int base = digits[1] == 'x' || digits[1] == 'X'   ? 16
                     : digits[1] == 'b' || digits[1] == 'B' ? 2
                     : digits[1] == 'o' || digits[1] == 'O' ? 8
                                                            : 10;
    digits.remove_prefix(base == 10 ? 0 : 2);
    return base;
  }
  return 10;
}

Value parse_integer(std::string_view text, std::string_view type, const IntegerRange& range) {
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) {
    digits.remove_prefix(1);
  }
  const int base = take_base(digits);
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return wrong(text, type);
  }
  const std::uint64_t most = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(range.least) : range.most;
  if (magnitude > most) {
    return wrong(text, type);
  }
  return (negative && magnitude != 0 ? "-" : "") + std::to_string(magnitude);
}

template <class T>
Value parse_float(std::string_view text, std::string_view type) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) {
    digits.remove_prefix(1);
  }
  T value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return wrong(text, type);
  }
  if (!std::isfinite(value)) {
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }
  std::array<char, 64> shortest{};
  const auto written = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value);
  std::string result(shortest.data(), written.ptr);
  return result.find_first_of(".e") == std::string::npos ? result + ".0" : result;
}

/// Without the quotes, if there are any: \" inside of them is a quote, \\ a backslash.
Value parse_text(std::string_view text) {
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
    return std::string(text);
  }
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      return i + 1 == text.size() ? Value(value) : Unexpected("'" + std::string(text) + "' goes on after its text");
    }
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
    }
    value += text[i];
  }
  return Unexpected("the text " + std::string(text) + " has no end");
}

/// Whether position `i` of `text` is in quotes is told by stepping through all before it.
class Quotes {
 public:
  /// True when `c` is in quotes or is one.
  bool step(char c) {
    if (quote_ == 0) {
      quote_ = c == '"' || c == '\'' ? c : '\0';
      return quote_ != 0;
    }
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == quote_) {
      quote_ = 0;
    }
    return true;
  }

 private:
  char quote_{0};
  bool escaped_{false};
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\f\v";
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::size_t comment_at(std::string_view line) {
  Quotes quotes;
  for (std::size_t i = 0; i < line.size(); ++i) {
    // An apostrophe in a comment is none of our business: the comment began before it.
    if (!quotes.step(line[i]) && line[i] == '#') {
      return i;
    }
  }
  return line.size();
}

Value parse_value(const InterfaceFieldType& type, std::string_view text) {
  if (type.name == "bool") {
    return parse_bool(text);
  }
  if (type.name == "float32") {
    return parse_float<float>(text, type.name);
  }
  if (type.name == "float64") {
    return parse_float<double>(text, type.name);
  }
  if (type.name == "string") {
    auto value = parse_text(text);
    if (value && type.text_bound && value->size() > *type.text_bound) {
      return Unexpected("'" + *value + "' is longer than " + std::to_string(*type.text_bound) + " bytes");
    }
    return value;
  }
  const auto integer = kIntegers.find(type.name);
  return integer == kIntegers.end() ? Value(Unexpected("a " + type.name + " has no value that can be written here"))
                                    : parse_integer(text, type.name, integer->second);
}

Expected<std::vector<InterfaceValue>, std::string> parse_values(const InterfaceFieldType& type, std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return Unexpected("the default of an array is written [a, b, …], not '" + std::string(text) + "'");
  }
  text = text.substr(1, text.size() - 2);
  std::vector<InterfaceValue> values;
  Quotes quotes;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size() && !trimmed(text).empty(); ++i) {
    if (i < text.size() && (quotes.step(text[i]) || text[i] != ',')) {
      continue;
    }
    auto value = parse_value(type, trimmed(text.substr(begin, i - begin)));
    if (!value) {
      return Unexpected(std::move(value.error()));
    }
    values.push_back(std::move(*value));
    begin = i + 1;
  }
  return values;
}

}  // namespace takt::messages
