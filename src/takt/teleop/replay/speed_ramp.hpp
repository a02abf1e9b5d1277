#pragma once

#include <span>

#include "takt/control/motion/limits.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::teleop::replay {

/// The speed of a playhead while it changes from one to another:   r(u) = r0 + (r1 − r0)·(3u² − 2u³),   u = t/T. On a
/// timeline q(p) the joints then move by q'(p)·r, and the change itself costs the acceleration q'·dr/dt and the jerk
/// q'·d²r/dt². T is chosen so that those stay below a fraction of the limits.
///
/// A value; real-time safe.
class SpeedRamp {
 public:
  SpeedRamp() = default;

  /// @param rates_rad_s  q' at speed 1, the fastest of the way, one per joint
  SpeedRamp(double from, double to, const core::JointVector& rates_rad_s, std::span<const control::JointLimits> limits,
            double fraction) noexcept;

  /// Goes on by dt. @return the way of the playhead meanwhile [s]
  double step(double dt_s) noexcept;

  [[nodiscard]] double speed() const noexcept;
  [[nodiscard]] double target() const noexcept { return to_; }
  [[nodiscard]] double duration_s() const noexcept { return duration_s_; }
  [[nodiscard]] bool done() const noexcept { return elapsed_s_ >= duration_s_; }

 private:
  [[nodiscard]] double way_s() const noexcept;

  double from_{0.0};
  double to_{0.0};
  double duration_s_{0.0};
  double elapsed_s_{0.0};
};

}  // namespace takt::teleop::replay
