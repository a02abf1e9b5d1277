#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <type_traits>

namespace takt::realtime {

/// The newest value of something: one thread stores at a time, any number of threads load, nobody ever sees half of a
/// value. The one-slot mailbox between a cycle and everything else; a store wakes nobody.
///
/// `store` never waits for a reader. A reader that meets a store in progress tries again, `try_load` a bounded number
/// of times. Copies go word by word through atomics (1 KiB: about 50 ns either way), so the whole is free of data
/// races.
template <class T>
class Latest {
  static_assert(std::is_trivially_copyable_v<T>, "Latest copies bytes; keep T trivially copyable");
  static_assert(std::is_default_constructible_v<T>);

 public:
  /// How often try_load looks again by default. A store takes well under a microsecond; only a writer that lost its CPU
  /// in the middle of one can use this up.
  static constexpr int kDefaultAttempts = 64;

  Latest() = default;
  Latest(const Latest&) = delete;
  Latest& operator=(const Latest&) = delete;

  /// Publishes a value. One thread at a time. Real-time safe, wait-free.
  void store(const T& value) noexcept {
    const std::uint64_t before = sequence_.load(std::memory_order_relaxed);
    sequence_.store(before + 1, std::memory_order_relaxed);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&value);
    // Release on each word keeps the odd sequence before it: a reader that sees any new word also sees that it must
    // retry.
    for (std::size_t i = 0; i < kWholeWords; ++i) {
      std::uint64_t word;
      std::memcpy(&word, bytes + i * kWordBytes, kWordBytes);
      words_[i].store(word, std::memory_order_release);
    }
    if constexpr (kRestBytes > 0) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes + kWholeWords * kWordBytes, kRestBytes);
      words_[kWholeWords].store(word, std::memory_order_release);
    }
    sequence_.store(before + 2, std::memory_order_release);
  }

  /// Copies the newest value into `value`. False, and `value` untouched, when nothing was stored yet or when a store
  /// was in progress at every attempt. Real-time safe, bounded.
  [[nodiscard]] bool try_load(T& value, int attempts = kDefaultAttempts) const noexcept {
    Words words;  // left uninitialised: read only once it is consistent
    for (int i = 0; i < attempts; ++i) {
      switch (read(words)) {
        case Read::kDone:
          std::memcpy(static_cast<void*>(&value), words.data(), sizeof(T));
          return true;
        case Read::kNothing:
          return false;
        case Read::kBusy:
          break;
      }
    }
    return false;
  }

  /// The newest value; nullopt when nothing was ever stored. Waits while a store is in progress, so a real-time thread,
  /// which may have taken the writer's CPU, uses try_load.
  [[nodiscard]] std::optional<T> load() const noexcept {
    T value;
    while (!try_load(value)) {
      if (sequence_.load(std::memory_order_acquire) == 0) {
        return std::nullopt;
      }
      std::this_thread::yield();
    }
    return value;
  }

  /// How many values have been stored; 0 means none. Tells a reader at the price of one load whether there is news.
  [[nodiscard]] std::uint64_t version() const noexcept { return sequence_.load(std::memory_order_acquire) / 2; }

 private:
  static constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
  static constexpr std::size_t kWholeWords = sizeof(T) / kWordBytes;
  static constexpr std::size_t kRestBytes = sizeof(T) % kWordBytes;
  static constexpr std::size_t kWords = kWholeWords + (kRestBytes > 0 ? 1 : 0);
  using Words = std::array<std::uint64_t, kWords>;
  enum class Read { kDone, kNothing, kBusy };

  Read read(Words& words) const noexcept {
    const std::uint64_t before = sequence_.load(std::memory_order_acquire);
    if (before == 0) {
      return Read::kNothing;
    }
    if (before % 2 != 0) {
      return Read::kBusy;
    }
    // Acquire on each word keeps the second look at the sequence after it.
    for (std::size_t i = 0; i < kWords; ++i) {
      words[i] = words_[i].load(std::memory_order_acquire);
    }
    return sequence_.load(std::memory_order_relaxed) == before ? Read::kDone : Read::kBusy;
  }

  alignas(64) std::atomic<std::uint64_t> sequence_{0};  // odd while a store is in progress
  std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace takt::realtime
