#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

/// Internal to node.
namespace takt::node::internal {

/// What stands for "all" where a depth of 0 asks for it: a bound all the same.
inline constexpr std::uint32_t kKeepAllBound = 100'000;

/// The last `depth` values that came and were not taken; older ones are overwritten and counted. Thread safe: a value
/// is copied in and moved out under a lock, nothing else is done under it.
template <class T>
class History {
 public:
  explicit History(std::uint32_t depth) noexcept : depth_(depth == 0 ? kKeepAllBound : depth) {}

  /// True when it was empty: somebody should be told.
  bool push(T value) {
    std::optional<T> overwritten;  // destroyed after the lock
    const std::scoped_lock lock(mutex_);
    const bool first = values_.empty();
    if (values_.size() == depth_) {
      overwritten.emplace(std::move(values_.front()));
      values_.pop_front();
      ++overwritten_;
    }
    values_.push_back(std::move(value));
    return first;
  }

  [[nodiscard]] std::optional<T> pop() {
    const std::scoped_lock lock(mutex_);
    if (values_.empty()) {
      return std::nullopt;
    }
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    return value;
  }

  [[nodiscard]] bool empty() const {
    const std::scoped_lock lock(mutex_);
    return values_.empty();
  }
  [[nodiscard]] std::uint64_t overwritten() const {
    const std::scoped_lock lock(mutex_);
    return overwritten_;
  }

 private:
  const std::uint32_t depth_;
  mutable std::mutex mutex_;
  std::deque<T> values_;
  std::uint64_t overwritten_{0};
};

}  // namespace takt::node::internal
