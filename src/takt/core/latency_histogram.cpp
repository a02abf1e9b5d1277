#include "takt/core/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace takt::core {

// Values below 2^6 have a bucket each. Above, the octave (position of the leading bit) and the next six bits name the
// bucket.

std::size_t LatencyHistogram::bucket_of(std::uint64_t value) noexcept {
  const int leading = 63 - std::countl_zero(value | 1);
  const int shift = std::max(0, leading - kSubBits);
  const std::size_t base = static_cast<std::size_t>(shift) << kSubBits;
  return std::min(base + (value >> shift), kBuckets - 1);
}

std::uint64_t LatencyHistogram::upper_bound_of(std::size_t bucket) noexcept {
  if (bucket < (2U << kSubBits)) {
    return bucket;
  }
  const std::size_t shift = (bucket >> kSubBits) - 1;
  const std::uint64_t mantissa = bucket - (shift << kSubBits);
  return ((mantissa + 1) << shift) - 1;
}

// One writer: load and store suffice, no locked instruction.
void LatencyHistogram::record(Nanoseconds latency_ns) noexcept {
  const auto value = static_cast<std::uint64_t>(std::max<Nanoseconds>(latency_ns, 0));
  auto& bucket = buckets_[bucket_of(value)];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (latency_ns > max_ns_.load(std::memory_order_relaxed)) {
    max_ns_.store(latency_ns, std::memory_order_relaxed);
  }
}

Nanoseconds LatencyHistogram::percentile_ns(double q) const noexcept {
  const std::uint64_t total = count();
  if (total == 0) {
    return 0;
  }
  const auto rank = static_cast<std::uint64_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= std::max<std::uint64_t>(rank, 1)) {
      return std::min(static_cast<Nanoseconds>(upper_bound_of(i)), max_ns());
    }
  }
  return max_ns();
}

LatencySummary LatencyHistogram::summary() const noexcept {
  const auto us = [](Nanoseconds ns) { return static_cast<double>(ns) * 1e-3; };
  return {.count = count(),
          .p50_us = us(percentile_ns(0.5)),
          .p99_us = us(percentile_ns(0.99)),
          .p999_us = us(percentile_ns(0.999)),
          .max_us = us(max_ns())};
}

void LatencyHistogram::clear() noexcept {
  for (auto& bucket : buckets_) {
    bucket.store(0, std::memory_order_relaxed);
  }
  count_.store(0, std::memory_order_relaxed);
  max_ns_.store(0, std::memory_order_relaxed);
}

}  // namespace takt::core
