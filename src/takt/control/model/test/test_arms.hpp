#pragma once

#include <algorithm>
#include <random>
#include <string>

#include "takt/control/model/model_data.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control::testing {

/// A link as a solid ellipsoid-like body: moments that satisfy the triangle inequality, axes turned at random.
inline LinkInertia random_link(std::mt19937& random) {
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  LinkInertia link;
  link.mass_kg = 1.5 + unit(random);
  link.p_LC_m = 0.1 * Eigen::Vector3d(unit(random), unit(random), unit(random));
  const Eigen::Vector3d half_axes = Eigen::Vector3d(0.1, 0.06, 0.08) + 0.03 * Eigen::Vector3d::Constant(unit(random));
  const Eigen::Vector3d squares = half_axes.cwiseAbs2();
  const Eigen::Vector3d moments = link.mass_kg / 5.0 * (Eigen::Vector3d::Constant(squares.sum()) - squares);
  const Eigen::Matrix3d R =
      Eigen::Quaterniond(unit(random), unit(random), unit(random), 1.1 + unit(random)).normalized().toRotationMatrix();
  const Eigen::Matrix3d I = R * moments.asDiagonal() * R.transpose();
  link.I_C_kg_m2 = 0.5 * (I + I.transpose());
  return link;
}

/// An arm that nobody would build: every axis, placement and link at random, rotor inertia in every joint.
inline ModelData random_arm(unsigned seed, std::size_t dof) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  ModelData data;
  data.name = "random";
  for (std::size_t i = 0; i < dof; ++i) {
    JointData joint;
    joint.name = "joint" + std::to_string(i + 1);
    joint.X_PJ.linear() = Eigen::Quaterniond(unit(random), unit(random), unit(random), 1.1 + unit(random))
                              .normalized()
                              .toRotationMatrix();
    joint.X_PJ.translation() = 0.3 * Eigen::Vector3d(unit(random), unit(random), unit(random));
    joint.axis_J = Eigen::Vector3d(unit(random), unit(random), 1.1 + unit(random)).normalized();
    joint.link = random_link(random);
    joint.armature_kg_m2 = 0.01 * (1.1 + unit(random));
    joint.limits.torque_nm = 50.0;
    data.joints.push_back(joint);
  }
  data.X_LF.translation() = Eigen::Vector3d(0.05, -0.02, 0.1);
  data.X_LF.linear() = Eigen::AngleAxisd(0.4, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
  data.home_rad.assign(dof, 0.0);
  return data;
}

/// Two links of point-like masses in the vertical x-z plane, both joints about −y, so that positive angles lift. Its
/// equations stand in every textbook (Craig, §6.7). l1 = 0.5 m, l2 = 0.4 m, m1 = 3 kg, m2 = 2 kg, masses at the links'
/// ends.
inline ModelData planar_arm() {
  ModelData data;
  data.name = "planar";
  const double lengths_m[] = {0.5, 0.4};
  const double masses_kg[] = {3.0, 2.0};
  for (int i = 0; i < 2; ++i) {
    JointData joint;
    joint.name = i == 0 ? "shoulder" : "elbow";
    joint.X_PJ.translation() = Eigen::Vector3d(i == 0 ? 0.0 : lengths_m[0], 0, 0);
    joint.axis_J = -Eigen::Vector3d::UnitY();
    joint.link.mass_kg = masses_kg[i];
    joint.link.p_LC_m = Eigen::Vector3d(lengths_m[i], 0, 0);
    joint.link.I_C_kg_m2 = 1e-12 * Eigen::Matrix3d::Identity();  // as good as a point
    joint.limits.torque_nm = 100.0;
    data.joints.push_back(joint);
  }
  data.X_LF.translation() = Eigen::Vector3d(lengths_m[1], 0, 0);
  data.home_rad = {0.3, 0.5};
  return data;
}

/// Each element at random in [−bound, bound].
inline core::JointVector random_vector(std::mt19937& random, std::size_t size, double bound) {
  std::uniform_real_distribution<double> value(-bound, bound);
  core::JointVector made = core::JointVector::zero(size);
  std::generate(made.begin(), made.end(), [&] { return value(random); });
  return made;
}

}  // namespace takt::control::testing
