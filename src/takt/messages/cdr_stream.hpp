#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "takt/messages/decode_error.hpp"

/// The bytes of CDR (XCDR1, PLAIN_CDR): alignment, numbers, texts and counts, not knowing of structs. Offsets count
/// from the end of the encapsulation header. docs/formats/cdr.md has the rules.
namespace takt::messages {

/// Bytes before the body: representation (2) and options (2).
inline constexpr std::size_t kCdrHeaderSize = 4;

/// The most elements of a sequence, and bytes of a text with its closing zero byte.
inline constexpr std::size_t kMaxCdrCount = std::numeric_limits<std::uint32_t>::max();

/// What travels as its own bytes, aligned to its size. Not long double and the wide characters, whose size is the
/// platform's business.
template <class T>
concept CdrNumber = (std::integral<T> || std::floating_point<T>) && std::same_as<T, std::remove_cv_t<T>> &&
                    sizeof(T) <= 8 && !std::same_as<T, long double> && !std::same_as<T, wchar_t> &&
                    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// `offset` moved up to a multiple of `alignment`, a power of two.
[[nodiscard]] constexpr std::size_t cdr_aligned(std::size_t offset, std::size_t alignment) noexcept {
  return (offset + alignment - 1) & ~(alignment - 1);
}

/// Takes what a CdrWriter takes and only counts. Real-time safe.
class CdrSizer {
 public:
  template <CdrNumber T>
  constexpr void number(T /*value*/) noexcept {
    size_ = cdr_aligned(size_, sizeof(T)) + sizeof(T);
  }
  /// `count` values of T that lie one after the other in memory.
  template <CdrNumber T>
  constexpr void numbers(const void* /*first*/, std::size_t count) noexcept {
    size_ = count == 0 ? size_ : cdr_aligned(size_, sizeof(T)) + count * sizeof(T);
  }
  /// The length of what follows.
  constexpr void count(std::size_t value) noexcept {
    countable_ = countable_ && value <= kMaxCdrCount;
    number(std::uint32_t{});
  }
  constexpr void text(std::string_view value) noexcept {
    count(value.size() + 1);
    size_ += value.size() + 1;
  }

  /// Bytes of the body.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  /// False when a sequence or a text is longer than CDR can say; nothing may be written then.
  [[nodiscard]] constexpr bool countable() const noexcept { return countable_; }

 private:
  std::size_t size_{0};
  bool countable_{true};
};

/// Writes a body in the byte order of this host, padding with zero bytes. Checks nothing: a CdrSizer has been given the
/// same values before, and `body` has the room it said. Real-time safe.
class CdrWriter {
 public:
  explicit CdrWriter(std::byte* body) noexcept : body_(body) {}

  template <CdrNumber T>
  void number(T value) noexcept {
    align<T>();
    std::memcpy(body_ + offset_, &value, sizeof(T));
    offset_ += sizeof(T);
  }
  template <CdrNumber T>
  void numbers(const void* first, std::size_t count) noexcept {
    if (count != 0) {
      align<T>();
      std::memcpy(body_ + offset_, first, count * sizeof(T));
      offset_ += count * sizeof(T);
    }
  }
  void count(std::size_t value) noexcept { number(static_cast<std::uint32_t>(value)); }
  void text(std::string_view value) noexcept {
    count(value.size() + 1);
    if (!value.empty()) {
      std::memcpy(body_ + offset_, value.data(), value.size());
    }
    offset_ += value.size();
    body_[offset_++] = std::byte{0};
  }

 private:
  /// A T follows, so that there is room for the sizeof(T) zero bytes, of which the T overwrites what is no padding.
  template <class T>
  void align() noexcept {
    if constexpr (sizeof(T) > 1) {
      std::memset(body_ + offset_, 0, sizeof(T));
      offset_ = cdr_aligned(offset_, sizeof(T));
    }
  }

  std::byte* body_;
  std::size_t offset_{0};
};

/// Reads a body of either byte order out of bytes that nobody vouches for. Every function says whether it went well;
/// the first that did not left its reason in the error given to the constructor, and the reader is of no more use.
/// Allocates only for such a reason.
class CdrReader {
 public:
  /// Both outlive the reader.
  CdrReader(std::span<const std::byte> message, MaybeError& error) noexcept : message_(message), error_(&error) {}

  /// The encapsulation header, before all else. Options say how much padding is at the end, or nothing: left alone.
  bool header() {
    if (message_.size() < kCdrHeaderSize || message_[0] != std::byte{0} || message_[1] > std::byte{1}) [[unlikely]] {
      return fail_header(*error_, message_);
    }
    swap_ = (message_[1] == std::byte{1}) != (std::endian::native == std::endian::little);
    body_ = message_.subspan(kCdrHeaderSize);
    return true;
  }

  template <CdrNumber T>
  bool number(T& value) {
    return numbers<T>(&value, 1);
  }
  /// `count` values of T, to lie one after the other from `first` on. Not for bool: bytes other than 0 and 1 are none.
  template <CdrNumber T>
    requires(!std::same_as<T, bool>)
  bool numbers(void* first, std::size_t count) {
    if (count == 0) {
      return true;
    }
    const std::size_t at = cdr_aligned(offset_, sizeof(T));
    if (at > body_.size() || count > (body_.size() - at) / sizeof(T)) [[unlikely]] {
      return fail_short(*error_, body_.size(), at, count * sizeof(T));
    }
    std::memcpy(first, body_.data() + at, count * sizeof(T));
    offset_ = at + count * sizeof(T);
    if constexpr (sizeof(T) > 1) {
      if (swap_) [[unlikely]] {
        swap_each<T>(static_cast<std::byte*>(first), count);
      }
    }
    return true;
  }
  bool number(bool& value) {
    std::uint8_t byte = 0;
    if (!numbers<std::uint8_t>(&byte, 1)) [[unlikely]] {
      return false;
    }
    value = byte == 1;
    return byte <= 1 || fail("a bool is 0 or 1, not " + std::to_string(byte));
  }

  /// The length of what follows; refused when the rest of the body could not hold as many elements of `least_size`
  /// bytes, so that it is safe to allocate for them.
  bool count(std::size_t& value, std::size_t least_size) {
    std::uint32_t count = 0;
    if (!number(count)) [[unlikely]] {
      return false;
    }
    value = count;
    return value <= left() / least_size || fail_count(*error_, value, left());
  }
  /// A text without its closing zero byte, inside the message. Zero bytes in it are part of it; a text of length 0,
  /// which some writers make of an empty one, is empty.
  bool text(std::string_view& value) {
    std::size_t size = 0;
    if (!count(size, 1)) [[unlikely]] {
      return false;
    }
    value = {};
    if (size == 0) {
      return true;
    }
    if (body_[offset_ + size - 1] != std::byte{0}) [[unlikely]] {
      return fail("a text without its closing zero byte");
    }
    value = {reinterpret_cast<const char*>(body_.data() + offset_), size - 1};
    offset_ += size;
    return true;
  }

  /// Bytes of the body that are not read yet.
  [[nodiscard]] std::size_t left() const noexcept { return body_.size() - offset_; }
  /// That the message ends here, but for up to 3 bytes of padding.
  bool end() { return left() < 4 || fail_end(*error_, left()); }

  /// Gives a reason; always false.
  bool fail(std::string what) { return fail(*error_, std::move(what)); }
  /// After a failure further in: its path goes through `name`, or through element `index`. Always false.
  bool failed_in(std::string_view name) { return failed_in(*error_, name); }
  bool failed_in(std::size_t index) { return failed_in(*error_, index_path(index)); }

 private:
  // Static and given what they need: a reader whose address is not handed out can live in registers.
  static bool fail(MaybeError& error, std::string what);
  static bool fail_header(MaybeError& error, std::span<const std::byte> message);
  static bool fail_end(MaybeError& error, std::size_t left);
  static bool fail_short(MaybeError& error, std::size_t size, std::size_t at, std::size_t wanted);
  static bool fail_count(MaybeError& error, std::size_t count, std::size_t left);
  static bool failed_in(MaybeError& error, std::string_view name);

  template <class T>
  static void swap_each(std::byte* first, std::size_t count) noexcept {
    using Bits = std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
    for (std::size_t i = 0; i < count; ++i) {
      Bits bits;
      std::memcpy(&bits, first + i * sizeof(T), sizeof(T));
      bits = std::byteswap(bits);
      std::memcpy(first + i * sizeof(T), &bits, sizeof(T));
    }
  }

  std::span<const std::byte> message_;
  std::span<const std::byte> body_;
  std::size_t offset_{0};
  bool swap_{false};
  MaybeError* error_;
};

}  // namespace takt::messages
