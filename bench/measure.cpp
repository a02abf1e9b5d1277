#include "measure.hpp"

#include <algorithm>
#include <cmath>

namespace takt::bench {

double quantile(std::vector<double> sample, double q) {
  if (sample.empty()) {
    return 0.0;
  }
  const double rank = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(sample.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  std::ranges::nth_element(sample, sample.begin() + static_cast<std::ptrdiff_t>(index));
  return sample[index];
}

namespace {

std::vector<double> ratios_of(const SliceSample& takt, const SliceSample& baseline) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(takt.values.size(), baseline.values.size()); ++i) {
    ratios.push_back(baseline.values[i] / takt.values[i]);
  }
  return ratios;
}

}  // namespace

double median_ratio(const SliceSample& takt, const SliceSample& baseline) {
  return quantile(ratios_of(takt, baseline), 0.5);
}

Quartiles ratio_quartiles(const SliceSample& takt, const SliceSample& baseline) {
  const std::vector<double> ratios = ratios_of(takt, baseline);
  return {.low = quantile(ratios, 0.25), .high = quantile(ratios, 0.75)};
}

Latency latency_of(const std::vector<double>& sample_us) {
  return {.p50_us = quantile(sample_us, 0.5),
          .p99_us = quantile(sample_us, 0.99),
          .p999_us = quantile(sample_us, 0.999),
          .max_us = quantile(sample_us, 1.0)};
}

double clock_read_ns() {
  constexpr int kBatches = 200;
  std::vector<double> batches;
  batches.reserve(kBatches);
  for (int i = 0; i < kBatches; ++i) {
    batches.push_back(batch_ns(1000, [] { static_cast<void>(core::monotonic_now_ns()); }));
  }
  return quantile(batches, 0.5);
}

}  // namespace takt::bench
