#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include <boost/describe.hpp>

#include "takt/messages/enum_name.hpp"

namespace takt::teleop {

/// Everything that may stand between a leader and a follower. Each has a counter; the report names them all.
enum class Guard : std::uint8_t {
  kNotFinite,        ///< NaN or infinity from the leader or the map: refused
  kWrongJointCount,  ///< refused
  kMapLimit,         ///< the joint map's own limits: refused or clamped, as the map says
  kPosition,         ///< the follower's position limits: clamped or refused
  kVelocity,         ///< clamped or refused
  kAcceleration,     ///< clamped or refused
  kDuplicateStamp,   ///< the same leader state again: ignored
  kOutOfOrderStamp,  ///< an older leader state: refused
  kStaleLeaderHold,  ///< no command for hold_after: the follower's owner keeps the setpoint
  kStaleLeaderHalt,  ///< none for halt_after: it brings the follower to rest
  kStaleCommand,     ///< a command that was too old when it reached the follower: refused
  kStaleLease,       ///< a command of somebody who may not command any more: refused
  kFollowerLost,     ///< no state from the follower: safe stop
  kTrackingError,    ///< the follower is too far from its command for too long: safe stop
  kDeadman,          ///< leader states while the clutch was open: not followed
  kStartAlignment,   ///< commands of an approach, which bridged a jump
  kDeliveryDropped,  ///< dropped by a delivery queue that was full, or overtaken in it
  kWriteBusy,        ///< the follower, or its bus, was in use for too long: refused
  kWriteFailed,      ///< the follower's write threw: fault
};
BOOST_DESCRIBE_ENUM(Guard, kNotFinite, kWrongJointCount, kMapLimit, kPosition, kVelocity, kAcceleration,
                    kDuplicateStamp, kOutOfOrderStamp, kStaleLeaderHold, kStaleLeaderHalt, kStaleCommand, kStaleLease,
                    kFollowerLost, kTrackingError, kDeadman, kStartAlignment, kDeliveryDropped, kWriteBusy,
                    kWriteFailed)

inline constexpr std::size_t kGuards = static_cast<std::size_t>(Guard::kWriteFailed) + 1;

/// How often each guard was hit. Any thread counts and reads; real-time safe.
class GuardCounters {
 public:
  void count(Guard guard, std::uint64_t times = 1) noexcept {
    counts_[static_cast<std::size_t>(guard)].fetch_add(times, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t of(Guard guard) const noexcept {
    return counts_[static_cast<std::size_t>(guard)].load(std::memory_order_relaxed);
  }

  /// All of them together: what a live line shows as "guards hit".
  [[nodiscard]] std::uint64_t total() const noexcept;

  /// By written name, the ones that were never hit included. Not real-time safe.
  [[nodiscard]] std::map<std::string, std::uint64_t> by_name() const;

 private:
  std::array<std::atomic<std::uint64_t>, kGuards> counts_{};
};

}  // namespace takt::teleop
