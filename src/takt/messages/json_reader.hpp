#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
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

/// The other direction of json.hpp: from a parsed document into values. Each read_json says what is wrong, and where
/// below the value.
namespace takt::messages {

MaybeError read_json(const JsonValue& json, bool& value);
MaybeError read_json(const JsonValue& json, std::int64_t& value);
MaybeError read_json(const JsonValue& json, std::uint64_t& value);
MaybeError read_json(const JsonValue& json, double& value);
MaybeError read_json(const JsonValue& json, std::string& value);
MaybeError read_json(const JsonValue& json, core::JointVector& value);
MaybeError read_json(const JsonValue& json, Hop& value);
MaybeError read_json(const JsonValue& json, core::BoundedVector<Extra, kMaxExtras>& value);
MaybeError read_trace_id(const JsonValue& json, std::uint64_t& value);

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

/// A member of an Owner, as write_member writes it.
template <class Owner>
MaybeError read_member(const JsonValue& json, std::string_view /*name*/, auto& value) {
  return read_json(json, value);
}

template <std::same_as<RobotState> Owner>
MaybeError read_member(const JsonValue& json, std::string_view name, auto& value) {
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
    if (auto error = read_member<T>(*found, member.name, value.*member.pointer)) {
      failed = under(wire_name(member.name), std::move(*error));
    }
  });
  return failed;
}

}  // namespace takt::messages
