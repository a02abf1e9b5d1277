#pragma once

#include <optional>
#include <string_view>
#include <type_traits>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "takt/core/fixed_string.hpp"

namespace takt::messages {

/// The most bytes an enumerator's written name may have.
inline constexpr std::size_t kMaxEnumName = 48;
using EnumName = core::FixedString<kMaxEnumName>;

/// How an enumerator is written in JSON, reports and options: `kGotState` is "got_state".
[[nodiscard]] constexpr EnumName spell_enumerator(std::string_view identifier) noexcept {
  if (identifier.size() > 1 && identifier[0] == 'k' && identifier[1] >= 'A' && identifier[1] <= 'Z') {
    identifier.remove_prefix(1);
  }
  char text[kMaxEnumName] = {};
  std::size_t length = 0;
  for (std::size_t i = 0; i < identifier.size() && length + 2 < kMaxEnumName; ++i) {
    const char c = identifier[i];
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && i > 0) {
      text[length++] = '_';
    }
    text[length++] = upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return {std::string_view(text, length)};
}

/// The written name of a described enumerator; "?" for a value that has none. Real-time safe.
template <class E>
  requires std::is_enum_v<E>
[[nodiscard]] constexpr EnumName enum_name(E value) noexcept {
  EnumName name = "?";
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
    if (enumerator.value == value) {
      name = spell_enumerator(enumerator.name);
    }
  });
  return name;
}

/// The enumerator that is written so; nothing when there is none.
template <class E>
  requires std::is_enum_v<E>
[[nodiscard]] constexpr std::optional<E> enum_from_name(std::string_view text) noexcept {
  std::optional<E> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
    if (spell_enumerator(enumerator.name).view() == text) {
      found = enumerator.value;
    }
  });
  return found;
}

}  // namespace takt::messages
