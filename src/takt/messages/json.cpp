#include "takt/messages/json.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace takt::messages {
namespace {

template <class T>
void append_number(JsonWriter& out, T value, auto... format) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format...).ptr;
  out.text.append(text.data(), end);
}

MaybeError wrong(std::string what) {
  return DecodeError{.path = "", .what = std::move(what)};
}

template <class T>
MaybeError assign(const std::optional<T>& found, auto& value, const char* want) {
  if (!found) {
    return wrong(std::string("not ") + want);
  }
  value = *found;
  return std::nullopt;
}

void write_escaped(JsonWriter& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
    case '\\':
      out.text += '\\';
      out.text += c;
      return;
    case '\n':
      out.text += "\\n";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20) {
    out.text += "\\u00";
    out.text += kHex[byte >> 4];
    out.text += kHex[byte & 15];
  } else {
    out.text += c;
  }
}

/// The bytes of the UTF-8 character that `text` begins with; 0 when it begins with none. The Unicode Standard 15.0,
/// table 3-7.
std::size_t character_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return follows(1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string to_valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    valid += length > 0 ? text.substr(0, length) : "\xEF\xBF\xBD";
    text.remove_prefix(length > 0 ? length : 1);
  }
  return valid;
}

void write_json(JsonWriter& out, std::int64_t value) {
  append_number(out, value);
}
void write_json(JsonWriter& out, std::uint64_t value) {
  append_number(out, value);
}

void write_json(JsonWriter& out, double value) {
  if (std::isnan(value)) {
    out.text += "\"nan\"";
  } else if (std::isinf(value)) {
    out.text += value > 0 ? "\"inf\"" : "\"-inf\"";
  } else if (value == 0.0 && std::signbit(value)) {
    out.text += "-0.0";  // "-0" would be read as the integer 0
  } else if (std::abs(value) >= 0x1p53) {
    append_number(out, value, std::chars_format::scientific);  // a long integer would not be read as a double
  } else {
    append_number(out, value);
  }
}

void write_json(JsonWriter& out, std::string_view value) {
  out.text += '"';
  for (const char c : to_valid_utf8(value)) {
    write_escaped(out, c);
  }
  out.text += '"';
}

void write_json(JsonWriter& out, const core::JointVector& value) {
  write_json(out, std::span<const double>(value.begin(), value.end()));
}

void write_json(JsonWriter& out, const Hop& value) {
  out.text += '[';
  write_json(out, value.point);
  out.text += ',';
  write_json(out, value.stamp_ns);
  out.text += ',';
  write_json(out, value.thread);
  out.text += ']';
}

void write_json(JsonWriter& out, const core::BoundedVector<Extra, kMaxExtras>& value) {
  out.text += '{';
  for (std::size_t i = 0; i < value.size(); ++i) {
    out.text += i == 0 ? "" : ",";
    write_json(out, value[i].key);
    out.text += ':';
    write_json(out, value[i].value);
  }
  out.text += '}';
}

void write_trace_id(JsonWriter& out, std::uint64_t value) {
  JsonWriter digits;
  append_number(digits, value, 16);
  out.text += '"' + std::string(16 - digits.text.size(), '0') + digits.text + '"';
}

MaybeError read_json(const JsonValue& json, bool& value) {
  return assign(json.as_bool(), value, "true or false");
}
MaybeError read_json(const JsonValue& json, std::int64_t& value) {
  return assign(json.as_int64(), value, "an integer");
}
MaybeError read_json(const JsonValue& json, std::uint64_t& value) {
  return assign(json.as_uint64(), value, "a whole number");
}
MaybeError read_json(const JsonValue& json, std::string& value) {
  return assign(json.as_string(), value, "a text");
}

MaybeError read_json(const JsonValue& json, double& value) {
  if (const auto text = json.as_string()) {
    if (*text == "nan") {
      value = std::numeric_limits<double>::quiet_NaN();
      return std::nullopt;
    }
    if (*text == "inf" || *text == "-inf") {
      value = (*text == "inf" ? 1 : -1) * std::numeric_limits<double>::infinity();
      return std::nullopt;
    }
  }
  return assign(json.as_double(), value, "a number");
}

MaybeError read_json(const JsonValue& json, core::JointVector& value) {
  value = {};
  return read_array(json, [&](std::size_t i, const JsonValue& element) -> MaybeError {
    if (i >= core::kMaxJoints) {
      return wrong("more than " + std::to_string(core::kMaxJoints) + " joints");
    }
    value.resize(i + 1);
    return read_json(element, value[i]);
  });
}

MaybeError read_json(const JsonValue& json, Hop& value) {
  std::size_t seen = 0;
  auto error = read_array(json, [&](std::size_t i, const JsonValue& element) -> MaybeError {
    seen = i + 1;
    switch (i) {
      case 0:
        return read_json(element, value.point);
      case 1:
        return read_json(element, value.stamp_ns);
      case 2:
        return read_json(element, value.thread);
      default:
        return wrong("one element too many");
    }
  });
  return error || seen == 3 ? error : wrong("a hop is [point, stamp_ns, thread]");
}

MaybeError read_json(const JsonValue& json, core::BoundedVector<Extra, kMaxExtras>& value) {
  value.clear();
  MaybeError failed;
  const bool is_object = json.each_member([&](std::string_view key, const JsonValue& element) {
    Extra extra;
    if (key.size() > decltype(extra.key)::kCapacity || key.find('\0') != std::string_view::npos) {
      failed = under(key, *wrong("key is longer than " + std::to_string(decltype(extra.key)::kCapacity) + " bytes"));
    } else if (auto error = read_json(element, extra.value)) {
      failed = under(key, std::move(*error));
    } else {
      extra.key = key;
      if (!value.push_back(extra)) {
        failed = wrong("more than " + std::to_string(kMaxExtras) + " extras");
      }
    }
    return !failed;
  });
  return is_object ? failed : wrong("not an object");
}

MaybeError read_trace_id(const JsonValue& json, std::uint64_t& value) {
  const auto text = json.as_string();
  if (!text || text->size() != 16) {
    return wrong("not 16 hexadecimal digits");
  }
  const auto [end, error] = std::from_chars(text->data(), text->data() + 16, value, 16);
  return error == std::errc() && end == text->data() + 16 ? std::nullopt : wrong("not 16 hexadecimal digits");
}

}  // namespace takt::messages
