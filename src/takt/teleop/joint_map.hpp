#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/core/joint_vector.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/teleop/limit_policy.hpp"

namespace takt::teleop {

/// The positions that a joint may be sent to [rad].
struct PositionRange {
  double min_rad{0.0};
  double max_rad{0.0};

  friend bool operator==(const PositionRange&, const PositionRange&) = default;
};

/// gripper' = clamp(scale·gripper + offset, 0, 1).
struct GripperMap {
  double scale{1.0};
  double offset{0.0};

  friend bool operator==(const GripperMap&, const GripperMap&) = default;
};

/// How a leader's joints become a follower's, N = the follower's (destination) joint count. Every list is optional:
/// empty means identity, except that `reindex` must be given where the joint counts differ.
struct JointMapOptions {
  std::vector<int> reindex{};   ///< N entries: destination i takes source reindex[i]; −1: none, i starts from 0
  std::vector<double> scale{};  ///< N factors; or
  std::vector<std::vector<double>> matrix{};  ///< N rows of N: mixes the reindexed joints. Not both.
  std::vector<double> offset_rad{};           ///< N
  GripperMap gripper{};
  std::vector<PositionRange> limits{};  ///< N; empty: not limited
  LimitPolicy limit_policy{LimitPolicy::kReject};

  friend bool operator==(const JointMapOptions&, const JointMapOptions&) = default;
};

/// What is wrong with a map's options: for the reader of a configuration file, who knows file and line.
struct JointMapProblem {
  std::string field;  ///< "reindex[2]", "matrix", …
  std::string what;
};

/// What became of a message.
enum class MapOutcome : std::uint8_t {
  kOk,
  kClamped,          ///< at least one joint was put on its limit; MapResult::joint is the first
  kLimit,            ///< blocked: MapResult::joint is the first joint beyond its limit
  kWrongJointCount,  ///< blocked: the message has not the source's joint count
  kNotFinite,        ///< blocked: NaN or infinity in a position, velocity or the gripper, or made by the map
};

struct MapResult {
  MapOutcome outcome{MapOutcome::kOk};
  std::size_t joint{0};  ///< destination joint, with kClamped and kLimit

  /// Whether the destination may have the message.
  [[nodiscard]] bool passed() const noexcept { return outcome == MapOutcome::kOk || outcome == MapOutcome::kClamped; }
  friend bool operator==(const MapResult&, const MapResult&) = default;
};

/// Joint-space conversion from a leader to a follower, always in this order:
///
///   1. reindex   v_i = q[reindex[i]], 0 where nothing is mapped
///   2. linear    w = M·v, or w_i = scale_i·v_i
///   3. offset    p_i = w_i + offset_i
///   4. gripper   g' = clamp(scale·g + offset, 0, 1)
///   5. limits    min_i ≤ p_i ≤ max_i: block the whole message, or clamp
///
/// A value, constant after construction; any number of threads may apply it. Real-time safe: no heap, no lock, no
/// throw.
class JointMap {
 public:
  /// The first thing that is wrong with these options, if any; the constructor throws exactly then.
  [[nodiscard]] static std::optional<JointMapProblem> find_problem(const JointMapOptions& options,
                                                                   std::size_t source_joints,
                                                                   std::size_t destination_joints);

  /// @throws LogicError naming field and values: a list of the wrong size, an index that names no source joint, a map
  ///         that names no joint at all, scale beside matrix, a number that is not finite, min above max.
  JointMap(const JointMapOptions& options, std::size_t source_joints, std::size_t destination_joints);

  /// Converts `in`; `out` may be the same object. When the message passes, out is `in` (stamps, ids, hops, extras) with
  /// the destination's positions, velocities (where `in` has them: M·dq, 0 for a clamped joint) and gripper, and
  /// without efforts and end-effector pose, which are the source's own. When it is blocked, `out` is not touched.
  MapResult apply(const messages::RobotState& in, messages::RobotState& out) const noexcept;

  [[nodiscard]] std::size_t source_joints() const noexcept { return source_joints_; }
  [[nodiscard]] std::size_t destination_joints() const noexcept { return destination_joints_; }

 private:
  [[nodiscard]] core::JointVector linear(const core::JointVector& source) const noexcept;
  [[nodiscard]] MapResult limit(core::JointVector& positions, core::JointVector& velocities) const noexcept;

  std::size_t source_joints_;
  std::size_t destination_joints_;
  std::array<int, core::kMaxJoints> reindex_{};
  core::JointVector scale_;                                   ///< used when matrix_ is empty
  std::array<core::JointVector, core::kMaxJoints> matrix_{};  ///< rows
  bool mixes_{false};                                         ///< use matrix_, not scale_
  core::JointVector offset_rad_;
  core::JointVector min_rad_;
  core::JointVector max_rad_;
  GripperMap gripper_;
  LimitPolicy limit_policy_;
};

}  // namespace takt::teleop
