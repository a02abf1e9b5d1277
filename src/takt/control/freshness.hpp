#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// What to do about the age of the last command.
enum class Freshness : std::uint8_t {
  kFresh,  ///< follow it
  kHold,   ///< keep the last target, powered: a point is still gone to
  kHalt,   ///< come to rest
  kStop,   ///< ramp to rest, brakes on, Fault::kStale
};

/// How long a command keeps its force. A value, judged by the follower's owner, never by the leader's thread, which may
/// be dead. Infinity switches a stage off.
struct FreshnessPolicy {
  double hold_after_s{0.05};  ///< five periods of a 100 Hz leader
  double halt_after_s{0.25};
  double stop_after_s{std::numeric_limits<double>::infinity()};  ///< a controller sets this, teleoperation does not

  /// Boundaries belong to the fresher side; a stamp from the future is fresh. Real-time safe.
  [[nodiscard]] Freshness judge(core::Nanoseconds age_ns) const noexcept {
    const double age_s = core::to_seconds(age_ns);
    if (age_s > halt_after_s) {
      return age_s > stop_after_s ? Freshness::kStop : Freshness::kHalt;
    }
    return age_s > hold_after_s ? Freshness::kHold : Freshness::kFresh;
  }

  friend bool operator==(const FreshnessPolicy&, const FreshnessPolicy&) = default;
};

/// @throws LogicError unless 0 < hold_after_s ≤ halt_after_s ≤ stop_after_s.
inline void require_valid(const FreshnessPolicy& policy) {
  if (!(policy.hold_after_s > 0.0) || !(policy.halt_after_s >= policy.hold_after_s) ||
      !(policy.stop_after_s >= policy.halt_after_s)) {
    throw LogicError("FreshnessPolicy: 0 < hold_after_s <= halt_after_s <= stop_after_s is needed, not " +
                     std::to_string(policy.hold_after_s) + ", " + std::to_string(policy.halt_after_s) + " and " +
                     std::to_string(policy.stop_after_s));
  }
}

}  // namespace takt::control
