#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "takt/messages/json_reader.hpp"
#include "takt/messages/json_writer.hpp"

/// JSON for every described struct (Boost.Describe): a message is declared once and this derives both directions.
///
///   bool, integers, double   as such; a double that is not finite as "nan", "inf", "-inf" (JSON has no such number)
///   std::byte                its number
///   enum                     its written name (enum_name.hpp); a value without a name as "?", which reading refuses
///   std::string, FixedString string; each byte that is not UTF-8 as U+FFFD, a FixedString cut to its size again
///   std::optional            the value or null; so are the joint fields of RobotState, where empty means absent
///   array, vector, JointVector, BoundedVector     array
///   std::map<std::string, T>, BoundedVector<Extra> object
///   Hop                      [point, stamp_ns, thread]
///   trace_id                 16 hexadecimal digits
///
/// Doubles are written with the fewest digits that read back as the same bits, so decode(encode(x)) == x exactly.
/// Decoding ignores unknown members and leaves missing ones at their default; anything else wrong is an error with its
/// path. Not real-time safe.
namespace takt::messages {

/// `value` as JSON text in one line.
template <class T>
[[nodiscard]] std::string to_json(const T& value) {
  JsonWriter out;
  write_json(out, value);
  return std::move(out.text);
}

/// The value that `text` stands for.
template <class T>
[[nodiscard]] Expected<T, DecodeError> from_json(std::string_view text) {
  auto document = JsonDocument::parse(text);
  if (!document) {
    return Unexpected(std::move(document.error()));
  }
  T value{};
  if (auto error = read_json(document->root(), value)) {
    return Unexpected(std::move(*error));
  }
  return value;
}

}  // namespace takt::messages
