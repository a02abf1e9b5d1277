#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

/// Internal to async.
namespace takt::async::internal {

/// First in, first out, in memory that is allocated once.
template <class T>
class Ring {
 public:
  explicit Ring(std::size_t capacity) : slots_(capacity) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ == slots_.size(); }

  /// @pre !full()
  void push(T&& value) noexcept {
    slots_[wrapped(first_ + size_)].emplace(std::move(value));
    ++size_;
  }
  /// @pre !empty()
  [[nodiscard]] T pop() noexcept {
    std::optional<T>& slot = slots_[first_];
    first_ = wrapped(first_ + 1);
    --size_;
    T value = std::move(*slot);
    slot.reset();
    return value;
  }

 private:
  [[nodiscard]] std::size_t wrapped(std::size_t index) const noexcept {
    return index < slots_.size() ? index : index - slots_.size();
  }

  std::vector<std::optional<T>> slots_;
  std::size_t first_{0};
  std::size_t size_{0};
};

}  // namespace takt::async::internal
