#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <Eigen/Core>

#include "takt/control/model/model_data.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// n × n, kept in place.
using JointMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor,
                                  static_cast<int>(core::kMaxJoints), static_cast<int>(core::kMaxJoints)>;

/// 6 × n, kept in place. Rows 0 … 2 are linear [m], rows 3 … 5 angular.
using JacobianMatrix = Eigen::Matrix<double, 6, Eigen::Dynamic, Eigen::ColMajor, 6, static_cast<int>(core::kMaxJoints)>;

/// A twist [v; ω], a wrench [f; m] or their like: rows 0 … 2 linear, rows 3 … 5 angular.
using Vector6 = Eigen::Matrix<double, 6, 1>;

/// Link frames in B for one posture: orientation, origin (a point of the joint's axis) and unit axis. The first dof()
/// elements are set.
struct LinkFrames {
  std::array<Eigen::Matrix3d, core::kMaxJoints> R_BL;
  std::array<Eigen::Vector3d, core::kMaxJoints> p_BL_m;
  std::array<Eigen::Vector3d, core::kMaxJoints> axis_B;
};

/// Where the tool centre point E is and how it moves: V = J q̇ and V̇ = J q̈ + bias. Velocities of E's origin [m/s] and
/// of its rotation [rad/s], along the axes of B.
struct ToolMotion {
  core::Pose X_BE{core::Pose::Identity()};
  JacobianMatrix J;
  Vector6 V_BE{Vector6::Zero()};
  Vector6 bias{Vector6::Zero()};  ///< J̇ q̇
};

/// Kinematics and rigid-body dynamics of a serial arm:
///
///   τ = M(q) q̈ + C(q, q̇) q̇ + g(q),        C by Christoffel symbols, so that Ṁ − 2C is skew-symmetric.
///
/// Sources: Craig, Introduction to Robotics, 3rd ed., §6.5 (recursive Newton–Euler; here every vector is expressed in
/// the base frame B); Featherstone, Rigid Body Dynamics Algorithms, §6.2 (composite rigid bodies). Friction is not part
/// of these equations; rotor inertia (armature) is, on the diagonal of M.
///
/// Every query is const, real-time safe and keeps no state: no heap, no lock, cost linear in n (M: quadratic). Any
/// number of threads may query one Model while none changes its payload or tool. @pre of every query: each argument has
/// dof() elements, all finite. Unchecked; what a wrong size gives is unspecified, but memory safe.
class Model {
 public:
  /// @throws LogicError, naming joint and value, when the data is not physical (require_physical).
  explicit Model(ModelData data);

  [[nodiscard]] const ModelData& data() const noexcept { return data_; }
  [[nodiscard]] std::size_t dof() const noexcept { return joints_.size(); }

  /// The arm's safe posture, data().home_rad.
  [[nodiscard]] core::JointVector home_rad() const noexcept { return core::JointVector(data_.home_rad); }

  /// Attaches a rigid load to the flange, in place of the one before; its p_LC_m and axes are those of the flange frame
  /// F. Not real-time safe, not beside a query. @throws LogicError when it is not physical, or when its weight at full
  /// stretch is beyond the strongest joint.
  void set_payload(const LinkInertia& payload_F);
  void clear_payload();
  [[nodiscard]] const std::optional<LinkInertia>& payload() const noexcept { return payload_F_; }

  /// Sets the tool centre point, frame E, in the flange frame F; the identity (E = F) until then. Changes kinematics
  /// only. Not real-time safe, not beside a query. @throws LogicError when it is not finite or its rotation is off an
  /// orthonormal one by more than 1e-6.
  void set_tool(const core::Pose& X_FE);
  [[nodiscard]] const core::Pose& tool() const noexcept { return X_FE_; }

  /// No posture brings the tool centre point farther from the origin of joint 1 than this: the length of the chain.
  [[nodiscard]] double reach_m() const noexcept { return reach_m_; }

  /// X_BF: the flange in the base frame. Joints behind the flange's link do not move it.
  [[nodiscard]] core::Pose flange_pose(const core::JointVector& q_rad) const noexcept;

  /// J with [v_F; ω_F] = J q̇: velocity of the flange's origin and angular velocity of F, both along the axes of B.
  [[nodiscard]] JacobianMatrix flange_jacobian(const core::JointVector& q_rad) const noexcept;

  /// X_BE: the tool centre point in the base frame.
  [[nodiscard]] core::Pose tool_pose(const core::JointVector& q_rad) const noexcept;

  /// J with [v_E; ω_E] = J q̇, both along the axes of B.
  [[nodiscard]] JacobianMatrix tool_jacobian(const core::JointVector& q_rad) const noexcept;

  /// Pose, Jacobian, twist and J̇ q̇ of the tool centre point from one pass over the chain.
  [[nodiscard]] ToolMotion tool_motion(const core::JointVector& q_rad,
                                       const core::JointVector& dq_rad_s) const noexcept;

  /// Where every link is.
  [[nodiscard]] LinkFrames link_frames(const core::JointVector& q_rad) const noexcept;

  /// M(q) [kg·m²], symmetric and positive definite.
  [[nodiscard]] JointMatrix mass_matrix(const core::JointVector& q_rad) const noexcept;

  /// g(q) [N·m]: the torque that holds the arm at rest against gravity.
  [[nodiscard]] core::JointVector gravity_nm(const core::JointVector& q_rad) const noexcept;

  /// The part of g(q) that carries the payload alone [N·m]: what a law adds on an arm that compensates its own weight
  /// and was not told of the load. 0 without one.
  [[nodiscard]] core::JointVector payload_gravity_nm(const core::JointVector& q_rad) const noexcept;

  /// C(q, q̇) q̇ [N·m].
  [[nodiscard]] core::JointVector coriolis_nm(const core::JointVector& q_rad,
                                              const core::JointVector& dq_rad_s) const noexcept;

  /// M(q) q̈ + C(q, q̇) q̇ + g(q) [N·m].
  [[nodiscard]] core::JointVector inverse_dynamics_nm(const core::JointVector& q_rad, const core::JointVector& dq_rad_s,
                                                      const core::JointVector& ddq_rad_s2) const noexcept;

  /// M(q) q̈_d + C(q, q̇) q̇_d [N·m]: what a passivity-based law feeds forward (see JointImpedanceLaw).
  ///
  /// c(v) = C(q, v) v is quadratic in v, and C(q, u) w with Christoffel symbols is its symmetric bilinear form; hence,
  /// by polarisation, C(q, u) w = c((u + w)/2) − c((u − w)/2): two Newton–Euler passes over one set of frames.
  [[nodiscard]] core::JointVector tracking_nm(const core::JointVector& q_rad, const core::JointVector& dq_rad_s,
                                              const core::JointVector& dq_d_rad_s,
                                              const core::JointVector& ddq_d_rad_s2) const noexcept;

 private:
  /// The constants of one joint. The orientation of link frame L in its parent's P is, by Rodrigues' formula with the
  /// matrix K of the axis:  R_PL(q) = R_PJ (I + K²) + R_PJ K sin q − R_PJ K² cos q.
  struct Joint {
    Eigen::Vector3d p_PJ_m;
    Eigen::Vector3d axis_P;
    Eigen::Matrix3d R_constant, R_sine, R_cosine;
    double armature_kg_m2;
  };

  [[nodiscard]] core::JointVector newton_euler(const LinkFrames& frames, const core::JointVector& dq_rad_s,
                                               const core::JointVector& ddq_rad_s2,
                                               const Eigen::Vector3d& base_acceleration_m_s2) const noexcept;
  [[nodiscard]] core::Pose pose_on_flange_link(const LinkFrames& frames, const core::Pose& X_LX) const noexcept;
  [[nodiscard]] JacobianMatrix jacobian_on_flange_link(const LinkFrames& frames,
                                                       const Eigen::Vector3d& p_BX_m) const noexcept;
  [[nodiscard]] std::size_t flange_index() const noexcept;
  [[nodiscard]] double chain_length_m() const noexcept;
  void require_bearable(const LinkInertia& payload_F) const;

  ModelData data_;
  std::vector<Joint> joints_;
  std::vector<LinkInertia> links_;  ///< as in data_, the payload merged into the flange's link
  std::optional<LinkInertia> payload_F_;
  core::Pose X_FE_{core::Pose::Identity()};
  core::Pose X_LE_{core::Pose::Identity()};  ///< X_LF X_FE, on the flange's link
  double reach_m_{0.0};
};

}  // namespace takt::control
