#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "takt/core/bounded_vector.hpp"
#include "takt/messages/decode_error.hpp"
#include "takt/messages/described.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/messages/json_value.hpp"
#include "takt/messages/robot_state.hpp"

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

/// Where JSON text is written to. A type of its own so that overloads of write_json are found wherever they are
/// declared.
struct JsonWriter {
  std::string text;
};

/// `value` as JSON text in one line.
template <class T>
[[nodiscard]] std::string to_json(const T& value);

/// The value that `text` stands for.
template <class T>
[[nodiscard]] Expected<T, DecodeError> from_json(std::string_view text);

void write_json(JsonWriter& out, std::int64_t value);
void write_json(JsonWriter& out, std::uint64_t value);
void write_json(JsonWriter& out, double value);
void write_json(JsonWriter& out, std::string_view value);
void write_json(JsonWriter& out, const core::JointVector& value);
void write_json(JsonWriter& out, const Hop& value);
void write_json(JsonWriter& out, const core::BoundedVector<Extra, kMaxExtras>& value);

MaybeError read_json(const JsonValue& json, bool& value);
MaybeError read_json(const JsonValue& json, std::int64_t& value);
MaybeError read_json(const JsonValue& json, std::uint64_t& value);
MaybeError read_json(const JsonValue& json, double& value);
MaybeError read_json(const JsonValue& json, std::string& value);
MaybeError read_json(const JsonValue& json, core::JointVector& value);
MaybeError read_json(const JsonValue& json, Hop& value);
MaybeError read_json(const JsonValue& json, core::BoundedVector<Extra, kMaxExtras>& value);

/// `text` with U+FFFD for each byte that is not part of a UTF-8 character.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

/// Members that a type writes in its own way hook in here; the general case does nothing special.
template <class T>
struct Member {
  static void write_member(JsonWriter& out, std::string_view /*name*/, const auto& value) { write_json(out, value); }
  static MaybeError read_member(const JsonValue& json, std::string_view /*name*/, auto& value) {
    return read_json(json, value);
  }
};

/// RobotState: the trace id is text, absent joints are null.
template <>
struct Member<RobotState> {
  static void write_member(JsonWriter& out, std::string_view name, const auto& value);
  static MaybeError read_member(const JsonValue& json, std::string_view name, auto& value);
};

void write_trace_id(JsonWriter& out, std::uint64_t value);
MaybeError read_trace_id(const JsonValue& json, std::uint64_t& value);

// --- writing -------------------------------------------------------------------------------------------------------

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

template <Described T>
void write_json(JsonWriter& out, const T& value) {
  out.text += '{';
  bool first = true;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
    out.text += first ? "" : ",";
    first = false;
    write_json(out, wire_name(member.name));
    out.text += ':';
    Member<T>::write_member(out, member.name, value.*member.pointer);
  });
  out.text += '}';
}

// --- reading -------------------------------------------------------------------------------------------------------

template <std::integral T>
MaybeError read_json(const JsonValue& json, T& value) {
  std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> wide{};
  if (auto error = read_json(json, wide)) {
    return error;
  }
  if (!std::in_range<T>(wide)) {
    return DecodeError{.path = "", .what = "number out of range"};
  }
  value = static_cast<T>(wide);
  return std::nullopt;
}

template <std::same_as<float> T>
MaybeError read_json(const JsonValue& json, T& value) {
  double wide = 0.0;
  if (auto error = read_json(json, wide)) {
    return error;
  }
  if (std::abs(wide) > std::numeric_limits<float>::max() && !std::isinf(wide)) {
    return DecodeError{.path = "", .what = "number out of range"};
  }
  value = static_cast<float>(wide);
  return std::nullopt;
}

template <std::same_as<std::byte> T>
MaybeError read_json(const JsonValue& json, T& value) {
  std::uint8_t number = 0;
  auto error = read_json(json, number);
  value = std::byte{number};
  return error;
}

template <class E>
  requires std::is_enum_v<E> && (!std::same_as<E, std::byte>)
MaybeError read_json(const JsonValue& json, E& value) {
  const auto text = json.as_string();
  const auto found = text ? enum_from_name<E>(*text) : std::nullopt;
  if (!found) {
    return DecodeError{.path = "", .what = "not a known name"};
  }
  value = *found;
  return std::nullopt;
}

template <std::size_t N>
MaybeError read_json(const JsonValue& json, core::FixedString<N>& value) {
  const auto text = json.as_string();
  if (!text || text->size() > core::FixedString<N>::kCapacity || text->find('\0') != std::string_view::npos) {
    return DecodeError{.path = "",
                       .what = "not a text of at most " + std::to_string(core::FixedString<N>::kCapacity) + " bytes"};
  }
  value = core::FixedString<N>(*text);
  return std::nullopt;
}

template <class T>
MaybeError read_json(const JsonValue& json, std::optional<T>& value) {
  value.reset();
  return json.is_null() ? std::nullopt : read_json(json, value.emplace());
}

/// Reads an array through `store(index, element)`, which says what is wrong with an element.
template <class Store>
MaybeError read_array(const JsonValue& json, Store store) {
  std::size_t index = 0;
  MaybeError failed;
  const bool is_array = json.each_element([&](const JsonValue& element) {
    if (auto error = store(index, element)) {
      failed = under(index_path(index), std::move(*error));
    }
    ++index;
    return !failed;
  });
  return is_array ? failed : DecodeError{.path = "", .what = "not an array"};
}

template <class T>
MaybeError read_json(const JsonValue& json, std::vector<T>& values) {
  values.clear();
  return read_array(json, [&](std::size_t, const JsonValue& element) {
    T value{};
    auto error = read_json(element, value);
    values.push_back(std::move(value));  // a vector of bool has no elements to read into
    return error;
  });
}

template <class T, std::size_t N>
MaybeError read_json(const JsonValue& json, std::array<T, N>& values) {
  std::size_t seen = 0;
  auto error = read_array(json, [&](std::size_t i, const JsonValue& element) -> MaybeError {
    seen = i + 1;
    return i < N ? read_json(element, values[i]) : DecodeError{.path = "", .what = "one element too many"};
  });
  if (!error && seen != N) {
    return DecodeError{.path = "", .what = std::to_string(seen) + " elements, want " + std::to_string(N)};
  }
  return error;
}

template <class T, std::size_t N>
MaybeError read_json(const JsonValue& json, core::BoundedVector<T, N>& values) {
  values.clear();
  return read_array(json, [&](std::size_t, const JsonValue& element) -> MaybeError {
    T value{};
    if (auto error = read_json(element, value)) {
      return error;
    }
    return values.push_back(value) ? std::nullopt : MaybeError(DecodeError{.path = "", .what = "one element too many"});
  });
}

template <class T>
MaybeError read_json(const JsonValue& json, std::map<std::string, T>& values) {
  values.clear();
  MaybeError failed;
  const bool is_object = json.each_member([&](std::string_view key, const JsonValue& element) {
    if (auto error = read_json(element, values[std::string(key)])) {
      failed = under(key, std::move(*error));
    }
    return !failed;
  });
  return is_object ? failed : DecodeError{.path = "", .what = "not an object"};
}

template <Described T>
MaybeError read_json(const JsonValue& json, T& value) {
  if (!json.is_object()) {
    return DecodeError{.path = "", .what = "not an object"};
  }
  MaybeError failed;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
    const auto found = failed ? std::nullopt : json.member(wire_name(member.name));
    if (!found) {
      return;
    }
    if (auto error = Member<T>::read_member(*found, member.name, value.*member.pointer)) {
      failed = under(wire_name(member.name), std::move(*error));
    }
  });
  return failed;
}

void Member<RobotState>::write_member(JsonWriter& out, std::string_view name, const auto& value) {
  using T = std::remove_cvref_t<decltype(value)>;
  if constexpr (std::is_same_v<T, std::uint64_t>) {
    name == "trace_id" ? write_trace_id(out, value) : write_json(out, value);
  } else if constexpr (std::is_same_v<T, core::JointVector>) {
    value.empty() ? static_cast<void>(out.text += "null") : write_json(out, value);
  } else {
    write_json(out, value);
  }
}

MaybeError Member<RobotState>::read_member(const JsonValue& json, std::string_view name, auto& value) {
  using T = std::remove_cvref_t<decltype(value)>;
  if constexpr (std::is_same_v<T, std::uint64_t>) {
    return name == "trace_id" ? read_trace_id(json, value) : read_json(json, value);
  } else if constexpr (std::is_same_v<T, core::JointVector>) {
    value = {};
    return json.is_null() ? std::nullopt : read_json(json, value);
  } else {
    return read_json(json, value);
  }
}

template <class T>
std::string to_json(const T& value) {
  JsonWriter out;
  write_json(out, value);
  return std::move(out.text);
}

template <class T>
Expected<T, DecodeError> from_json(std::string_view text) {
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
