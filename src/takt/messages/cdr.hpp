#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "takt/core/error.hpp"
#include "takt/messages/cdr_form.hpp"
#include "takt/messages/cdr_sequence_form.hpp"
#include "takt/messages/cdr_stream.hpp"
#include "takt/messages/described.hpp"

/// CDR (XCDR1, PLAIN_CDR: the wire format of ROS 2) for every described struct: declared once, this derives both
/// directions. docs/formats/cdr.md says what each type becomes. A type that has no form is a compile error which names
/// it; `CdrEncodable<T>` (cdr_form.hpp) asks beforehand.
///
/// Bytes are written in the byte order of this host and read in either. Numbers that lie together in memory are copied
/// together. What is read is checked before it is believed: no length makes room for more elements than the message can
/// hold.
namespace takt::messages {

/// Bytes of `value` with the header. Real-time safe.
template <class T>
[[nodiscard]] constexpr std::size_t cdr_size(const T& value) noexcept;

/// `value` with the header. encode_cdr into memory of one's own is faster.
/// @throws LogicError when a sequence or text has more than kMaxCdrCount elements.
template <class T>
[[nodiscard]] std::vector<std::byte> to_cdr(const T& value);

/// Writes `value` with the header to the begin of `out`. Allocates only for an error: `out` is too small, or a sequence
/// has more than kMaxCdrCount elements; `out` is untouched then. Real-time safe when neither can be.
/// @return How many bytes were written.
template <class T>
[[nodiscard]] Expected<std::size_t, DecodeError> encode_cdr(const T& value, std::span<std::byte> out);

/// The value that `message`, header included, stands for. Up to 3 bytes of padding may follow it.
template <std::default_initializable T>
[[nodiscard]] Expected<T, DecodeError> from_cdr(std::span<const std::byte> message);

// --- what consists of members --------------------------------------------------------------------------------------

/// The members of T, those of its bases first. All of them: what is described travels, whatever its access.
template <Described T>
using CdrMembers = boost::describe::describe_members<T, static_cast<unsigned>(boost::describe::mod_any_access) |
                                                            static_cast<unsigned>(boost::describe::mod_inherited) |
                                                            static_cast<unsigned>(boost::describe::mod_hidden)>;

template <class T, class Member>
using CdrMemberType = std::remove_reference_t<decltype(std::declval<T&>().*Member::pointer)>;
template <class T, class Member>
using CdrMemberForm = CdrForm<CdrMemberType<T, Member>>;

/// Written and read where there is no member: CDR has no struct without.
inline constexpr std::uint8_t kCdrNoMember = 0;

template <Described T>
struct CdrForm<T> {
 private:
  template <class Member>
  using IsEncodable = std::bool_constant<CdrMemberForm<T, Member>::kEncodable>;

  static constexpr std::size_t least_size() {
    std::size_t size = boost::mp11::mp_empty<CdrMembers<T>>::value ? 1 : 0;
    boost::mp11::mp_for_each<CdrMembers<T>>(
        [&](auto member) { size += CdrMemberForm<T, decltype(member)>::kLeastSize; });
    return size;
  }

 public:
  static constexpr bool kEncodable =
      std::default_initializable<T> && boost::mp11::mp_all_of<CdrMembers<T>, IsEncodable>::value;
  static constexpr std::size_t kLeastSize = least_size();

  static constexpr void write(auto& out, const T& value) {
    if constexpr (boost::mp11::mp_empty<CdrMembers<T>>::value) {  // NOLINT(bugprone-branch-clone): the next asks of a
                                                                  // first member
      out.number(kCdrNoMember);
    }
    boost::mp11::mp_for_each<CdrMembers<T>>(
        [&](auto member) { CdrMemberForm<T, decltype(member)>::write(out, value.*member.pointer); });
  }
  static bool read(CdrReader& in, T& value) {
    if constexpr (boost::mp11::mp_empty<CdrMembers<T>>::value) {
      std::uint8_t ignored = 0;
      return in.number(ignored);
    }
    bool good = true;
    boost::mp11::mp_for_each<CdrMembers<T>>([&](auto member) {
      good = good && (CdrMemberForm<T, decltype(member)>::read(in, value.*member.pointer) || in.failed_in(member.name));
    });
    return good;
  }
};

template <class T>
using CdrFirstNumbers = CdrNumbersOf<CdrMemberType<T, boost::mp11::mp_front<CdrMembers<T>>>>;

/// Whether all members of T, described in the order in which they lie in memory, are numbers of one type without gaps.
/// Not asked of large structs: what is large in them is copied together anyway.
template <Described T>
consteval bool is_run_of_numbers() {
  // NOLINTNEXTLINE(bugprone-branch-clone): the second asks about a first member, which the first has made sure of
  if constexpr (!std::is_trivially_copyable_v<T> || sizeof(T) > 512 || boost::mp11::mp_empty<CdrMembers<T>>::value) {
    return false;
  } else if constexpr (CdrFirstNumbers<T>::kCount == 0) {
    return false;
  } else {
    using Number = typename CdrFirstNumbers<T>::Number;
    std::size_t total = 0;
    bool alike = true;
    boost::mp11::mp_for_each<CdrMembers<T>>([&](auto member) {
      using Numbers = CdrNumbersOf<CdrMemberType<T, decltype(member)>>;
      if constexpr (Numbers::kCount == 0) {
        alike = false;
      } else {
        alike = alike && std::same_as<typename Numbers::Number, Number>;
      }
      total += Numbers::kCount;
    });
    return alike && total * sizeof(Number) == sizeof(T);
  }
}

/// Whether the members of a run of numbers are described in the order in which they lie in memory: of numbers that are
/// 1 where a member should be and 0 elsewhere, that member gets the ones.
template <Described T>
consteval bool is_described_in_order() {
  using Number = typename CdrFirstNumbers<T>::Number;
  std::size_t at = 0;
  bool good = true;
  boost::mp11::mp_for_each<CdrMembers<T>>([&](auto member) {
    std::array<Number, CdrNumbersOf<CdrMemberType<T, decltype(member)>>::kCount> ones{};
    std::array<Number, sizeof(T) / sizeof(Number)> memory{};
    ones.fill(Number{1});
    std::copy(ones.begin(), ones.end(), memory.begin() + at);
    good = good && std::bit_cast<decltype(ones)>(std::bit_cast<T>(memory).*member.pointer) == ones;
    at += ones.size();
  });
  return good;
}

/// Such structs, points and the like, are copied together.
template <Described T>
  requires(is_run_of_numbers<T>()) && (is_described_in_order<T>())
struct CdrNumbersOf<T> {
  using Number = typename CdrFirstNumbers<T>::Number;
  static constexpr std::size_t kCount = sizeof(T) / sizeof(Number);
};

/// Like a struct with these members; their names are [0], [1] …
template <class... Ts>
struct CdrForm<std::tuple<Ts...>> {
  static constexpr bool kEncodable = (CdrEncodable<Ts> && ...);
  static constexpr std::size_t kLeastSize = sizeof...(Ts) == 0 ? 1 : (CdrForm<Ts>::kLeastSize + ... + 0);

  static constexpr void write(auto& out, const std::tuple<Ts...>& value) {
    if constexpr (sizeof...(Ts) == 0) {
      out.number(kCdrNoMember);
    }
    std::apply([&](const Ts&... members) { (CdrForm<Ts>::write(out, members), ...); }, value);
  }
  static bool read(CdrReader& in, std::tuple<Ts...>& value) {
    if constexpr (sizeof...(Ts) == 0) {
      std::uint8_t ignored = 0;
      return in.number(ignored);
    }
    std::size_t index = 0;
    return std::apply(
        [&](Ts&... members) {
          return ((CdrForm<Ts>::read(in, members) ? (++index, true) : in.failed_in(index)) && ...);
        },
        value);
  }
};

template <class First, class Second>
struct CdrForm<std::pair<First, Second>> {
  static constexpr bool kEncodable = CdrEncodable<First> && CdrEncodable<Second>;
  static constexpr std::size_t kLeastSize = CdrForm<First>::kLeastSize + CdrForm<Second>::kLeastSize;

  static constexpr void write(auto& out, const std::pair<First, Second>& value) {
    CdrForm<First>::write(out, value.first);
    CdrForm<Second>::write(out, value.second);
  }
  static bool read(CdrReader& in, std::pair<First, Second>& value) {
    return (CdrForm<First>::read(in, value.first) || in.failed_in(std::size_t{0})) &&
           (CdrForm<Second>::read(in, value.second) || in.failed_in(std::size_t{1}));
  }
};

// --- the four functions --------------------------------------------------------------------------------------------

/// The message into `message`, which has exactly its size.
template <class T>
void write_cdr_message(const T& value, std::span<std::byte> message) noexcept {
  message[0] = std::byte{0};
  message[1] = std::byte{std::endian::native == std::endian::little ? 1 : 0};
  message[2] = message[3] = std::byte{0};
  CdrWriter out(message.data() + kCdrHeaderSize);
  CdrForm<T>::write(out, value);
}

template <class T>
constexpr CdrSizer measure_cdr(const T& value) noexcept {
  CdrSizer sizer;
  CdrForm<T>::write(sizer, value);
  return sizer;
}

/// Out of line, so that the way without it stays short.
[[nodiscard]] DecodeError cdr_too_long();
[[nodiscard]] DecodeError cdr_no_room(std::size_t needed, std::size_t given);

template <class T>
constexpr std::size_t cdr_size(const T& value) noexcept {
  return kCdrHeaderSize + measure_cdr(value).size();
}

template <class T>
std::vector<std::byte> to_cdr(const T& value) {
  const CdrSizer sizer = measure_cdr(value);
  if (!sizer.countable()) [[unlikely]] {
    throw LogicError("to_cdr: " + cdr_too_long().text());
  }
  std::vector<std::byte> message(kCdrHeaderSize + sizer.size());
  write_cdr_message(value, message);
  return message;
}

template <class T>
Expected<std::size_t, DecodeError> encode_cdr(const T& value, std::span<std::byte> out) {
  const CdrSizer sizer = measure_cdr(value);
  if (!sizer.countable()) [[unlikely]] {
    return Unexpected(cdr_too_long());
  }
  const std::size_t size = kCdrHeaderSize + sizer.size();
  if (size > out.size()) [[unlikely]] {
    return Unexpected(cdr_no_room(size, out.size()));
  }
  write_cdr_message(value, out.first(size));
  return size;
}

template <std::default_initializable T>
Expected<T, DecodeError> from_cdr(std::span<const std::byte> message) {
  Expected<T, DecodeError> value(std::in_place);
  MaybeError error;
  CdrReader in(message, error);
  if (!in.header() || !CdrForm<T>::read(in, *value) || !in.end()) [[unlikely]] {
    value = Unexpected(std::move(*error));
  }
  return value;
}

}  // namespace takt::messages
