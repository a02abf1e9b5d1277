#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "takt/core/error.hpp"

/// The smallest parts of YAML, as far as files of ROS have them.
namespace takt::app {

/// What stands between brackets and commas, or alone. With quotes it is a text, whatever it looks like.
struct YamlScalar {
  std::string text;
  bool quoted{false};
};

/// @param text  all of it is one scalar, without a comment
[[nodiscard]] Expected<YamlScalar, std::string> parse_scalar(std::string_view text);

/// Calls `visit(index, character)` for what stands in no quotes. @return whether quotes are open at the end
template <class Visit>
bool each_unquoted(std::string_view text, Visit visit) {
  constexpr std::string_view kBeforeQuotes = " \t[,:'\"";
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      i += quote == '"' && c == '\\' ? 1 : 0;
      quote = c == quote ? 0 : quote;
    } else if ((c == '"' || c == '\'') && (i == 0 || kBeforeQuotes.contains(text[i - 1]))) {
      quote = c;
    } else {
      visit(i, c);
    }
  }
  return quote != 0;
}

/// Without blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace takt::app
