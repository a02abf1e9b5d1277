#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "takt/control/lease.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

inline constexpr core::Nanoseconds kValidForever = std::numeric_limits<core::Nanoseconds>::max();

/// A torque is no target that somebody may be left with: it is good for this long at most.
inline constexpr core::Nanoseconds kLongestTorque_ns = 1'000'000'000;

/// What every target carries beside where to go.
struct TargetTerms {
  core::Nanoseconds stamp_ns{0};        ///< CLOCK_MONOTONIC of the measurement or decision behind it
  core::Nanoseconds valid_until_ns{0};  ///< 0: stamp and the cycle's FreshnessPolicy; kValidForever: always fresh
  LeaseEpoch epoch{0};                  ///< of the commander's lease; looked at where the cycle has a Lease
  double speed{1.0};                    ///< 0.001 … 1 of the cycle's budgets, until the next target

  friend bool operator==(const TargetTerms&, const TargetTerms&) = default;
};

/// The furthest ahead of its stamp that a JointTarget may be due.
inline constexpr core::Nanoseconds kLongestLead_ns = 1'000'000'000;

/// Where the joints shall be. With a velocity: the target is there at the moment it is taken up and moves on. With a
/// time as well: it is there then, and is gone to so as to meet it (Glide); for targets that come in a row.
struct JointTarget {
  core::JointVector q_rad;
  core::JointVector dq_rad_s{};  ///< empty: to rest
  core::Nanoseconds due_ns{0};   ///< CLOCK_MONOTONIC, at most kLongestLead_ns after the stamp; 0: as soon as can be
  TargetTerms terms{};
};

/// Where the tool centre point E shall be, in the base frame B, and how that target moves on.
struct PoseTarget {
  std::array<double, 7> X_BE{0, 0, 0, 0, 0, 0, 1};  ///< [x y z qx qy qz qw] as core::to_array
  std::array<double, 6> V_BE{};                     ///< [m/s], [rad/s] along the axes of B; zeros: to rest
  core::JointVector posture_rad{};                  ///< null-space goal, one solution of the pose; empty: none
  TargetTerms terms{};
};

/// Torques for a law that takes them. Where the torque rate keeps a joint from its own at once, the others wait for it
/// as far as that serves the motion (TorqueLimiter).
struct TorqueTarget {
  core::JointVector tau_nm;
  TargetTerms terms{};
};

/// One timed step of an action chunk.
struct Action {
  core::Nanoseconds due_ns{0};  ///< CLOCK_MONOTONIC, when the joints shall be there
  core::JointVector q_rad;
};
inline constexpr std::size_t kMaxActions = 64;

enum class CommandKind : std::uint8_t { kNone, kJoint, kPose, kTorque, kChunk };

/// What travels from a commander to a cycle, through memory that may be shared between processes: one of the targets
/// above, or a chunk. A value, trivially copyable. Nothing in it is trusted: the cycle checks all of it again.
struct Command {
  CommandKind kind{CommandKind::kNone};
  std::uint32_t count{0};  ///< kChunk: actions that are meant
  TargetTerms terms;
  core::JointVector vector;                 ///< kJoint: position, kTorque: torque, kPose: posture
  core::JointVector velocity;               ///< kJoint
  core::Nanoseconds due_ns{0};              ///< kJoint
  std::array<double, 7> X_BE{};             ///< kPose
  std::array<double, 6> V_BE{};             ///< kPose
  std::array<Action, kMaxActions> actions;  ///< kChunk, by rising due_ns; last, so that a target needs no copy of it

  /// Bytes from the start that carry meaning.
  [[nodiscard]] std::size_t used_bytes() const noexcept;
};
static_assert(std::is_trivially_copyable_v<Command>);

[[nodiscard]] Command to_command(const JointTarget& target) noexcept;
[[nodiscard]] Command to_command(const PoseTarget& target) noexcept;
[[nodiscard]] Command to_command(const TorqueTarget& target) noexcept;

/// Whether a cycle with this range of joint positions can take the command at all: sizes, numbers, range, rotation,
/// times that rise, torques good for kLongestTorque_ns at most. Torques are not compared with limits: the cycle
/// saturates them. Real-time safe.
[[nodiscard]] bool is_well_formed(const Command& command, const core::JointVector& lowest_rad,
                                  const core::JointVector& highest_rad) noexcept;

}  // namespace takt::control
