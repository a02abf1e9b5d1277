#pragma once

#include <cstddef>

#include "takt/core/time.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::bench {

inline constexpr std::size_t kTasksPerBatch = 100;

/// Of one operation.
struct TaskCost {
  double ns{0};
  double allocations{0};
};

/// Reads clock and allocation counter of this thread at construction and at `per`. Lives inside the coroutine that is
/// measured, so that starting and ending the loop do not count.
class TaskMeter {
 public:
  /// @return the cost since construction, divided by `operations`.
  [[nodiscard]] TaskCost per(std::size_t operations) const {
    const auto spent_ns = static_cast<double>(core::monotonic_now_ns() - start_ns_);
    const auto count = static_cast<double>(operations);
    return {.ns = spent_ns / count, .allocations = static_cast<double>(allocations_.count()) / count};
  }

 private:
  testing::AllocationGuard allocations_;
  core::Nanoseconds start_ns_{core::monotonic_now_ns()};
};

}  // namespace takt::bench
