#pragma once

#include <cstdint>

#include "takt/core/time.hpp"

namespace takt::control {

/// The time at which a cycle asks where its setpoint shall be. An arm measures evenly, once a period, but its states
/// are stamped as they arrive, some tens of microseconds late and each differently. A way that is known over time,
/// asked at such stamps and gone along in even steps, moves on by v · 0.05 ms too much and too little in turn: at 1
/// rad/s that is an acceleration of ±50 rad/s², which is cut to the limits, and a feed-forward torque that is noise.
///
/// So periods are counted. The count follows the stamps where they are apart from it on average, by a loop with a time
/// constant of 128 states, and by at most a ten thousandth of the time: more than two free quartzes differ by, less
/// than the 500 ppm by which NTP may slew CLOCK_MONOTONIC; while it does, even time jumps now and then. Where a stamp
/// is later than the count by more than two periods, an arm or its host stood still, and the stamp is right at once. So
/// it is where it is earlier by more than half a period: stamps are late, never early, so the count began at a late
/// one. A value; real-time safe.
class EvenTime {
 public:
  /// @pre period_ns > 0
  explicit EvenTime(core::Nanoseconds period_ns) noexcept : period_ns_(period_ns) {}

  /// The next stamp is right.
  void restart() noexcept { begun_ = false; }

  /// A state has come, so many periods after the last one. @pre periods > 0
  void take(core::Nanoseconds stamp_ns, std::uint64_t periods) noexcept;

  /// Of the newest state, on the clock of the stamps, behind its own by at most two periods and ahead of it by at most
  /// half a one. Never goes back in a run whose stamps do not; where one does it stands still, and states that came
  /// late together are all of about the same time.
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept { return now_ns_; }

 private:
  core::Nanoseconds period_ns_;
  core::Nanoseconds now_ns_{0};
  double apart_ns_{0.0};  ///< of the stamps from the count, averaged
  bool begun_{false};
};

}  // namespace takt::control
