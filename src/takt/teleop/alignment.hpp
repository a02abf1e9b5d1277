#pragma once

#include <vector>

#include "takt/control/motion/joint_generator.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::teleop {

/// Brings a follower to its leader without a jump: the command is the leader's pose plus an offset that starts at the
/// distance between the two and runs jerk-limited to exactly zero. So a leader that moves meanwhile is followed from
/// the start, and the approach takes a time known beforehand.
///
/// One thread at a time. Real-time safe but for construction.
class Alignment {
 public:
  /// @param limits    the follower's, one per joint; must have finite velocity, acceleration and jerk.
  /// @param fraction  of them that the approach may use, 0 < fraction ≤ 1.
  /// @throws LogicError otherwise.
  Alignment(const std::vector<control::JointLimits>& limits, double fraction);

  /// Starts a new approach from where the follower is and how it moves, to a leader that moves at `leader_rad_s`.
  void begin(const control::Setpoint& follower, const core::JointVector& leader_rad,
             const core::JointVector& leader_rad_s, core::Nanoseconds stamp_ns) noexcept;

  /// The command for a leader pose at `stamp_ns`, which must not be before the last. Exactly the pose once done().
  [[nodiscard]] core::JointVector step(const core::JointVector& leader_rad, core::Nanoseconds stamp_ns) noexcept;

  /// True when the offset has reached zero.
  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  control::JointGenerator offset_;
  core::Nanoseconds stamp_ns_{0};
  bool done_{true};
};

}  // namespace takt::teleop
