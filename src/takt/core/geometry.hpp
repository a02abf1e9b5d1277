#pragma once

#include <array>

#include <Eigen/Core>
#include <Eigen/Geometry>

namespace takt::core {

/// A pose X_AB: the pose of frame B in frame A (monogram notation). Translation [m], unit quaternion.
using Pose = Eigen::Isometry3d;

/// [x y z qx qy qz qw], the order of ROS and of the RobotState message. m; the quaternion is normalised.
[[nodiscard]] std::array<double, 7> to_array(const Pose& X_AB) noexcept;

/// The inverse of to_array. @throws LogicError when a value is not finite or the quaternion's norm is off 1 by more
/// than 1e-3.
[[nodiscard]] Pose pose_from_array(const std::array<double, 7>& values);

/// The matrix of a cross product: skew(a)·b = a × b.
[[nodiscard]] Eigen::Matrix3d skew(const Eigen::Vector3d& a) noexcept;

}  // namespace takt::core
