#pragma once

#include <atomic>
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

/// Messages with memory of their own (strings, sequences): a copy under a lock. Such a topic is not for real-time
/// threads.
template <class T>
  requires(!std::is_trivially_copyable_v<T>)
class Retained<T> {
 public:
  void store(const T& value) {
    const std::scoped_lock lock(mutex_);
    latest_ = value;
  }
  [[nodiscard]] std::optional<T> load() const {
    const std::scoped_lock lock(mutex_);
    return latest_;
  }
  [[nodiscard]] bool try_load(T& value) const {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || !latest_) {
      return false;
    }
    value = *latest_;
    return true;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<T> latest_;
};

}  // namespace takt::bus::internal
