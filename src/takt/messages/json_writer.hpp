#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "takt/core/bounded_vector.hpp"
#include "takt/messages/described.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/messages/robot_state.hpp"

/// One direction of json.hpp, which says what becomes what.
namespace takt::messages {

/// Where JSON text is written to. A type of its own so that overloads of write_json are found wherever they are
/// declared.
struct JsonWriter {
  std::string text;
};

void write_json(JsonWriter& out, std::int64_t value);
void write_json(JsonWriter& out, std::uint64_t value);
void write_json(JsonWriter& out, double value);
void write_json(JsonWriter& out, std::string_view value);
void write_json(JsonWriter& out, const core::JointVector& value);
void write_json(JsonWriter& out, const Hop& value);
void write_json(JsonWriter& out, const core::BoundedVector<Extra, kMaxExtras>& value);
void write_trace_id(JsonWriter& out, std::uint64_t value);

/// `text` with U+FFFD for each byte that is not part of a UTF-8 character.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

template <std::integral T>
void write_json(JsonWriter& out, T value) {
  if constexpr (std::is_same_v<T, bool>) {  // a template, so that no pointer turns into a bool
    out.text += value ? "true" : "false";
  } else if constexpr (std::is_signed_v<T>) {
    write_json(out, static_cast<std::int64_t>(value));
  } else {
    write_json(out, static_cast<std::uint64_t>(value));
  }
}

template <class E>
  requires std::is_enum_v<E>
void write_json(JsonWriter& out, E value) {
  if constexpr (std::same_as<E, std::byte>) {
    write_json(out, std::to_integer<std::uint64_t>(value));
  } else {
    write_json(out, enum_name(value).view());
  }
}

template <std::size_t N>
void write_json(JsonWriter& out, const core::FixedString<N>& value) {
  write_json(out, core::FixedString<N>(to_valid_utf8(value.view())).view());
}

template <class T>
void write_json(JsonWriter& out, const std::optional<T>& value) {
  if (value) {
    write_json(out, *value);
  } else {
    out.text += "null";
  }
}

template <class Range>
  requires requires(const Range& range) {
    range.begin();
    range.size();
  } && (!std::convertible_to<Range, std::string_view>)
void write_json(JsonWriter& out, const Range& values) {
  out.text += '[';
  bool first = true;
  for (const auto& value : values) {
    out.text += first ? "" : ",";
    first = false;
    write_json(out, value);
  }
  out.text += ']';
}

template <class T>
void write_json(JsonWriter& out, const std::map<std::string, T>& values) {
  out.text += '{';
  bool first = true;
  for (const auto& [key, value] : values) {
    out.text += first ? "" : ",";
    first = false;
    write_json(out, std::string_view(key));
    out.text += ':';
    write_json(out, value);
  }
  out.text += '}';
}

/// A member of an Owner. Owners that write some of theirs in their own way have an overload.
template <class Owner>
void write_member(JsonWriter& out, std::string_view /*name*/, const auto& value) {
  write_json(out, value);
}

/// RobotState: the trace id is text, absent joints are null.
template <std::same_as<RobotState> Owner>
void write_member(JsonWriter& out, std::string_view name, const auto& value) {
  using T = std::remove_cvref_t<decltype(value)>;
  if constexpr (std::is_same_v<T, std::uint64_t>) {
    name == "trace_id" ? write_trace_id(out, value) : write_json(out, value);
  } else if constexpr (std::is_same_v<T, core::JointVector>) {
    value.empty() ? static_cast<void>(out.text += "null") : write_json(out, value);
  } else {
    write_json(out, value);
  }
}

template <Described T>
void write_json(JsonWriter& out, const T& value) {
  out.text += '{';
  bool first = true;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
    out.text += first ? "" : ",";
    first = false;
    write_json(out, wire_name(member.name));
    out.text += ':';
    write_member<T>(out, member.name, value.*member.pointer);
  });
  out.text += '}';
}

}  // namespace takt::messages
