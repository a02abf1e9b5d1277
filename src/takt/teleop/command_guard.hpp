#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <boost/describe.hpp>

#include "takt/control/motion/limits.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/guard_counters.hpp"
#include "takt/teleop/limit_policy.hpp"

namespace takt::teleop {

struct CommandGuardOptions {
  std::vector<control::JointLimits> limits;  ///< the follower's, one per joint
  LimitPolicy position{LimitPolicy::kClamp};
  LimitPolicy velocity{LimitPolicy::kClamp};
  LimitPolicy acceleration{LimitPolicy::kClamp};
  double min_step_s{0.0};  ///< steps count as at least this long: two commands that only came close
                           ///< together, because a thread was late, are no velocity. Half a leader period.
  double max_step_s{std::numeric_limits<double>::infinity()};  ///< steps count as at most this long: after a pause no
                                                               ///< command may make up for it at once. Three periods.
};

/// What became of a command.
enum class Verdict : std::uint8_t { kPassed, kClamped, kRejected };
BOOST_DESCRIBE_ENUM(Verdict, kPassed, kClamped, kRejected)

/// Position, velocity and acceleration of the commands to one follower, judged by differences between the commands
/// sent.
///
/// While clamping, the command follows the wanted one in its moving frame: with wanted velocity v_w and the gap e that
/// clamping left open, v = v_w + sign(e)·b(|e|), then bounded by a_max·dt around the last velocity, by v_max, and by
/// b(distance to the position limit), where b(d) is the velocity from which one step and a braking at a_max end within
/// d; with a velocity envelope, so that braking at a_max keeps the envelope as well. So a wanted motion inside the
/// limits passes unaltered (e = 0) as long as it could stop within them, a gap closes with braking in time, and a
/// position limit is never overrun. A follower that starts outside its range begins at its edge:
/// robots refuse targets outside, so there is no smaller step.
///
/// Braking for a position limit counts as kPosition, for an envelope as kVelocity, closing a gap as kAcceleration:
/// whatever alters a command counts. Braking belongs to LimitPolicy::kClamp of the acceleration; other policies judge
/// each step alone.
///
/// One thread at a time. Real-time safe but for construction.
class CommandGuard {
 public:
  /// @throws LogicError when there are no limits or more than kMaxJoints.
  explicit CommandGuard(CommandGuardOptions options);

  /// CommandGuardOptions::min_step_s and max_step_s from now on. @pre 0 ≤ min ≤ max
  void set_steps(double min_step_s, double max_step_s) noexcept {
    options_.min_step_s = min_step_s;
    options_.max_step_s = max_step_s;
  }

  /// Starts from where the follower is on its way now, at this velocity.
  void reset(const core::JointVector& position_rad, const core::JointVector& velocity_rad_s,
             core::Nanoseconds stamp_ns) noexcept;

  /// Judges `position_rad`, wanted at `stamp_ns`, and changes it to what may be sent. Counts what was hit.
  /// @pre finite, of the right size, stamps increase: the caller's guards saw to it.
  [[nodiscard]] Verdict check(core::JointVector& position_rad, core::Nanoseconds stamp_ns,
                              GuardCounters& counters) noexcept;

 private:
  struct Hits {
    bool position{false};
    bool velocity{false};
    bool acceleration{false};
  };
  [[nodiscard]] double bounded(std::size_t joint, double wanted_rad, double dt_s, Hits& hits) const noexcept;
  [[nodiscard]] double reachable(std::size_t joint, double wanted_rad) const noexcept;
  [[nodiscard]] double stoppable(std::size_t joint, double velocity, double dt_s, Hits& hits) const noexcept;
  [[nodiscard]] double limited_velocity(std::size_t joint, double wanted_rad, double dt_s, Hits& hits) const noexcept;
  [[nodiscard]] double closing_velocity(std::size_t joint, double wanted_rad, double dt_s) const noexcept;
  [[nodiscard]] bool rejects(const Hits& hits) const noexcept;

  CommandGuardOptions options_;
  core::JointVector sent_rad_;
  core::JointVector sent_velocity_rad_s_;
  core::JointVector wanted_rad_;
  core::Nanoseconds stamp_ns_{0};
};

}  // namespace takt::teleop
