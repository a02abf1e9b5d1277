#pragma once

#include <cstddef>
#include <vector>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// Where the joints shall be at an instant.
struct PathPoint {
  core::Nanoseconds due_ns{0};  ///< CLOCK_MONOTONIC
  core::JointVector q_rad;
  core::JointVector dq_rad_s{};  ///< empty: the mean slope of its neighbours; at the first and the last point: rest
};

/// A way of the joints over time, known from its beginning to its end: a cubic Hermite spline through its points, so
/// continuous in position and velocity. What it says is a wish: guards and generators keep the limits.
///
/// A value. Constant after construction, then any thread; `at` is real-time safe.
class JointPath {
 public:
  struct Reference {
    core::JointVector q_rad;
    core::JointVector dq_rad_s;
  };

  /// What one joint does over the whole path, exactly: the extremes of the cubics, not of samples.
  struct Extent {
    double lowest_rad{0};
    double highest_rad{0};
    double speed_rad_s{0};  ///< the largest, of either direction
  };

  /// @throws LogicError when there are fewer than two points, of different sizes, not finite, or not by rising time.
  explicit JointPath(std::vector<PathPoint> points);

  /// Before the first point it stands there, and so it does after the last.
  [[nodiscard]] Reference at(core::Nanoseconds now_ns) const noexcept;

  /// Never a NaN: where the numbers are too large to compute with, the range and the speed are infinite.
  /// @pre joint < joints()
  [[nodiscard]] Extent extent(std::size_t joint) const noexcept;

  [[nodiscard]] core::Nanoseconds begin_ns() const noexcept { return points_.front().due_ns; }
  [[nodiscard]] core::Nanoseconds end_ns() const noexcept { return points_.back().due_ns; }
  [[nodiscard]] std::size_t joints() const noexcept { return points_.front().q_rad.size(); }

 private:
  std::vector<PathPoint> points_;  // with velocities, all of them
};

}  // namespace takt::control
