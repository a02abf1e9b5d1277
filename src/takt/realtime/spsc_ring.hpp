#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

#include "takt/core/error.hpp"

namespace takt::realtime {

/// A bounded queue between one producing and one consuming thread, for things that must all arrive (events, records).
/// What does not fit is dropped and counted; nobody ever waits. For setpoints use Latest: the newest wins there.
template <class T>
class SpscRing {
  static_assert(std::is_nothrow_copy_assignable_v<T> && std::is_nothrow_default_constructible_v<T>);

 public:
  /// Allocates once, here. @param capacity how many values fit, rounded up to a power of two.
  /// @throws LogicError when it is 0 or above 2^32.
  explicit SpscRing(std::size_t capacity) : mask_(checked(capacity) - 1), slots_(std::make_unique<T[]>(mask_ + 1)) {}
  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;

  /// False, and one more `dropped`, when full. The producing thread only. Real-time safe, wait-free.
  bool try_push(const T& value) noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_seen_ > mask_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);  // the slot is free once the consumer has copied it out
      if (head - tail_seen_ > mask_) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return false;
      }
    }
    slots_[head & mask_] = value;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// The oldest value; false when there is none. The consuming thread only. Real-time safe, wait-free.
  [[nodiscard]] bool try_pop(T& value) noexcept {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_seen_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail == head_seen_) {
        return false;
      }
    }
    value = slots_[tail & mask_];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Values refused because the ring was full. Any thread.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

  /// Values inside, roughly, seen from any thread; exact when neither side moves.
  [[nodiscard]] std::size_t size() const noexcept {
    const std::size_t tail = tail_.load(std::memory_order_acquire);
    const std::size_t head = head_.load(std::memory_order_acquire);
    return head - tail;
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

 private:
  static std::size_t checked(std::size_t capacity) {
    if (capacity == 0 || capacity > (std::size_t{1} << 32)) {
      throw LogicError("SpscRing: capacity must be 1 … 2^32, is " + std::to_string(capacity));
    }
    return std::bit_ceil(capacity);
  }

  // Indices count up for ever; each side keeps the other's last seen index beside its own, and both sides apart, so
  // that a cache line changes hands only when the ring looks full or empty.
  std::size_t mask_;
  std::unique_ptr<T[]> slots_;
  alignas(64) std::atomic<std::size_t> head_{0};  // written by the producer
  std::size_t tail_seen_{0};
  std::atomic<std::uint64_t> dropped_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};  // written by the consumer
  std::size_t head_seen_{0};
};

}  // namespace takt::realtime
