#include "takt/core/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "takt/core/error.hpp"

namespace takt::core {

std::array<double, 7> to_array(const Pose& X_AB) noexcept {
  const Eigen::Quaterniond q(X_AB.linear());
  const Eigen::Vector3d p = X_AB.translation();
  return {p.x(), p.y(), p.z(), q.x(), q.y(), q.z(), q.w()};
}

Pose pose_from_array(const std::array<double, 7>& values) {
  if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); })) {
    throw LogicError("pose_from_array: a value is not finite");
  }
  const Eigen::Quaterniond q(values[6], values[3], values[4], values[5]);
  if (std::abs(q.norm() - 1.0) > 1e-3) {
    throw LogicError("pose_from_array: quaternion norm is " + std::to_string(q.norm()) + ", not 1");
  }
  Pose X_AB = Pose::Identity();
  X_AB.linear() = q.normalized().toRotationMatrix();
  X_AB.translation() = Eigen::Vector3d(values[0], values[1], values[2]);
  return X_AB;
}

Eigen::Matrix3d skew(const Eigen::Vector3d& a) noexcept {
  Eigen::Matrix3d matrix;
  matrix << 0, -a.z(), a.y(), a.z(), 0, -a.x(), -a.y(), a.x(), 0;
  return matrix;
}

}  // namespace takt::core
