#pragma once

#include <thread>

#include "takt/core/time.hpp"

namespace takt::bench {

/// The load of the origin's claim: this much CPU time at a time, 50 times a second.
inline constexpr core::Nanoseconds kLoadCall = 5'000'000;
inline constexpr core::Nanoseconds kLoadPeriod = 20'000'000;

/// Computes until the calling thread has spent that much CPU time more. Calls no system function but the clock's.
void burn_cpu(core::Nanoseconds cpu_time_ns) noexcept;

/// That load on a thread of its own, on the working CPU and without priority, while it lives.
class CpuLoad {
 public:
  CpuLoad();

 private:
  std::jthread thread_;
};

}  // namespace takt::bench
