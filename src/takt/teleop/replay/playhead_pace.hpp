#pragma once

#include <algorithm>
#include <cmath>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

/// Private to the playhead's sources.
namespace takt::teleop::replay {

inline constexpr core::Nanoseconds kMs = 1'000'000;
inline constexpr core::Nanoseconds kHold_ns = 50 * kMs;  ///< an arm at rest is told so; well before it counts as stale
inline constexpr core::Nanoseconds kPullHold_ns = 90 * kMs;  ///< later, as the next pull may come at any time
inline constexpr core::Nanoseconds kSlack_ns = 10 * kMs;     ///< by which the play thread may be late unseen
inline constexpr double kStill_rad_s = 1e-3;                 ///< a change of velocity that is none

inline bool is_still(const core::JointVector& rates) noexcept {
  return std::all_of(rates.begin(), rates.end(), [](double rate) { return std::abs(rate) <= kStill_rad_s; });
}

}  // namespace takt::teleop::replay
