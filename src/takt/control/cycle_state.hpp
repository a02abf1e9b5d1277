#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "takt/control/arm.hpp"
#include "takt/control/fault.hpp"
#include "takt/control/freshness.hpp"
#include "takt/control/motion/setpoint.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/latency_histogram.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"

namespace takt::control {

/// What a commander wants: to be at rest at q. Latest wins.
struct JointTarget {
  core::JointVector q_rad;
  core::Nanoseconds stamp_ns{
      0};  ///< CLOCK_MONOTONIC of the measurement or decision behind it; its age counts from here
  core::Nanoseconds valid_until_ns{
      0};  ///< 0: the cycle's FreshnessPolicy; else fresh until then, kValidForever: always
};
inline constexpr core::Nanoseconds kValidForever = std::numeric_limits<core::Nanoseconds>::max();

/// What a cycle does at present.
enum class CycleMode : std::uint8_t {
  kStopped,       ///< not started, or brakes not open yet, or ended
  kRunning,       ///< follows fresh targets
  kHolding,       ///< keeps the last target, powered
  kHalting,       ///< on the fastest jerk-limited way to rest
  kSafeStopping,  ///< the same because of a fault, with a deadline
  kFaulted,       ///< brakes on, or closing
};
[[nodiscard]] std::string_view to_text(CycleMode mode) noexcept;

/// One cycle as seen from outside, and as kept for evidence. A value, trivially copyable, about 1.2 KiB.
struct CycleState {
  std::uint64_t cycle{0};  ///< counts from 1 at every start
  CycleMode mode{CycleMode::kStopped};
  Fault fault{Fault::kNone};
  Freshness freshness{Freshness::kHalt};  ///< of the target; kHalt when there is none

  bool at_rest{true};               ///< the setpoint has arrived
  core::Nanoseconds woke_ns{0};     ///< when wait() returned
  core::Nanoseconds written_ns{0};  ///< when write() returned
  ArmState measured;
  Setpoint setpoint;
  core::JointVector target_rad;
  core::JointVector tau_nm;  ///< as commanded, after all limits
};
static_assert(std::is_trivially_copyable_v<CycleState>);

/// What a cycle has counted since it was made.
struct CycleStats {
  std::uint64_t cycles{0};
  std::uint64_t missed_states{0};
  std::uint64_t timeouts{0};
  std::uint64_t stale_targets{0};         ///< arrived when they were no longer fresh
  std::uint64_t clipped_torques{0};       ///< cycles in which some joint met its torque limit
  std::uint64_t rate_limited_torques{0};  ///< cycles in which some joint met its torque rate limit
  core::LatencySummary wake_lateness;     ///< wait() returning, after the arm's stamp
  core::LatencySummary read_to_write;     ///< wait() returning → write() returning
  realtime::ThreadReport thread;
};

}  // namespace takt::control
