#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "measure.hpp"
#include "result.hpp"

/// Slices of measurements as figures of a result.
namespace takt::bench {

/// A figure of one side alone: the median of its slices, and the best.
[[nodiscard]] inline Figure alone(std::string name, const SliceSample& slices, std::string unit) {
  return {.name = std::move(name), .value = slices.median(), .unit = std::move(unit), .best = slices.best()};
}

/// takt beside its baseline, in the same unit; less is better. Where a slice of takt's is not above 0, as a difference
/// may be that is lost in its noise, there is no ratio.
[[nodiscard]] inline Figure compared(std::string name, const SliceSample& takt, const SliceSample& baseline,
                                     std::string unit, std::string goal) {
  Figure figure = alone(std::move(name), takt, std::move(unit));
  figure.baseline = baseline.median();
  if (std::ranges::all_of(takt.values, [](double value) { return value > 0.0; })) {
    figure.ratio = median_ratio(takt, baseline);
    const Quartiles quartiles = ratio_quartiles(takt, baseline);
    figure.ratio_quartiles = {quartiles.low, quartiles.high};
  }
  if (!goal.empty()) {
    figure.goal = std::move(goal);
  }
  return figure;
}

/// p50 and p99 of one side alone.
inline void add_alone(Result& result, const std::string& name, const std::vector<Latency>& slices) {
  result.figures.push_back(alone(name + ", p50", column(slices, &Latency::p50_us), "µs"));
  result.figures.push_back(alone(name + ", p99", column(slices, &Latency::p99_us), "µs"));
}

/// "" for none.
struct LatencyGoals {
  std::string p50{};
  std::string p99{};
};

/// p50 and p99 of takt beside its baseline, whose name is added.
inline void add_compared(Result& result, const std::string& name, const std::string& baseline_name,
                         const std::vector<Latency>& takt, const std::vector<Latency>& baseline,
                         const LatencyGoals& goals) {
  result.figures.push_back(compared(name + ", p50; baseline: " + baseline_name, column(takt, &Latency::p50_us),
                                    column(baseline, &Latency::p50_us), "µs", goals.p50));
  result.figures.push_back(compared(name + ", p99; baseline: " + baseline_name, column(takt, &Latency::p99_us),
                                    column(baseline, &Latency::p99_us), "µs", goals.p99));
}

}  // namespace takt::bench
