#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace takt::messages {

/// Why foreign bytes are not the message: where in it ("hops[3]", empty for the whole) and what is wrong there.
struct DecodeError {
  std::string path;
  std::string what;

  /// "path: what" in one line.
  [[nodiscard]] std::string text() const { return path.empty() ? what : path + ": " + what; }
};

/// Nothing when it went well.
using MaybeError = std::optional<DecodeError>;

/// `error` as seen from one level further out: its path begins with `parent`.
[[nodiscard]] DecodeError under(std::string_view parent, DecodeError error);

/// How an element is called in a path: "[3]".
[[nodiscard]] std::string index_path(std::size_t index);

}  // namespace takt::messages
