#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "takt/control/chunk_player.hpp"
#include "takt/control/cycle_options.hpp"
#include "takt/control/model/differential_ik.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/motion/glide.hpp"
#include "takt/control/motion/joint_generator.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/control/motion/pose_generator.hpp"
#include "takt/control/target.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// Where a cycle's setpoint comes from: whatever is commanded, it ends in one joint generator, so that the limits are
/// kept in one place and one kind of command can follow another in mid-motion.
///
///   joints ──────────────────────────────────────────────► JointGenerator ──► setpoint
///   joints at a time ──► Glide ──────────────────────────►      "   tracks a reference
///   pose ──► PoseGenerator ──► DifferentialIk ───────────►      "   tracks a reference
///   chunk ──► ChunkPlayer ───────────────────────────────►      "   tracks a reference
///
/// Where the joints cannot follow a pose, a chunk or a glide inside their limits, they leave the path, not the limits,
/// and come back to it the fastest way. Real-time safe after construction; one thread.
class MotionSource {
 public:
  /// @throws LogicError for limits that cannot be planned with.
  MotionSource(std::span<const JointLimits> limits, const CycleOptions& options);

  /// Begins anew at rest at q, or on the fastest stop from a motion. Nobody's command is followed.
  void reset(const core::JointVector& q_rad) noexcept;
  void reset(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) noexcept;

  /// Takes a command for joints, a pose or a chunk up. False, and the motion goes on as before, when it cannot be: a
  /// chunk that is late as a whole, a target that moves faster than its budget, no command of these kinds.
  /// @pre is_well_formed(command).
  [[nodiscard]] bool take(const Command& command, const Model& model, core::Nanoseconds now_ns) noexcept;

  /// To rest as fast as the full limits allow; nobody's command is followed.
  void halt() noexcept;

  /// What moves on by itself, a target with a velocity, comes to rest; a point is still gone to. For a commander that
  /// fell silent.
  void hold() noexcept;

  /// The setpoint dt later.
  const Setpoint& step(const Model& model, core::Nanoseconds now_ns, double dt_s) noexcept;

  [[nodiscard]] const Setpoint& setpoint() const noexcept { return joints_.setpoint(); }
  [[nodiscard]] const core::JointVector& target_rad() const noexcept { return joints_.target_rad(); }
  [[nodiscard]] const core::JointVector& lowest_rad() const noexcept { return joints_.lowest_rad(); }
  [[nodiscard]] const core::JointVector& highest_rad() const noexcept { return joints_.highest_rad(); }
  [[nodiscard]] std::size_t dof() const noexcept { return joints_.dof(); }

  /// The setpoint is where the command wants it; under a pose the tool is, and its joints may still drift to a posture.
  [[nodiscard]] bool at_rest() const noexcept;

  [[nodiscard]] CommandKind following() const noexcept { return following_; }
  [[nodiscard]] const ChunkPlayer::Counts& chunk_counts() const noexcept { return chunk_.counts(); }

  /// The posture in which the fastest stop from here would end.
  [[nodiscard]] core::JointVector braking_posture_rad() const noexcept;

 private:
  [[nodiscard]] bool take_joints(const Command& command, core::Nanoseconds now_ns) noexcept;
  void glide_to(const Command& command, core::Nanoseconds now_ns) noexcept;
  [[nodiscard]] bool take_pose(const Command& command, const Model& model) noexcept;
  [[nodiscard]] bool take_chunk(const Command& command, core::Nanoseconds now_ns) noexcept;
  void use_speed(double speed) noexcept;
  [[nodiscard]] bool is_still() const noexcept;

  JointGenerator joints_;
  PoseGenerator poses_;
  DifferentialIk ik_;
  ChunkPlayer chunk_;
  Glide glide_;
  bool gliding_{false};
  core::Nanoseconds stepped_ns_{0};  ///< the instant of the setpoint
  CommandKind following_{CommandKind::kNone};
  bool moving_target_{false};
  bool chunk_has_ended_{false};
  double tool_error_{0.0};  ///< [m; rad], of the virtual arm that goes to a pose
  std::array<AxisBounds, core::kMaxJoints> stopping_{};
  PoseLimits pose_budget_;
  double budget_fraction_;
  double speed_{1.0};
};

}  // namespace takt::control
