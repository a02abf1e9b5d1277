#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace takt::core {

/// Text of at most N − 1 bytes kept in place: trivially copyable, fit for messages and the cycle. Longer text is
/// cut where a UTF-8 character begins.
template <std::size_t N>
class FixedString {
 public:
  static constexpr std::size_t kCapacity = N - 1;

  constexpr FixedString() = default;
  constexpr FixedString(std::string_view text) noexcept {  // NOLINT(google-explicit-constructor): stands for the text
    std::copy_n(text.begin(), fitting(text), bytes_.begin());
  }
  constexpr FixedString(const char* text) noexcept
      : FixedString(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)

  /// Up to the first zero byte.
  [[nodiscard]] constexpr std::string_view view() const noexcept {
    return {bytes_.data(), static_cast<std::size_t>(std::find(bytes_.begin(), bytes_.end(), '\0') - bytes_.begin())};
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bytes_[0] == '\0'; }

  friend constexpr bool operator==(const FixedString& a, const FixedString& b) noexcept { return a.view() == b.view(); }

 private:
  /// How many bytes of `text` to keep. Text that is not UTF-8 is cut anywhere.
  static constexpr std::size_t fitting(std::string_view text) noexcept {
    if (text.size() <= kCapacity) {
      return text.size();
    }
    for (std::size_t end = kCapacity; end + 4 > kCapacity; --end) {  // a character has four bytes at most
      if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) {
        return end;
      }
      if (end == 0) {
        break;
      }
    }
    return kCapacity;
  }

  std::array<char, N> bytes_{};
};

}  // namespace takt::core
