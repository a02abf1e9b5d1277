#include "yaml_scalar.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace takt::app {
namespace {

constexpr std::string_view kBlanks = " \t\r";

/// "\x41", "\u00e9": the code point. Nothing: it is none.
std::optional<unsigned> code_point(std::string_view text, std::size_t at, std::size_t digits) {
  unsigned code = 0;
  if (at + digits > text.size()) {
    return std::nullopt;
  }
  const char* const end = text.data() + at + digits;
  const auto read = std::from_chars(text.data() + at, end, code, 16);
  const bool is_half = code >= 0xD800 && code < 0xE000;  // of a pair, as UTF-16 has them
  return read.ec == std::errc{} && read.ptr == end && !is_half ? std::optional(code) : std::nullopt;
}

void append_utf8(std::string& out, unsigned code) {
  const auto byte = [&](unsigned bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0U | (code >> 6U));
    byte(0x80U | (code & 0x3FU));
  } else {
    byte(0xE0U | (code >> 12U));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  }
}

/// What follows a backslash at `at`, which ends behind it.
bool append_escape(std::string& out, std::string_view text, std::size_t& at) {
  constexpr std::string_view kNames = "0abtnvfre\"/\\ ";
  constexpr std::string_view kMeanings{"\0\a\b\t\n\v\f\r\x1b\"/\\ ", 13};
  if (at >= text.size()) {
    return false;
  }
  const char name = text[at++];
  if (const std::size_t known = kNames.find(name); known != std::string_view::npos) {
    out += kMeanings[known];
    return true;
  }
  const std::size_t digits = name == 'x' ? 2 : name == 'u' ? 4 : 0;
  const auto code = digits == 0 ? std::nullopt : code_point(text, at, digits);
  if (code) {
    append_utf8(out, *code);
    at += digits;
  }
  return code.has_value();
}

Expected<std::string, std::string> unquoted(std::string_view text, std::string_view& rest) {
  const char quote = text.front();
  std::string out;
  for (std::size_t i = 1; i < text.size();) {
    const char c = text[i++];
    if (c == '\\' && quote == '"') {
      if (!append_escape(out, text, i)) {
        return Unexpected("'" + std::string(text.substr(0, i)) + "' ends in an escape that is none");
      }
    } else if (c == quote && quote == '\'' && i < text.size() && text[i] == quote) {
      out += text[i++];
    } else if (c == quote) {
      rest = text.substr(i);
      return out;
    } else {
      out += c;
    }
  }
  return Unexpected("the quotes of " + std::string(text) + " do not end");
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlanks);
  return from == std::string_view::npos ? std::string_view()
                                        : text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

Expected<YamlScalar, std::string> parse_scalar(std::string_view text) {
  const auto refused = [&] {
    return Unexpected("'" + std::string(text) + "' is no value: want a bool, a number, a text or a list");
  };
  if (text.starts_with('"') || text.starts_with('\'')) {
    std::string_view rest;
    auto inside = unquoted(text, rest);
    if (!inside) {
      return Unexpected(std::move(inside.error()));
    }
    if (!rest.empty()) {
      return refused();
    }
    return YamlScalar{.text = std::move(*inside), .quoted = true};
  }
  constexpr std::string_view kNotPlain = "[]{}&*!|>%@`,?";
  if (text.find(": ") != std::string_view::npos || text.ends_with(':') || text.starts_with("- ") ||
      (!text.empty() && kNotPlain.contains(text.front()))) {
    return refused();
  }
  return YamlScalar{.text = std::string(text), .quoted = false};
}

}  // namespace takt::app
