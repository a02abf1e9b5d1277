#include "takt/core/parker.hpp"

#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace takt::core {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));  // a futex is the bare word

void Parker::wake() noexcept {
  // release: the sleeper sees what was written before. The word may be gone when the system call comes: the kernel only
  // uses its address, at worst to wake somebody for nothing, which every futex user must bear.
  if (state_.exchange(kWoken, std::memory_order_release) == kAsleep) {
    syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
}

bool Parker::sleep_to(Nanoseconds deadline_ns) noexcept {
  std::uint32_t before = kEmpty;
  state_.compare_exchange_strong(before, kAsleep, std::memory_order_relaxed);
  const timespec deadline{.tv_sec = deadline_ns / kNanosecondsPerSecond,
                          .tv_nsec = deadline_ns % kNanosecondsPerSecond};
  const timespec* end = deadline_ns == kForever ? nullptr : &deadline;
  while (state_.load(std::memory_order_relaxed) == kAsleep) {
    syscall(SYS_futex, &state_, FUTEX_WAIT_BITSET_PRIVATE, kAsleep, end, nullptr, FUTEX_BITSET_MATCH_ANY);
    if (end != nullptr && monotonic_now_ns() >= deadline_ns) {
      break;
    }
  }
  return state_.exchange(kEmpty, std::memory_order_acquire) == kWoken;
}

}  // namespace takt::core
