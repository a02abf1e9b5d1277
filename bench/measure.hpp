#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "takt/core/time.hpp"

/// What the benchmarks of this folder share. Every comparison alternates between takt and its baseline in short slices
/// of one run, so that a busy host slows both alike; what is reported is the median over the slices, with the best
/// slice beside it.
namespace takt::bench {

/// How many times each side of a comparison gets its turn.
inline constexpr int kSlices = 15;

/// The value that a fraction `q` of the sample does not exceed; 0 for an empty sample.
[[nodiscard]] double quantile(std::vector<double> sample, double q);

/// One number per slice and side.
struct SliceSample {
  std::vector<double> values;

  void add(double value) { values.push_back(value); }
  [[nodiscard]] double median() const { return quantile(values, 0.5); }
  [[nodiscard]] double best() const { return quantile(values, 0.0); }
};

/// The median of baseline / takt, slice by slice: neighbours in time, so that a slow phase of the host cancels.
[[nodiscard]] double median_ratio(const SliceSample& takt, const SliceSample& baseline);

/// The quartiles of the same: half of the slices lie between them.
struct Quartiles {
  double low{0};
  double high{0};
};
[[nodiscard]] Quartiles ratio_quartiles(const SliceSample& takt, const SliceSample& baseline);

/// What a slice of latencies comes to.
struct Latency {
  double p50_us{0};
  double p99_us{0};
  double p999_us{0};  ///< 0 where it was not asked, as max
  double max_us{0};
};
[[nodiscard]] Latency latency_of(const std::vector<double>& sample_us);

/// Gives each side its turn, `slices` times over. A side is called without arguments and returns what one slice of it
/// came to, the same type for all sides. @return per side, in the order of the arguments, its slices.
template <class... Sides>
[[nodiscard]] auto alternate(int slices, Sides&&... sides) {
  using Slice = std::common_type_t<std::invoke_result_t<Sides&>...>;
  std::array<std::vector<Slice>, sizeof...(Sides)> results;
  for (int slice = 0; slice < slices; ++slice) {
    std::size_t side = 0;
    (results[side++].push_back(sides()), ...);
  }
  return results;
}

/// One member of every slice.
template <class Slice>
[[nodiscard]] SliceSample column(const std::vector<Slice>& slices, double Slice::* member) {
  SliceSample sample;
  for (const Slice& slice : slices) {
    sample.add(slice.*member);
  }
  return sample;
}

/// What one core::monotonic_now_ns() costs [ns]: the median of 200 batches of 1000 calls.
[[nodiscard]] double clock_read_ns();

/// Calls `work` `count` times between two clock reads. @return ns per call; the clock's share is 1/count of one read.
template <class Work>
[[nodiscard]] double batch_ns(std::size_t count, Work&& work) {
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  for (std::size_t i = 0; i < count; ++i) {
    work();
  }
  return static_cast<double>(core::monotonic_now_ns() - start_ns) / static_cast<double>(count);
}

}  // namespace takt::bench
