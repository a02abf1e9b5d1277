#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "takt/control/motion/limits.hpp"
#include "takt/core/geometry.hpp"

namespace takt::control {

/// Mass distribution of one link, in the link's own frame L (the frame of the joint that moves it).
struct LinkInertia {
  double mass_kg{0.0};
  Eigen::Vector3d p_LC_m{Eigen::Vector3d::Zero()};     ///< centre of mass C in L
  Eigen::Matrix3d I_C_kg_m2{Eigen::Matrix3d::Zero()};  ///< rotational inertia about C, axes of L
};

/// One revolute joint and the link that it moves. At q = 0 the link frame L equals the joint frame J.
struct JointData {
  std::string name;
  core::Pose X_PJ{core::Pose::Identity()};           ///< joint frame in the parent link's frame P
  Eigen::Vector3d axis_J{Eigen::Vector3d::UnitZ()};  ///< unit axis of rotation in J
  JointLimits limits;
  LinkInertia link;
  double damping_nm_s_rad{0.0};  ///< viscous friction, for simulators
  double friction_nm{0.0};       ///< Coulomb friction, for simulators
  double armature_kg_m2{0.0};    ///< rotor inertia seen at the joint
};

/// The most capsules that an arm may have.
inline constexpr std::size_t kMaxCapsules = 64;

/// Part of a link's outer shape, for collision guards: all points within radius_m of the segment P Q.
struct Capsule {
  std::size_t link{0};                              ///< 0 = the base, i = the link that the 1-based joint i moves
  Eigen::Vector3d p_LP_m{Eigen::Vector3d::Zero()};  ///< in the link's frame; the base's is B
  Eigen::Vector3d p_LQ_m{Eigen::Vector3d::Zero()};
  double radius_m{0.0};
};

/// Two links that cannot touch whatever their capsules, which are larger than they are, may say.
struct LinkPair {
  std::size_t a{0}, b{0};  ///< as in Capsule

  friend bool operator==(const LinkPair&, const LinkPair&) = default;
};

/// A serial chain of revolute joints on a fixed base B: everything a law, a guard or a simulator needs to know about an
/// arm, in one place. A value; read at set-up, never changed while a cycle runs.
struct ModelData {
  std::string name;                         ///< "fr3", "so101"
  std::vector<JointData> joints;            ///< from base to tip, at most core::kMaxJoints
  core::Pose X_LF{core::Pose::Identity()};  ///< flange F in the last link's frame
  std::size_t flange_link{0};               ///< 1-based joint whose link carries the flange; 0 = the last
  Eigen::Vector3d gravity_B_m_s2{0.0, 0.0, -9.81};
  std::vector<double> home_rad;          ///< a safe posture, one per joint
  std::vector<Capsule> capsules;         ///< the shape of the arm, at most kMaxCapsules; empty where none is known
  std::vector<LinkPair> harmless_pairs;  ///< not to be checked against each other; adjacent links need not be listed

  [[nodiscard]] std::size_t dof() const noexcept { return joints.size(); }
};

/// Throws LogicError, saying whose and which, unless `X` is finite and its rotation orthonormal within 1e-6 and proper.
void require_proper(const core::Pose& X, const std::string& whose, const std::string& which);

/// Throws LogicError, naming robot, joint and value, unless `inertia` is one that a rigid body can have: mass > 0,
/// symmetric, principal moments > 0 and none larger than the sum of the other two.
void require_physical(const LinkInertia& inertia, const std::string& whose);

/// Throws LogicError, naming robot, joint and value, unless `data` describes an arm that can exist: 1 … kMaxJoints
/// joints, physical links, unit axes, proper rotations, min < max, positive limits, friction and rotor inertia ≥ 0,
/// home inside the limits, capsules with a radius on links that there are.
void require_physical(const ModelData& data);

/// The same arm with every mass, inertia and rotor inertia times `factor`; centres of mass and kinematics stay. Tests
/// use it to show that a law bears a model that is wrong. @throws LogicError unless 0 < factor < ∞.
[[nodiscard]] ModelData detuned(ModelData data, double factor);

}  // namespace takt::control
