#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "takt/control/motion/outcome.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// Why a cycle gave up. Latched until it is recovered.
enum class Fault : std::uint8_t {
  kNone,
  kRequested,       ///< somebody asked for a safe stop
  kStale,           ///< no fresh command for too long
  kArmError,        ///< the arm reports an error, or refused a command
  kDisconnected,    ///< the arm is gone
  kTimeouts,        ///< several periods in a row without a state
  kLostStates,      ///< too many states missing at once
  kStateSize,       ///< a state with the wrong number of joints
  kStateNotFinite,  ///< NaN or infinity in a state
  kStateOrder,      ///< a state that is not newer than the one before
  kPositionLimit,   ///< a joint is measured outside its range
  kVelocityLimit,   ///< a joint is measured faster than it may be
  kTrackingError,   ///< a joint does not follow its setpoint
  kLawOutput,       ///< the law gave a torque that is not finite, or of the wrong size
  kBrakes,          ///< brakes did not open or close in time, or closed by themselves
};

/// True for faults after which the arm cannot be led to rest any more: brakes at once. After the others it is ramped
/// down.
[[nodiscard]] constexpr bool stops_at_once(Fault fault) noexcept {
  switch (fault) {
    case Fault::kNone:
    case Fault::kRequested:
    case Fault::kStale:
    case Fault::kLostStates:
    case Fault::kPositionLimit:
    case Fault::kVelocityLimit:
    case Fault::kTrackingError:
      return false;
    default:
      return true;
  }
}

/// A fault with its evidence in numbers. A value, trivially copyable.
struct FaultReport {
  Fault fault{Fault::kNone};
  std::uint32_t joint{0};         ///< 1-based; 0 when it is not about one joint
  double value{0.0};              ///< what was seen; unit by fault (rad, rad/s, states, …)
  double limit{0.0};              ///< what was allowed
  core::Nanoseconds stamp_ns{0};  ///< of the state with which it was found
};

[[nodiscard]] std::string_view to_text(Fault fault) noexcept;
[[nodiscard]] std::string_view to_text(Outcome outcome) noexcept;

/// One line for people: "joint 3: the arm does not follow its setpoint (0.31, allowed 0.2)".
[[nodiscard]] std::string describe(const FaultReport& report);

}  // namespace takt::control
