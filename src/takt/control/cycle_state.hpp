#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "takt/control/arm.hpp"
#include "takt/control/fault.hpp"
#include "takt/control/freshness.hpp"
#include "takt/control/laws/law.hpp"
#include "takt/control/motion/setpoint.hpp"
#include "takt/control/target.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/deadline_ledger.hpp"
#include "takt/realtime/thread.hpp"

namespace takt::control {

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

/// Why the setpoint was brought to rest.
enum class HaltCause : std::uint8_t {
  kNone,           ///< it was not, or a command was taken up since
  kAsked,          ///< halt(), stop(), or a law that follows something else
  kStale,          ///< no fresh command
  kWorkspace,      ///< the tool would have left its workspace
  kSelfCollision,  ///< links would have come too close
  kJointEnd,       ///< an arm that was let go, or pushed, came near the end of a joint
  kTool,           ///< another tool at a pose that was meant for the one before
  kFault,
};
[[nodiscard]] std::string_view to_text(HaltCause cause) noexcept;

/// One cycle as seen from outside, and as kept for evidence. A value, trivially copyable, about 1.5 KiB.
struct CycleState {
  std::uint64_t cycle{0};  ///< counts from 1 at every start
  CycleMode mode{CycleMode::kStopped};
  Fault fault{Fault::kNone};
  Freshness freshness{Freshness::kHalt};      ///< of the command; kHalt when there is none
  CommandKind following{CommandKind::kNone};  ///< what the setpoint comes from; kNone: nobody's command
  Reference reference{Reference::kSetpoint};  ///< of the law in use
  HaltCause halt_cause{HaltCause::kNone};     ///< of the last halt
  bool at_rest{true};                         ///< the setpoint has arrived
  bool leashed{false};                        ///< the setpoint waits for an arm that is held back
  std::uint64_t command{0};                   ///< how many commands were taken up, this one included
  core::FixedString<24> law;                  ///< the law in use
  LeaseEpoch epoch{0};                        ///< of the commander whose command is followed
  core::Nanoseconds command_stamp_ns{0};      ///< that command's own stamp
  core::Nanoseconds woke_ns{0};               ///< when wait() returned
  core::Nanoseconds written_ns{0};            ///< when write() returned
  ArmState measured;
  Setpoint setpoint;
  core::JointVector target_rad;
  core::JointVector tau_wanted_nm;  ///< of the law and the payload's weight, before limits
  core::JointVector tau_nm;         ///< as commanded, after all limits
};
static_assert(std::is_trivially_copyable_v<CycleState>);

/// What a cycle has counted since it was made.
struct CycleStats {
  std::uint64_t cycles{0};
  std::uint64_t missed_states{0};
  std::uint64_t timeouts{0};
  std::uint64_t stale_targets{0};         ///< arrived when they were no longer fresh
  std::uint64_t refused_commands{0};      ///< not well formed, or not for the law in use
  std::uint64_t refused_epochs{0};        ///< of somebody who does not hold the lease
  std::uint64_t late_actions{0};          ///< of chunks, due before they came
  std::uint64_t late_chunks{0};           ///< all of it was
  std::uint64_t blended_chunks{0};        ///< took over from a chunk that had not ended
  std::uint64_t switches{0};              ///< of law or model, while running
  std::uint64_t guard_halts{0};           ///< workspace or self-collision
  std::uint64_t leashed_cycles{0};        ///< the setpoint waited for the arm
  std::uint64_t clipped_torques{0};       ///< cycles in which some joint met its torque limit
  std::uint64_t rate_limited_torques{0};  ///< cycles in which some joint met its torque rate limit
  realtime::DeadlineSummary ledger;       ///< lateness, gaps and whose fault they were
  bool host_watched{false};               ///< a sentinel sees the host's stalls; else kHost is never the cause
  realtime::ThreadReport thread;
};

}  // namespace takt::control
