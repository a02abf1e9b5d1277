#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "takt/control/model/differential_ik.hpp"
#include "takt/control/model/test/test_arms.hpp"

namespace takt::control::testing {

inline constexpr double kDtS = 1e-3;
inline constexpr double kVelocityRadS = 2.0;
inline constexpr double kAccelerationRadS2 = 20.0;

struct Reference {
  core::Pose X_BE;
  Vector6 V_BE{Vector6::Zero()};
};

/// An arm, its range ±bound, and its follower at a posture that is far from singular.
struct Rig {
  Rig(const ModelData& data, double bound, const DifferentialIkOptions& options = {})
      : model(data),
        lowest(core::JointVector::constant(data.dof(), -bound)),
        highest(core::JointVector::constant(data.dof(), bound)),
        ik(limits(data.dof()), lowest, highest, options),
        start(core::JointVector::zero(data.dof())) {
    for (std::size_t i = 0; i < data.dof(); ++i) {
      start[i] = i % 2 == 0 ? 0.6 : -0.8;
    }
    ik.reset(start);
    X_start = model.tool_pose(start);
  }
  static std::vector<JointLimits> limits(std::size_t dof) {
    JointLimits joint;
    joint.velocity_rad_s = kVelocityRadS;
    joint.acceleration_rad_s2 = kAccelerationRadS2;
    return std::vector<JointLimits>(dof, joint);
  }
  [[nodiscard]] double error(const core::Pose& X_BE) const {
    return pose_error(model.tool_pose(ik.q_rad()), X_BE).norm();
  }
  /// Follows `reference(t)` for a time and returns the largest pose error on the way.
  template <class F>
  double follow(const F& reference, double time_s) {
    double worst = 0.0;
    for (int k = 1; k * kDtS <= time_s; ++k) {
      const Reference wanted = reference(k * kDtS);
      const core::JointVector before = ik.dq_rad_s();
      least_singularity = std::min(least_singularity, ik.step(model, wanted.X_BE, wanted.V_BE, kDtS).singularity);
      worst = std::max(worst, error(wanted.X_BE));
      worst_change = std::max(worst_change, core::max_abs_difference(before, ik.dq_rad_s()));
    }
    return worst;
  }
  double hold(const core::Pose& X_BE, double time_s) {
    return follow([&](double) { return Reference{.X_BE = X_BE}; }, time_s);
  }
  Model model;
  core::JointVector lowest, highest;
  DifferentialIk ik;
  core::JointVector start;
  core::Pose X_start;
  double worst_change{0.0};
  double least_singularity{1.0};
};

/// From 0 to 1 in one second, at rest with acceleration 0 at both ends.
inline double blend(double t) {
  const double s = std::clamp(t, 0.0, 1.0);
  return s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
}
inline double blend_rate(double t) {
  const double s = std::clamp(t, 0.0, 1.0);
  return 30.0 * s * s * (1.0 - s) * (1.0 - s);
}

/// A straight line with a turn about a fixed axis, done in one second.
inline auto line_from(const core::Pose& X_start, const Eigen::Vector3d& way_m, const Eigen::Vector3d& turn_rad) {
  return [=](double t) {
    Reference reference{.X_BE = X_start};
    reference.X_BE.translation() += blend(t) * way_m;
    const double angle = turn_rad.norm();
    const Eigen::Vector3d axis = angle > 0.0 ? Eigen::Vector3d(turn_rad / angle) : Eigen::Vector3d::UnitX();
    reference.X_BE.linear() = Eigen::AngleAxisd(blend(t) * angle, axis) * X_start.linear();
    reference.V_BE << blend_rate(t) * way_m, blend_rate(t) * turn_rad;
    return reference;
  };
}

}  // namespace takt::control::testing
