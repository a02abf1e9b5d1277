#pragma once

#include <cstdint>

namespace takt::testing {

/// Counts how often the calling thread asks for a mutex (pthread_mutex_lock, _trylock, _timedlock, _clocklock, and so
/// std::mutex and its kin) while it lives. For tests of real-time code: assert that count() is 0.
///
/// Works by interposing those functions; under a sanitizer, which interposes them itself, it counts nothing.
class LockGuard {
 public:
  LockGuard() noexcept;
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

  /// Mutexes this thread asked for since construction.
  [[nodiscard]] std::uint64_t count() const noexcept;

  /// False under a sanitizer.
  [[nodiscard]] static bool counts() noexcept;

 private:
  std::uint64_t start_;
};

}  // namespace takt::testing
