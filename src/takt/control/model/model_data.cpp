#include "takt/control/model/model_data.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {
namespace {

/// Unit vectors and rotations may be off by what tables printed to seven digits are off.
constexpr double kUnitTolerance = 1e-6;

/// Published inertias are rounded: the largest moment may exceed the sum of the others by this share.
constexpr double kTriangleTolerance = 1e-3;

[[noreturn]] void refuse(const std::string& whose, const std::string& what) {
  throw LogicError(fmt::format("model data of {}: {}", whose, what));
}

void require(bool holds, const std::string& whose, const std::string& what) {
  if (!holds) {
    refuse(whose, what);
  }
}

void require_limits(const JointLimits& limits, const std::string& whose) {
  require(limits.position_min_rad < limits.position_max_rad, whose,
          fmt::format("position_min {} is not below position_max {} rad", limits.position_min_rad,
                      limits.position_max_rad));
  const auto positive = [&](double value, const char* name) {
    require(value > 0.0, whose, fmt::format("{} is {}, must be > 0", name, value));
  };
  positive(limits.velocity_rad_s, "velocity_rad_s");
  positive(limits.acceleration_rad_s2, "acceleration_rad_s2");
  positive(limits.jerk_rad_s3, "jerk_rad_s3");
  positive(limits.torque_nm, "torque_nm");
  positive(limits.torque_rate_nm_s, "torque_rate_nm_s");
  require(limits.envelope_velocity_offset_rad_s >= 0.0 && limits.envelope_deceleration_rad_s2 >= 0.0, whose,
          fmt::format("velocity envelope has offset {} and deceleration {}, both must be >= 0",
                      limits.envelope_velocity_offset_rad_s, limits.envelope_deceleration_rad_s2));
}

void require_joint(const JointData& joint, const std::string& whose) {
  require_proper(joint.X_PJ, whose, "X_PJ");
  require(std::abs(joint.axis_J.norm() - 1.0) < kUnitTolerance, whose,
          fmt::format("the axis has length {}, not 1", joint.axis_J.norm()));
  require_limits(joint.limits, whose);
  require_physical(joint.link, whose);
  for (const double value : {joint.damping_nm_s_rad, joint.friction_nm, joint.armature_kg_m2}) {
    require(std::isfinite(value) && value >= 0.0, whose,
            fmt::format("damping {}, friction {} and armature {} must be finite and >= 0", joint.damping_nm_s_rad,
                        joint.friction_nm, joint.armature_kg_m2));
  }
}

void require_capsules(const ModelData& data) {
  require(data.capsules.size() <= kMaxCapsules, data.name,
          fmt::format("{} capsules, the most is {}", data.capsules.size(), kMaxCapsules));
  for (std::size_t i = 0; i < data.capsules.size(); ++i) {
    const Capsule& capsule = data.capsules[i];
    const std::string whose = fmt::format("{}, capsule {}", data.name, i + 1);
    require(capsule.link <= data.dof(), whose,
            fmt::format("it sits on link {}, but there are {}", capsule.link, data.dof()));
    require(capsule.p_LP_m.allFinite() && capsule.p_LQ_m.allFinite(), whose, "its ends are not finite");
    require(std::isfinite(capsule.radius_m) && capsule.radius_m > 0.0, whose,
            fmt::format("radius is {} m, must be > 0", capsule.radius_m));
  }
  for (const LinkPair& pair : data.harmless_pairs) {
    require(pair.a <= data.dof() && pair.b <= data.dof(), data.name,
            fmt::format("harmless pair of links {} and {}, but there are {}", pair.a, pair.b, data.dof()));
  }
}

}  // namespace

void require_proper(const core::Pose& X, const std::string& whose, const std::string& which) {
  const Eigen::Matrix3d R = X.linear();
  require(X.matrix().allFinite(), whose, which + " is not finite");
  require((R * R.transpose()).isIdentity(kUnitTolerance) && R.determinant() > 0.0, whose,
          fmt::format("{} is no rotation (determinant {})", which, R.determinant()));
}

void require_physical(const LinkInertia& inertia, const std::string& whose) {
  require(std::isfinite(inertia.mass_kg) && inertia.mass_kg > 0.0, whose,
          fmt::format("mass is {} kg, must be > 0", inertia.mass_kg));
  require(inertia.p_LC_m.allFinite(), whose, "the centre of mass is not finite");
  const Eigen::Matrix3d& I = inertia.I_C_kg_m2;
  require(I.allFinite() && (I - I.transpose()).isZero(0.0), whose, "the inertia is not finite and symmetric");
  const Eigen::Vector3d moments =
      Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(I, Eigen::EigenvaluesOnly).eigenvalues();
  require(moments[0] > 0.0 && moments[2] <= (moments[0] + moments[1]) * (1.0 + kTriangleTolerance), whose,
          fmt::format("no body has the principal moments {}, {}, {} kg·m²", moments[0], moments[1], moments[2]));
}

void require_physical(const ModelData& data) {
  require(data.dof() >= 1 && data.dof() <= core::kMaxJoints, data.name,
          fmt::format("{} joints, must be 1 to {}", data.dof(), core::kMaxJoints));
  require(data.flange_link <= data.dof(), data.name,
          fmt::format("flange_link is {}, but there are {} joints", data.flange_link, data.dof()));
  require(data.home_rad.size() == data.dof(), data.name,
          fmt::format("home has {} values for {} joints", data.home_rad.size(), data.dof()));
  require(data.gravity_B_m_s2.allFinite(), data.name, "gravity is not finite");
  require_proper(data.X_LF, data.name, "X_LF");
  for (std::size_t i = 0; i < data.dof(); ++i) {
    const JointData& joint = data.joints[i];
    const std::string whose = fmt::format("{}, joint {} ({})", data.name, i + 1, joint.name);
    require_joint(joint, whose);
    require(data.home_rad[i] >= joint.limits.position_min_rad && data.home_rad[i] <= joint.limits.position_max_rad,
            whose,
            fmt::format("home {} rad lies outside [{}, {}]", data.home_rad[i], joint.limits.position_min_rad,
                        joint.limits.position_max_rad));
  }
  require_capsules(data);
}

ModelData detuned(ModelData data, double factor) {
  if (!std::isfinite(factor) || factor <= 0.0) {
    throw LogicError(fmt::format("detuned: factor is {}, must be finite and > 0", factor));
  }
  for (JointData& joint : data.joints) {
    joint.link.mass_kg *= factor;
    joint.link.I_C_kg_m2 *= factor;
    joint.armature_kg_m2 *= factor;
  }
  return data;
}

}  // namespace takt::control
