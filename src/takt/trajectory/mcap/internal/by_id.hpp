#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace takt::trajectory::mcap::internal {

/// Values with a number `id` of 16 bits each, found and added in the same time however many there are.
template <class T>
class ById {
 public:
  using Id = decltype(T::id);

  /// In the order in which they came, and after sort() by rising number.
  [[nodiscard]] const std::vector<T>& values() const noexcept { return values_; }

  /// Valid until something is added or sorted.
  [[nodiscard]] const T* find(Id id) const noexcept {
    const auto at = static_cast<std::size_t>(id);
    return at < places_.size() && places_[at] != kNone ? &values_[places_[at]] : nullptr;
  }

  /// False, and nothing is added, when the number is taken by another value.
  [[nodiscard]] bool add(T value) {
    if (const T* there = find(value.id)) {
      return *there == value;
    }
    set_place(value.id, values_.size());
    values_.push_back(std::move(value));
    return true;
  }

  void sort() {
    std::ranges::sort(values_, {}, &T::id);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      set_place(values_[i].id, i);
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  void set_place(Id id, std::size_t place) {
    const auto at = static_cast<std::size_t>(id);
    if (at >= places_.size()) {
      places_.resize(at + 1, kNone);
    }
    places_[at] = static_cast<std::uint32_t>(place);
  }

  std::vector<T> values_;
  std::vector<std::uint32_t> places_;  // of values_, by number
};

}  // namespace takt::trajectory::mcap::internal
