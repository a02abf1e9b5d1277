#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "takt/core/fixed_string.hpp"

/// Values as they are written in .msg files: 1, 0.5, true, "text", [1, 2]. Read back they are the same value.
namespace takt::messages {

[[nodiscard]] std::string ros_value_text(std::int64_t value);
[[nodiscard]] std::string ros_value_text(std::uint64_t value);
[[nodiscard]] std::string ros_value_text(float value);   ///< the fewest digits; a whole number with ".0"
[[nodiscard]] std::string ros_value_text(double value);  ///< the same
[[nodiscard]] std::string ros_value_text(std::string_view value);

template <std::integral T>
std::string ros_value_text(T value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_signed_v<T>) {
    return ros_value_text(static_cast<std::int64_t>(value));
  } else {
    return ros_value_text(static_cast<std::uint64_t>(value));
  }
}

template <class E>
  requires std::is_enum_v<E>
std::string ros_value_text(E value) {
  return ros_value_text(static_cast<std::underlying_type_t<E>>(value));
}

template <std::size_t N>
std::string ros_value_text(const core::FixedString<N>& value) {
  return ros_value_text(value.view());
}

template <class Range>
  requires requires(const Range& range) {
    range.begin();
    range.size();
  } && (!std::convertible_to<Range, std::string_view>)
std::string ros_value_text(const Range& values) {
  std::string text = "[";
  for (const auto& value : values) {
    text += (text.size() > 1 ? ", " : "") + ros_value_text(value);
  }
  return text + "]";
}

template <class T>
std::string ros_value_text(const std::optional<T>& value) {
  return value ? "[" + ros_value_text(*value) + "]" : "[]";
}

}  // namespace takt::messages
