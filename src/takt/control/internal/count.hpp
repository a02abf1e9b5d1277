#pragma once

#include <atomic>
#include <cstdint>

namespace takt::control {

/// Counts up a counter that one thread writes and others read. Real-time safe.
inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace takt::control
