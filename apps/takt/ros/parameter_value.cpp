#include "parameter_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "takt/messages/json.hpp"
#include "takt/messages/ros_value_text.hpp"

namespace takt::app {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::array<std::string_view, 9> kTrue{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"};
constexpr std::array<std::string_view, 9> kFalse{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};

/// Integers as YAML 1.1 has them: 42, -0x2a, 052. Nothing: it is none. The error: too large a one.
std::optional<Expected<std::int64_t, std::string>> integer_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = negative || text.starts_with('+') ? text.substr(1) : text;
  const bool hexadecimal = digits.starts_with("0x");
  const bool octal = !hexadecimal && digits.size() > 1 && digits.front() == '0';
  digits.remove_prefix(hexadecimal ? 2 : 0);
  std::uint64_t size = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, size, hexadecimal ? 16 : octal ? 8 : 10);
  if (read.ptr != end || digits.empty() || read.ec == std::errc::invalid_argument) {
    return std::nullopt;
  }
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (read.ec != std::errc{} || size > kMost + (negative ? 1 : 0)) {
    return Expected<std::int64_t, std::string>(Unexpected(std::string(text) + " is too large for an integer"));
  }
  return static_cast<std::int64_t>(negative ? std::uint64_t{0} - size : size);
}

std::optional<double> double_of(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool negative = text.starts_with('-');
  const std::string_view size = negative || text.starts_with('+') ? text.substr(1) : text;
  const auto signed_as = [&](double value) { return negative ? -value : value; };
  if (is_one_of<3>(size, {".inf", ".Inf", ".INF"})) {
    return signed_as(kInfinity);
  }
  if (is_one_of<3>(text, {".nan", ".NaN", ".NAN"})) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  constexpr std::string_view kBegins = ".0123456789";
  if (size.empty() || !kBegins.contains(size.front()) || size.find_first_of(".eE") == std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0.0;
  const auto read = std::from_chars(size.data(), size.data() + size.size(), value);
  return read.ec == std::errc{} && read.ptr == size.data() + size.size() ? std::optional(signed_as(value))
                                                                         : std::nullopt;
}

Expected<ParameterValue, std::string> value_of(YamlScalar scalar) {
  ParameterValue value;
  if (!scalar.quoted && is_one_of(scalar.text, kNull)) {
    return value;
  }
  if (!scalar.quoted && (is_one_of(scalar.text, kTrue) || is_one_of(scalar.text, kFalse))) {
    value.type = ParameterType::PARAMETER_BOOL;
    value.bool_value = is_one_of(scalar.text, kTrue);
    return value;
  }
  const auto integer = scalar.quoted ? std::nullopt : integer_of(scalar.text);
  if (integer) {
    value.type = ParameterType::PARAMETER_INTEGER;
    if (!*integer) {
      return Unexpected(integer->error());
    }
    value.integer_value = **integer;
    return value;
  }
  const auto real = scalar.quoted ? std::nullopt : double_of(scalar.text);
  if (real) {
    value.type = ParameterType::PARAMETER_DOUBLE;
    value.double_value = *real;
    return value;
  }
  value.type = ParameterType::PARAMETER_STRING;
  value.string_value = std::move(scalar.text);
  return value;
}

/// The elements of "[a, 'b']", as long as they are.
Expected<std::vector<YamlScalar>, std::string> elements_of(std::string_view text) {
  std::vector<std::size_t> commas;
  std::optional<std::size_t> end;
  const bool open = each_unquoted(text, [&](std::size_t i, char c) {
    if (c == ',' && !end) {
      commas.push_back(i);
    } else if (c == ']' && !end) {
      end = i;
    }
  });
  if (open || end != text.size() - 1) {
    return Unexpected(std::string(text) + " is no list: want [1, 2], not further nested");
  }
  std::vector<YamlScalar> elements;
  std::size_t from = 1;
  commas.push_back(*end);
  for (const std::size_t to : commas) {
    const std::string_view part = trimmed(text.substr(from, to - from));
    from = to + 1;
    if (part.empty() && to == *end) {
      break;  // [] or [1, 2, ]
    }
    auto element = parse_scalar(part);
    if (!element) {
      return Unexpected(std::move(element.error()));
    }
    elements.push_back(std::move(*element));
  }
  return elements;
}

template <class T, class Text>
std::string list_text(const std::vector<T>& values, Text text) {
  std::string all = "[";
  for (const auto& value : values) {
    all += (all.size() > 1 ? ", " : "") + text(value);
  }
  return all + "]";
}

/// ROS's tools read a double with an exponent only if it has a point, too.
std::string yaml_of(double value) {
  std::string text = messages::ros_value_text(value);
  if (text.ends_with("inf") || text == "nan") {
    text.insert(text.size() - 3, ".");
  } else if (const std::size_t exponent = text.find('e');
             exponent != std::string::npos && text.find('.') == std::string::npos) {
    text.insert(exponent, ".0");
  }
  return text;
}

}  // namespace

std::string type_text(std::uint8_t type) {
  constexpr std::array<std::string_view, 10> kNames{"not set",      "bool",        "integer",    "double",
                                                    "string",       "byte array",  "bool array", "integer array",
                                                    "double array", "string array"};
  return type < kNames.size() ? std::string(kNames.at(type)) : "type " + std::to_string(type);
}

Expected<ParameterValue, std::string> list_of(const std::vector<YamlScalar>& elements) {
  std::vector<ParameterValue> values;
  for (const YamlScalar& element : elements) {
    auto value = value_of(element);
    if (!value) {
      return value;
    }
    values.push_back(std::move(*value));
  }
  const auto all = [&](std::uint8_t one, std::uint8_t other) {
    return std::ranges::all_of(values, [&](const auto& value) { return value.type == one || value.type == other; });
  };
  ParameterValue list;
  const auto collect = [&](std::uint8_t type, auto& into, auto member) {
    list.type = type;
    std::ranges::transform(values, std::back_inserter(into), member);
  };
  using Type = ParameterType;
  if (all(Type::PARAMETER_STRING, Type::PARAMETER_STRING)) {
    collect(Type::PARAMETER_STRING_ARRAY, list.string_array_value, &ParameterValue::string_value);
  } else if (all(Type::PARAMETER_BOOL, Type::PARAMETER_BOOL)) {
    collect(Type::PARAMETER_BOOL_ARRAY, list.bool_array_value, &ParameterValue::bool_value);
  } else if (all(Type::PARAMETER_INTEGER, Type::PARAMETER_INTEGER)) {
    collect(Type::PARAMETER_INTEGER_ARRAY, list.integer_array_value, &ParameterValue::integer_value);
  } else if (all(Type::PARAMETER_INTEGER, Type::PARAMETER_DOUBLE)) {
    collect(Type::PARAMETER_DOUBLE_ARRAY, list.double_array_value,
            [](const ParameterValue& value) { return converted(value, Type::PARAMETER_DOUBLE).double_value; });
  } else {
    return Unexpected(std::string("its elements are not of one type"));
  }
  return list;
}

Expected<ParameterValue, std::string> parse_parameter(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('[')) {
    auto elements = elements_of(text);
    return elements ? list_of(*elements) : Expected<ParameterValue, std::string>(Unexpected(elements.error()));
  }
  auto scalar = parse_scalar(text);
  return scalar ? value_of(std::move(*scalar)) : Expected<ParameterValue, std::string>(Unexpected(scalar.error()));
}

ParameterValue converted(ParameterValue value, std::uint8_t type) {
  using Type = ParameterType;
  const bool is_integers = value.type == Type::PARAMETER_INTEGER_ARRAY;
  if (value.type == Type::PARAMETER_INTEGER && type == Type::PARAMETER_DOUBLE) {
    value.double_value = static_cast<double>(std::exchange(value.integer_value, 0));
    value.type = type;
  } else if (is_integers && type == Type::PARAMETER_DOUBLE_ARRAY) {
    value.double_array_value.assign(value.integer_array_value.begin(), value.integer_array_value.end());
    value.integer_array_value.clear();
    value.type = type;
  } else if (is_integers && type == Type::PARAMETER_BYTE_ARRAY &&
             std::ranges::all_of(value.integer_array_value, [](auto one) { return one >= 0 && one <= 255; })) {
    std::ranges::transform(value.integer_array_value, std::back_inserter(value.byte_array_value),
                           [](std::int64_t one) { return static_cast<std::byte>(one); });
    value.integer_array_value.clear();
    value.type = type;
  } else if (value.type == Type::PARAMETER_STRING_ARRAY && value.string_array_value.empty() &&
             type >= Type::PARAMETER_BYTE_ARRAY) {
    value.type = type;
  }
  return value;
}

std::string yaml_of(const std::string& text) {
  constexpr std::string_view kBegins = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  constexpr std::string_view kGoesOn = "0123456789.-";
  constexpr std::array<std::string_view, 4> kLetters{"y", "Y", "n", "N"};  // a bool to some of ROS's programs
  const auto read = value_of({.text = text, .quoted = false});
  const bool plain = !text.empty() && kBegins.contains(text.front()) &&
                     std::ranges::all_of(text, [&](char c) { return kBegins.contains(c) || kGoesOn.contains(c); }) &&
                     !is_one_of(text, kLetters) && read && read->type == ParameterType::PARAMETER_STRING;
  return plain ? text : messages::to_json(text);
}

std::string yaml_of(const ParameterValue& value) {
  switch (value.type) {
    case ParameterType::PARAMETER_DOUBLE:
      return yaml_of(value.double_value);
    case ParameterType::PARAMETER_STRING:
      return yaml_of(value.string_value);
    case ParameterType::PARAMETER_DOUBLE_ARRAY:
      return list_text(value.double_array_value, [](double one) { return yaml_of(one); });
    case ParameterType::PARAMETER_STRING_ARRAY:
      return list_text(value.string_array_value, [](const std::string& one) { return yaml_of(one); });
    case ParameterType::PARAMETER_BYTE_ARRAY:
      return list_text(value.byte_array_value, [](std::byte one) { return std::to_string(std::to_integer<int>(one)); });
    case ParameterType::PARAMETER_INTEGER_ARRAY:
      return list_text(value.integer_array_value, [](std::int64_t one) { return std::to_string(one); });
    case ParameterType::PARAMETER_BOOL_ARRAY:
      return list_text(value.bool_array_value, [](bool one) { return std::string(one ? "true" : "false"); });
    default:
      return json_of(value);  // the same in both
  }
}

std::string json_of(const ParameterValue& value) {
  switch (value.type) {
    case ParameterType::PARAMETER_BOOL:
      return messages::to_json(value.bool_value);
    case ParameterType::PARAMETER_INTEGER:
      return messages::to_json(value.integer_value);
    case ParameterType::PARAMETER_DOUBLE:
      return messages::to_json(value.double_value);
    case ParameterType::PARAMETER_STRING:
      return messages::to_json(value.string_value);
    case ParameterType::PARAMETER_BYTE_ARRAY:
      return messages::to_json(value.byte_array_value);
    case ParameterType::PARAMETER_BOOL_ARRAY:
      return messages::to_json(value.bool_array_value);
    case ParameterType::PARAMETER_INTEGER_ARRAY:
      return messages::to_json(value.integer_array_value);
    case ParameterType::PARAMETER_DOUBLE_ARRAY:
      return messages::to_json(value.double_array_value);
    case ParameterType::PARAMETER_STRING_ARRAY:
      return messages::to_json(value.string_array_value);
    default:
      return "null";
  }
}

}  // namespace takt::app
