#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string_view>

#include "takt/core/error.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// Names one term of office of a commander; travels with every command. 0 is nobody's. Never given twice by one Lease.
using LeaseEpoch = std::uint32_t;

/// Why a lease was not given or kept.
enum class LeaseError : std::uint8_t {
  kHeld,     ///< somebody else has it, and it has not run out
  kStale,    ///< the epoch is not the present holder's: handed over, released, revoked or run out
  kInvalid,  ///< an empty name or a duration that is not positive
  kSpent,    ///< all 2^32 − 1 epochs have been used; make a new Lease
};

/// A lease that does not run out by itself.
inline constexpr core::Nanoseconds kUnlimited = std::numeric_limits<core::Nanoseconds>::max();

/// Who may command a robot: one holder at a time, for a limited time. One per robot, living with the robot's owner.
///
/// Acquired, renewed, handed over and released from any thread (a mutex; not real-time safe). `admits` is asked for
/// every command on the command's own path. Time is the caller's monotonic clock.
class Lease {
 public:
  struct Holder {
    core::FixedString<32> name;
    LeaseEpoch epoch{0};
    core::Nanoseconds expires_ns{0};  ///< kUnlimited: never
  };

  Lease() = default;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// Takes a free or expired lease, also from oneself: who lost its epoch waits like anybody else.
  [[nodiscard]] Expected<LeaseEpoch, LeaseError> acquire(std::string_view holder, core::Nanoseconds now_ns,
                                                         core::Nanoseconds duration_ns);

  /// Lets the lease pass to somebody else without a gap. From here on commands of `epoch` are refused.
  [[nodiscard]] Expected<LeaseEpoch, LeaseError> hand_over(LeaseEpoch epoch, std::string_view to_holder,
                                                           core::Nanoseconds now_ns, core::Nanoseconds duration_ns);

  /// Extends to now + duration; never shortens.
  [[nodiscard]] Expected<void, LeaseError> renew(LeaseEpoch epoch, core::Nanoseconds now_ns,
                                                 core::Nanoseconds duration_ns);

  /// Gives it back. False when `epoch` was not the holder's any more.
  bool release(LeaseEpoch epoch);

  /// Takes it from whoever has it: for the robot's owner, on a fault or at the operator's wish.
  void revoke();

  /// Whether a command of this epoch may pass now; counts those that may not. Any thread, lock-free, real-time safe.
  [[nodiscard]] bool admits(LeaseEpoch epoch, core::Nanoseconds now_ns) noexcept;

  /// Who has it now; nullopt when it is free or has run out.
  [[nodiscard]] std::optional<Holder> holder(core::Nanoseconds now_ns) const;

  /// Commands refused by `admits`.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] bool held_locked(core::Nanoseconds now_ns) const noexcept;
  [[nodiscard]] Expected<LeaseEpoch, LeaseError> give_locked(std::string_view holder, core::Nanoseconds now_ns,
                                                             core::Nanoseconds duration_ns);

  mutable std::mutex mutex_;  // orders changes; admits() does not take it
  Holder holder_;
  LeaseEpoch last_epoch_{0};
  std::atomic<LeaseEpoch> epoch_{0};
  std::atomic<core::Nanoseconds> expires_ns_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace takt::control
