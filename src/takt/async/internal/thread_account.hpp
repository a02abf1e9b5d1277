#pragma once

#include <cstdint>

#include "takt/core/time.hpp"

/// Internal to async.
namespace takt::async::internal {

/// What the kernel has counted for a thread up to a moment.
struct ThreadAccount {
  core::Nanoseconds at_ns{0};          ///< of the monotonic clock
  core::Nanoseconds cpu_ns{0};         ///< time on a CPU, without what a host has stolen where the kernel is told of it
  core::Nanoseconds queued_ns{0};      ///< time it could have run and got no CPU; known up to its last sleep or start
  std::int64_t voluntary_switches{0};  ///< how often it went to sleep by itself: sleep, disk, network, lock
  bool asleep{false};                  ///< at that moment
};

/// Of another thread of this process: three system calls and two files of /proc, some 30 µs. Where these cannot be
/// read the thread counts as asleep.
[[nodiscard]] ThreadAccount account_of(std::uint32_t thread_id) noexcept;

/// Of the calling thread, without queued_ns: two system calls, half a microsecond.
[[nodiscard]] ThreadAccount own_account() noexcept;

/// How long between two moments the thread was kept from running by others, not by what it did itself.
[[nodiscard]] core::Nanoseconds kept_waiting_ns(const ThreadAccount& before, const ThreadAccount& after) noexcept;

}  // namespace takt::async::internal
