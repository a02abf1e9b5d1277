#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "takt/core/error.hpp"
#include "takt/realtime/large_array.hpp"

namespace takt::realtime {

/// A bounded queue from any number of producing threads to one consuming thread, for things that must all arrive and
/// whose order matters across their producers (records). What does not fit is refused; nobody ever waits. With one
/// producer use SpscRing.
///
/// Values are filled and taken in place, so that large ones are copied once each way at most. A producer that is
/// preempted while it fills holds up the consumer, never another producer, until the ring is full; what others put
/// behind it waits for it, or for close().
template <class T>
class MpscRing {
  static_assert(std::is_nothrow_default_constructible_v<T>);

 public:
  /// Allocates and touches all memory once, here. @param capacity  how many values fit, rounded up to a power of two, 2
  /// at least.
  /// @throws LogicError when it is 0 or above 2^32.
  explicit MpscRing(std::size_t capacity) : mask_(checked(capacity) - 1), slots_(mask_ + 1) {
    for (std::size_t i = 0; i <= mask_; ++i) {
      slots_[i].turn.store(i, std::memory_order_relaxed);
    }
  }
  MpscRing(const MpscRing&) = delete;
  MpscRing& operator=(const MpscRing&) = delete;

  /// Calls `fill(T&)`, which must not throw, on a free slot; it finds there what was taken from it last. False, and
  /// `fill` not called, when no more than `spare` slots are free: room that is kept for others. Also when kAttempts
  /// other producers came first, one after the other, and when the ring is closed. False after `fill`: the ring was
  /// closed meanwhile, and nobody takes the value. Any thread. Real-time safe when `fill` is: lock-free, bounded.
  template <class Fill>
  bool try_push(Fill&& fill, std::size_t spare = 0) noexcept {
    std::size_t at = head_.load(std::memory_order_relaxed);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if ((at & kClosed) != 0 || ahead(at) < 0 || (spare != 0 && !has_room(at + spare))) {
        return false;  // `at` may be old, but then the slots after it are fuller still
      }
      if (head_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        Slot& slot = slots_[at & mask_];  // ahead() has acquired what the consumer did to it; nobody else has it now
        fetch(at + 1);
        fill(slot.value);
        std::size_t turn = at;  // or kGivenUp
        return slot.turn.compare_exchange_strong(turn, at + 1, std::memory_order_release, std::memory_order_relaxed);
      }
    }
    return false;
  }

  /// Calls `take(T&)`, which must not throw, on up to `most` values, oldest first; their slots are free after it.
  /// @return how many. The consuming thread only. Lock-free.
  template <class Take>
  std::size_t take(Take&& take, std::size_t most) noexcept {
    std::size_t tail = tail_.load(std::memory_order_relaxed);
    std::size_t taken = 0;
    for (; taken < most; ++taken, ++tail) {
      Slot& slot = slots_[tail & mask_];
      if (slot.turn.load(std::memory_order_acquire) != tail + 1) {
        break;
      }
      take(slot.value);
      slot.turn.store(tail + mask_ + 1, std::memory_order_release);
      tail_.store(tail + 1, std::memory_order_relaxed);
    }
    return taken;
  }

  /// The last take(): of all values that are whole. What is still being filled is given up, which its producer learns
  /// from try_push. Nothing goes in any more. @return how many were given up. The consuming thread only. Lock-free.
  template <class Take>
  std::size_t close(Take&& take) noexcept {
    const std::size_t head = head_.fetch_or(kClosed, std::memory_order_relaxed) & ~kClosed;
    std::size_t given_up = 0;
    for (std::size_t tail = tail_.load(std::memory_order_relaxed); tail != head; ++tail) {
      Slot& slot = slots_[tail & mask_];
      std::size_t turn = tail;  // or tail + 1, and then all of it is here
      if (slot.turn.compare_exchange_strong(turn, kGivenUp, std::memory_order_acquire, std::memory_order_acquire)) {
        ++given_up;
      } else {
        take(slot.value);
        slot.turn.store(tail + mask_ + 1, std::memory_order_release);
      }
      tail_.store(tail + 1, std::memory_order_relaxed);
    }
    return given_up;
  }

  /// Values inside, roughly, seen from any thread; exact when no side moves.
  [[nodiscard]] std::size_t size() const noexcept {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t head = head_.load(std::memory_order_relaxed) & ~kClosed;
    return head > tail ? head - tail : 0;
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

 private:
  static constexpr int kAttempts = 64;
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kMostFetched = 2048;
  static constexpr std::size_t kClosed = ~(~std::size_t{0} >> 1U);  // a bit of head_; no position is that great
  static constexpr std::size_t kGivenUp = kClosed;                  // a slot's turn: that of no position

  // Positions count up for ever. A slot's turn is p when it is free for position p, p + 1 when the value of p is in it;
  // taken, it is free for p + capacity. At the end a slot may be given up at p: the one who fills it finds that out.
  struct alignas(kLine) Slot {
    std::atomic<std::size_t> turn{0};
    T value{};
  };

  /// Below 0: the slot of position `at` still has the value of the lap before.
  [[nodiscard]] std::ptrdiff_t ahead(std::size_t at) const noexcept {
    return static_cast<std::ptrdiff_t>(slots_[at & mask_].turn.load(std::memory_order_acquire) - at);
  }

  /// Whether position `at` is less than a lap ahead of what was taken, as far as is known here.
  [[nodiscard]] bool has_room(std::size_t at) noexcept {
    const auto free = [&](std::size_t tail) {
      return static_cast<std::ptrdiff_t>(at - tail) <= static_cast<std::ptrdiff_t>(mask_);
    };
    if (free(tail_seen_.load(std::memory_order_relaxed))) {
      return true;
    }
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    tail_seen_.store(tail, std::memory_order_relaxed);
    return free(tail);
  }

  /// Nobody has touched the slot of position `at` for a lap, so that no cache near a producer holds it: it comes while
  /// the value before it is filled and the next one is made.
  void fetch(std::size_t at) const noexcept {
    const auto* slot = reinterpret_cast<const std::byte*>(&slots_[at & mask_]);
    for (std::size_t offset = 0; offset < std::min(sizeof(Slot), kMostFetched); offset += kLine) {
      __builtin_prefetch(slot + offset, 1);
    }
  }

  static std::size_t checked(std::size_t capacity) {
    if (capacity == 0 || capacity > (std::size_t{1} << 32U)) {
      throw LogicError("MpscRing: capacity must be 1 … 2^32, is " + std::to_string(capacity));
    }
    return std::bit_ceil(std::max<std::size_t>(capacity, 2));  // with one slot, filled would look like free again
  }

  std::size_t mask_;
  LargeArray<Slot> slots_;
  alignas(kLine) std::atomic<std::size_t> head_{0};  // claimed by producers
  std::atomic<std::size_t> tail_seen_{0};            // an old tail_, whose line the consumer does not take away
  alignas(kLine) std::atomic<std::size_t> tail_{0};  // the consumer's
};

}  // namespace takt::realtime
