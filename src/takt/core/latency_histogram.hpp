#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "takt/core/time.hpp"

namespace takt::core {

/// What a histogram says, in microseconds. Percentiles are upper bucket bounds (≤ 1.6 % high); max is exact.
struct LatencySummary {
  std::uint64_t count{0};
  double p50_us{0};
  double p99_us{0};
  double p999_us{0};
  double max_us{0};
};

/// Latencies in log-linear buckets: 64 per octave of nanoseconds (error ≤ 1.6 %), 0 … 2^40 ns (18 minutes); longer ones
/// land in the last bucket, but `max` stays exact. Negative values count as 0. About 18 KiB, no heap.
///
/// One thread records (real-time safe, ~3 ns); any thread may read meanwhile and sees some recent state.
class LatencyHistogram {
 public:
  void record(Nanoseconds latency_ns) noexcept;

  /// The smallest bucket bound that a fraction `q` of the values does not exceed [ns]; the exact maximum for q = 1; 0
  /// when empty.
  [[nodiscard]] Nanoseconds percentile_ns(double q) const noexcept;
  [[nodiscard]] Nanoseconds max_ns() const noexcept { return max_ns_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] LatencySummary summary() const noexcept;

  /// Forgets everything. The recording thread only.
  void clear() noexcept;

 private:
  static constexpr int kSubBits = 6;
  static constexpr int kOctaves = 34;
  static constexpr std::size_t kBuckets = (kOctaves + 1) << kSubBits;
  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t upper_bound_of(std::size_t bucket) noexcept;

  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<Nanoseconds> max_ns_{0};
};

}  // namespace takt::core
