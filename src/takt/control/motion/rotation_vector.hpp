#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>

namespace takt::control {

/// The rotation by |r| about r.
[[nodiscard]] Eigen::Quaterniond exp_rotation(const Eigen::Vector3d& r) noexcept;

/// Its inverse, |r| ≤ π; at π one of the two axes. Any unit quaternion; finite for all that are finite.
[[nodiscard]] Eigen::Vector3d log_rotation(const Eigen::Quaterniond& q) noexcept;

/// Angular velocity and acceleration of exp(r(t)), in the frame that it turns.
struct Turning {
  Eigen::Vector3d w;
  Eigen::Vector3d alpha;
};
[[nodiscard]] Turning turning(const Eigen::Vector3d& r, const Eigen::Vector3d& dr, const Eigen::Vector3d& ddr) noexcept;

}  // namespace takt::control
