#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>

#include "takt/realtime/latest.hpp"

/// Internal to the bus: the latest value of a topic, for those who come late or only look.
namespace takt::bus::internal {

/// Trivially copyable messages: a seqlock, no lock. When two threads publish at the same instant, the one that finds
/// the other storing leaves its own value out: as if it had published just before.
template <class T>
class Retained {
 public:
  void store(const T& value) noexcept {
    if (!storing_.test_and_set(std::memory_order_acquire)) {
      latest_.store(value);
      storing_.clear(std::memory_order_release);
    }
  }
  [[nodiscard]] std::optional<T> load() const noexcept { return latest_.load(); }
  [[nodiscard]] bool try_load(T& value) const noexcept { return latest_.try_load(value); }

 private:
  std::atomic_flag storing_;
  realtime::Latest<T> latest_;
};

/// Messages with memory of their own (strings, sequences): a copy under a lock, or a message that others keep as well.
/// Such a topic is not for real-time threads.
template <class T>
  requires(!std::is_trivially_copyable_v<T>)
class Retained<T> {
 public:
  void store(const T& value) {
    std::shared_ptr<const T> replaced;  // destroyed after the lock
    const std::scoped_lock lock(mutex_);
    replaced.swap(shared_);
    copy_ = value;
  }
  void store(std::shared_ptr<const T> value) {
    std::optional<T> replaced;
    const std::scoped_lock lock(mutex_);
    replaced.swap(copy_);
    shared_.swap(value);
  }
  [[nodiscard]] std::optional<T> load() const {
    const std::scoped_lock lock(mutex_);
    return shared_ != nullptr ? *shared_ : copy_;
  }
  [[nodiscard]] bool try_load(T& value) const {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || (shared_ == nullptr && !copy_)) {
      return false;
    }
    value = shared_ != nullptr ? *shared_ : *copy_;
    return true;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<T> copy_;  // one of the two
  std::shared_ptr<const T> shared_;
};

}  // namespace takt::bus::internal
