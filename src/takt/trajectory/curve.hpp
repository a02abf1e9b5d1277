#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

/// A motion of the joints as what it is made of: positions and velocities at rising instants, knots, and between two
/// knots the cubic that has them (cubic Hermite spline). Refers to what it shows.
struct CurveView {
  std::size_t joints{0};
  std::span<const core::Nanoseconds> t_ns{};  ///< one per knot, rising
  std::span<const double> q_rad{};            ///< `joints` per knot
  std::span<const double> dq_rad_s{};         ///< `joints` per knot
};

/// What a trajectory's frames mean between the frames: the natural cubic spline through their positions. Velocity and
/// acceleration are continuous, the jerk is constant from frame to frame, and the acceleration is 0 at both ends. So is
/// a bridge's, and so a bridge beside a recording leaves no jump (docs/design/0015). Recorded velocities are not used.
/// Only where it would leave the range of an arm's joint between frames at its end it is bent (internal/in_range.hpp).
///
/// A value; one copy of the frames' numbers.
struct Curve {
  std::size_t joints{0};
  std::vector<core::Nanoseconds> t_ns{};
  std::vector<double> q_rad{};
  std::vector<double> dq_rad_s{};

  [[nodiscard]] CurveView view() const noexcept {
    return {.joints = joints, .t_ns = t_ns, .q_rad = q_rad, .dq_rad_s = dq_rad_s};
  }
  friend bool operator==(const Curve&, const Curve&) = default;
};

/// O(frames). An empty trajectory gives no knots, one frame rest.
[[nodiscard]] Curve curve_of(const Trajectory& trajectory);

/// The velocities of the natural cubic spline through `q_rad`, `joints` per instant; the equations are in curve.cpp.
/// @pre t_ns rises; q_rad and dq_rad_s have joints · t_ns.size() elements.
void natural_velocities(std::span<const core::Nanoseconds> t_ns, std::span<const double> q_rad, std::size_t joints,
                        std::span<double> dq_rad_s);

}  // namespace takt::trajectory
