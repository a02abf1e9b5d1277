#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace takt::core {

/// Up to N values in place: trivially copyable when T is, no heap. What does not fit is refused, and push_back says so.
template <class T, std::size_t N>
class BoundedVector {
 public:
  using value_type = T;
  static constexpr std::size_t kCapacity = N;

  constexpr BoundedVector() = default;
  /// The first N of `values`.
  constexpr BoundedVector(std::initializer_list<T> values) noexcept {
    for (const T& value : values) {
      push_back(value);
    }
  }

  /// False, and nothing stored, when full.
  constexpr bool push_back(const T& value) noexcept {
    if (size_ == N) {
      return false;
    }
    values_[size_++] = value;
    return true;
  }
  constexpr void clear() noexcept { size_ = 0; }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr const T& operator[](std::size_t i) const noexcept { return values_[i]; }
  [[nodiscard]] constexpr T& operator[](std::size_t i) noexcept { return values_[i]; }
  [[nodiscard]] constexpr const T& back() const noexcept { return values_[size_ - 1]; }
  [[nodiscard]] constexpr const T* begin() const noexcept { return values_.data(); }
  [[nodiscard]] constexpr const T* end() const noexcept { return values_.data() + size_; }
  [[nodiscard]] constexpr T* begin() noexcept { return values_.data(); }
  [[nodiscard]] constexpr T* end() noexcept { return values_.data() + size_; }

  friend constexpr bool operator==(const BoundedVector& a, const BoundedVector& b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<T, N> values_{};
  std::uint32_t size_{0};
};

}  // namespace takt::core
