#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace takt::core {

/// Text of at most N − 1 bytes kept in place: trivially copyable, fit for messages and the cycle. Longer text is cut.
template <std::size_t N>
class FixedString {
 public:
  static constexpr std::size_t kCapacity = N - 1;

  constexpr FixedString() = default;
  constexpr FixedString(std::string_view text) noexcept {  // NOLINT(google-explicit-constructor): stands for the text
    std::copy_n(text.begin(), std::min(text.size(), kCapacity), bytes_.begin());
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
  std::array<char, N> bytes_{};
};

}  // namespace takt::core
