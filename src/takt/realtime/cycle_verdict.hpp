#pragma once

#include <string>
#include <string_view>

#include "takt/core/latency_histogram.hpp"

namespace takt::realtime {

/// Whether a host keeps a promise of one command per millisecond to an arm with the FR3's interface (FCI).
///
/// Its controller leaves a client about 300 µs of each millisecond, extrapolates over commands that come later, and
/// stops after 20 in a row. What a thread wakes late is taken from both.
enum class Fitness {
  kGood,     ///< p99.9 ≤ 150 µs, half of the client's time, and none later than its period
  kTight,    ///< p99.9 ≤ 300 µs, and no gap of 20 ms: commands are lost, the arm goes on
  kUnfit,    ///< anything worse
  kUnknown,  ///< nothing was measured
};

inline constexpr double kCyclePeriodUs = 1000.0;
inline constexpr double kClientBudgetUs = 300.0;
inline constexpr double kLongestGapUs = 20'000.0;
inline constexpr double kGoodLatenessUs = kClientBudgetUs / 2;  ///< of 999 wake-ups in 1000

/// "good", "tight", "unfit", "unknown".
[[nodiscard]] std::string_view name_of(Fitness fitness) noexcept;

/// @param lateness  of the wake-ups of a thread with a period of one millisecond.
[[nodiscard]] Fitness fitness_of(const core::LatencySummary& lateness) noexcept;

/// The same in a sentence for people: the figures, and what they mean to an arm.
[[nodiscard]] std::string verdict(const core::LatencySummary& lateness);

}  // namespace takt::realtime
