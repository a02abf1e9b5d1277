#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "takt/core/fixed_string.hpp"
#include "takt/messages/cdr_stream.hpp"

/// How a type travels in CDR: a specialisation of CdrForm per kind of type. Here numbers, enums, texts and arrays; the
/// rest in cdr_sequence_form.hpp and cdr.hpp. docs/formats/cdr.md has the table.
///
/// A type of one's own that is no described struct joins by specialising CdrForm: kEncodable, kLeastSize (the fewest
/// bytes that a value takes, at least 1; it bounds how many elements a message can hold), `write` and `read`.
namespace takt::messages {

/// Named in the compiler's message when a T is used that has no form.
template <class T>
inline constexpr bool kCdrHasFormFor = false;

/// A type that has no form: to use it is an error.
template <class T>
struct CdrForm {
  static constexpr bool kEncodable = false;
  static constexpr std::size_t kLeastSize = 1;

  static constexpr void write(auto& /*out*/, const T& /*value*/) {
    static_assert(kCdrHasFormFor<T>, "CDR cannot carry this type: describe the struct, or choose another type");
  }
  static bool read(CdrReader& /*in*/, T& /*value*/) {
    static_assert(kCdrHasFormFor<T>, "CDR cannot carry this type: describe the struct, or choose another type");
    return false;
  }
};

/// Every part of T can be written and read.
template <class T>
concept CdrEncodable = CdrForm<T>::kEncodable;

/// The numbers that a value consists of, one after the other as in memory, so that many are copied at once.
template <class T>
struct CdrNumbersOf {
  static constexpr std::size_t kCount = 0;  ///< it does not
};
template <CdrNumber T>
  requires(!std::same_as<T, bool>)
struct CdrNumbersOf<T> {
  using Number = T;
  static constexpr std::size_t kCount = 1;
};
template <>
struct CdrNumbersOf<std::byte> {
  using Number = std::uint8_t;
  static constexpr std::size_t kCount = 1;
};
template <class T, std::size_t N>
  requires(CdrNumbersOf<T>::kCount > 0)
struct CdrNumbersOf<std::array<T, N>> {
  using Number = typename CdrNumbersOf<T>::Number;
  static constexpr std::size_t kCount = N * CdrNumbersOf<T>::kCount;
};

/// `count` elements without a length.
template <class T>
constexpr void write_cdr_elements(auto& out, const T* first, std::size_t count) {
  if constexpr (CdrNumbersOf<T>::kCount > 0) {
    out.template numbers<typename CdrNumbersOf<T>::Number>(first, count * CdrNumbersOf<T>::kCount);
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      CdrForm<T>::write(out, first[i]);
    }
  }
}

template <class T>
bool read_cdr_elements(CdrReader& in, T* first, std::size_t count) {
  if constexpr (CdrNumbersOf<T>::kCount > 0) {
    return in.numbers<typename CdrNumbersOf<T>::Number>(first, count * CdrNumbersOf<T>::kCount);
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      if (!CdrForm<T>::read(in, first[i])) [[unlikely]] {
        return in.failed_in(i);
      }
    }
    return true;
  }
}

template <CdrNumber T>
struct CdrForm<T> {
  static constexpr bool kEncodable = true;
  static constexpr std::size_t kLeastSize = sizeof(T);

  static constexpr void write(auto& out, T value) {
    if constexpr (std::same_as<T, bool>) {
      out.number(static_cast<std::uint8_t>(value));
    } else {
      out.number(value);
    }
  }
  static bool read(CdrReader& in, T& value) { return in.number(value); }
};

template <>
struct CdrForm<std::byte> {
  static constexpr bool kEncodable = true;
  static constexpr std::size_t kLeastSize = 1;

  static constexpr void write(auto& out, std::byte value) { out.number(std::to_integer<std::uint8_t>(value)); }
  static bool read(CdrReader& in, std::byte& value) { return in.numbers<std::uint8_t>(&value, 1); }
};

/// An enum is its underlying type. One that is described takes no value without a name; one that is neither described
/// nor of a fixed underlying type cannot hold every number and has no form.
template <class E>
  requires std::is_enum_v<E>
struct CdrForm<E> {
  using Number = std::underlying_type_t<E>;
  static constexpr bool kDescribed = boost::describe::has_describe_enumerators<E>::value;
  static constexpr bool kEncodable = CdrNumber<Number> && (kDescribed || requires { E{Number{}}; });
  static constexpr std::size_t kLeastSize = sizeof(Number);

  static constexpr void write(auto& out, E value) {
    static_assert(kEncodable, "CDR has no form for this enum E");
    CdrForm<Number>::write(out, static_cast<Number>(value));
  }
  static bool read(CdrReader& in, E& value) {
    Number number{};
    if (!CdrForm<Number>::read(in, number)) [[unlikely]] {
      return false;
    }
    if constexpr (kDescribed) {
      bool known = false;
      boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
          [&](auto enumerator) { known = known || static_cast<Number>(enumerator.value) == number; });
      if (!known) [[unlikely]] {
        return in.fail(std::to_string(number) + " is no value of this enum");
      }
    }
    value = static_cast<E>(number);
    return true;
  }
};

template <>
struct CdrForm<std::string> {
  static constexpr bool kEncodable = true;
  static constexpr std::size_t kLeastSize = sizeof(std::uint32_t);

  static constexpr void write(auto& out, const std::string& value) { out.text(value); }
  static bool read(CdrReader& in, std::string& value) {
    std::string_view text;
    if (!in.text(text)) [[unlikely]] {
      return false;
    }
    value = text;
    return true;
  }
};

template <std::size_t N>
struct CdrForm<core::FixedString<N>> {
  static constexpr bool kEncodable = true;
  static constexpr std::size_t kLeastSize = sizeof(std::uint32_t);

  static constexpr void write(auto& out, const core::FixedString<N>& value) { out.text(value.view()); }
  static bool read(CdrReader& in, core::FixedString<N>& value) {
    std::string_view text;
    if (!in.text(text)) [[unlikely]] {
      return false;
    }
    if (text.size() > core::FixedString<N>::kCapacity || text.find('\0') != std::string_view::npos) [[unlikely]] {
      return in.fail("not a text of at most " + std::to_string(core::FixedString<N>::kCapacity) + " bytes");
    }
    value = core::FixedString<N>(text);
    return true;
  }
};

/// CDR has no array without elements.
template <class T, std::size_t N>
  requires(N > 0)
struct CdrForm<std::array<T, N>> {
  static constexpr bool kEncodable = CdrEncodable<T>;
  static constexpr std::size_t kLeastSize = N * CdrForm<T>::kLeastSize;

  static constexpr void write(auto& out, const std::array<T, N>& value) { write_cdr_elements(out, value.data(), N); }
  static bool read(CdrReader& in, std::array<T, N>& value) { return read_cdr_elements(in, value.data(), N); }
};

}  // namespace takt::messages
