#pragma once

#include <limits>
#include <optional>

#include "takt/control/cycle_options.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/lease.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/model/self_collision.hpp"
#include "takt/control/target.hpp"
#include "takt/controller/errors.hpp"
#include "takt/controller/targets.hpp"
#include "takt/core/joint_vector.hpp"

/// Internal to controller.
namespace takt::controller::internal {

/// What targets are held against: of the cycle that will get them.
struct TargetBounds {
  core::JointVector lowest_rad;
  core::JointVector highest_rad;
  core::JointVector speed_rad_s;                              ///< of moving joint targets
  double speed_m_s{std::numeric_limits<double>::infinity()};  ///< of moving poses
  double rotation_speed_rad_s{std::numeric_limits<double>::infinity()};
  std::optional<control::Workspace> workspace{};
  std::optional<double> self_collision_margin_m{};
};

/// @param lowest_rad, highest_rad  Cycle::lowest_rad(), highest_rad()
[[nodiscard]] TargetBounds bounds_of(const control::ModelData& arm, const control::CycleOptions& options,
                                     const core::JointVector& lowest_rad, const core::JointVector& highest_rad);

/// What is so at the moment of a command.
struct Moment {
  core::Nanoseconds now_ns{0};
  Duration valid_for{};              ///< where the options do not say
  control::LeaseEpoch epoch{0};      ///< of the commander
  const control::CycleState& state;  ///< the newest; its setpoint is where postures are searched from
};

/// Makes a cycle's command of what a user wants, or says why it cannot be followed: the same for a cycle in this
/// process and in another one. Everything that can be known before the motion is looked at here, so that the user hears
/// of it at once; the cycle looks again at what it must not trust.
///
/// A value; const members from any number of threads. Allocates for errors only; a pose costs 10 … 100 µs, one that is
/// out of reach up to a millisecond.
class TargetCheck {
 public:
  /// @throws LogicError when self-collision is asked for and the model has no capsules.
  TargetCheck(control::Model model, TargetBounds bounds);

  [[nodiscard]] const control::Model& model() const noexcept { return model_; }
  [[nodiscard]] const TargetBounds& bounds() const noexcept { return bounds_; }

  /// @throws TargetError
  [[nodiscard]] control::Command target(const Target& target, const TargetOptions& options, const Moment& moment) const;

  /// Poses become joint positions one after the other, each sought from the one before. @throws TargetError
  [[nodiscard]] control::Command chunk(const ActionChunk& chunk, const TargetOptions& options,
                                       const Moment& moment) const;

  /// To rest there, however long it takes. @throws TargetError; LogicError for a speed or tolerance out of range.
  [[nodiscard]] control::Command move(const Target& target, const MoveOptions& options, const Moment& moment) const;

 private:
  [[nodiscard]] control::Command command_of(const Joints& joints, const Moment& moment) const;
  [[nodiscard]] control::Command command_of(const ToolPose& pose, const Moment& moment) const;
  [[nodiscard]] control::Command command_of(const Torques& torques, const Moment& moment) const;
  static void require_setpoint_law(const control::CycleState& state, const char* what);
  void require_posture(const core::JointVector& q_rad, const char* what) const;
  void require_inside_workspace(const Eigen::Vector3d& p_BE_m, const char* what) const;
  void require_apart(const core::JointVector& q_rad, const char* what) const;
  [[nodiscard]] core::JointVector posture_of(const core::Pose& X_BE, const core::JointVector& seed_rad,
                                             const char* what) const;

  control::Model model_;
  TargetBounds bounds_;
  std::optional<control::SelfCollision> links_;
};

}  // namespace takt::controller::internal
