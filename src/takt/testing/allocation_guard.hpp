#pragma once

#include <cstdint>

namespace takt::testing {

/// Counts heap allocations (malloc family and operator new) of the calling thread while it lives. For tests and benches
/// of real-time code: link takt_testing and assert that count() is 0.
///
/// Works by interposing malloc; under AddressSanitizer and ThreadSanitizer by the sanitizer's own malloc hook.
class AllocationGuard {
 public:
  AllocationGuard() noexcept;
  AllocationGuard(const AllocationGuard&) = delete;
  AllocationGuard& operator=(const AllocationGuard&) = delete;

  /// Allocations of this thread since construction.
  [[nodiscard]] std::uint64_t count() const noexcept;
  /// What they asked for, together; what was freed meanwhile included.
  [[nodiscard]] std::uint64_t bytes() const noexcept;

 private:
  std::uint64_t start_;
  std::uint64_t start_bytes_;
};

}  // namespace takt::testing
