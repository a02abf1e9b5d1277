#pragma once

#include <memory>

#include <Eigen/Core>

#include "takt/control/model/model_data.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/robots/sim/mjcf.hpp"

namespace takt::robots::sim {

/// An arm in MuJoCo: owns the compiled model and its state. A resource; one thread at a time. Everything but the
/// constructor and mass_matrix() is real-time safe (mj_step of such an arm takes about 10 µs and allocates nothing).
class MujocoWorld {
 public:
  /// Compiles the model; the arm stands at data.home_rad (zeros where that is empty), at rest.
  ///
  /// The text goes through a file in a private temporary directory, gone when this returns: the one way to mj_loadXML
  /// that MuJoCo 2.2 and 3.x share (its in-memory file system changed names and layout between them).
  /// @throws ConfigError for data that cannot be simulated, with MuJoCo's own words; SystemError without temporary
  /// space.
  explicit MujocoWorld(const control::ModelData& data, const SimOptions& options = {});
  ~MujocoWorld();
  MujocoWorld(const MujocoWorld&) = delete;
  MujocoWorld& operator=(const MujocoWorld&) = delete;

  [[nodiscard]] std::size_t dof() const noexcept;

  /// Puts the arm there; everything that follows from q and dq is up to date afterwards. @pre sizes are dof() (else
  /// nothing).
  void set_state(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) noexcept;

  /// Current positions [rad] and velocities [rad/s].
  [[nodiscard]] core::JointVector q_rad() const noexcept;
  [[nodiscard]] core::JointVector dq_rad_s() const noexcept;

  /// One time step under `control` (joint torques or servo goals, as SimOptions::actuation says). @pre size is dof().
  void step(const core::JointVector& control) noexcept;

  /// One time step with every joint locked where it is: velocities become zero, positions stay, time passes.
  void step_locked() noexcept;

  /// Torque that holds the arm against gravity at q [N·m]: g(q) of M q̈ + c + g = τ.
  [[nodiscard]] core::JointVector gravity_torque_nm() const noexcept;

  /// What the actuators gave in the last step [N·m].
  [[nodiscard]] core::JointVector actuator_torque_nm() const noexcept;

  /// M(q)·v, armature included.
  [[nodiscard]] core::JointVector mass_times(const core::JointVector& v) const noexcept;

  /// M(q) [kg·m²], armature included, dof × dof.
  [[nodiscard]] Eigen::MatrixXd mass_matrix() const;

  /// X_BF: the flange in the base frame.
  [[nodiscard]] core::Pose flange_pose() const noexcept;

  /// Simulated time [s] since construction.
  [[nodiscard]] double time_s() const noexcept;

  /// True for ever after MuJoCo found a control, position, velocity or acceleration that is not finite or absurd.
  [[nodiscard]] bool diverged() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace takt::robots::sim
