#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include <Eigen/Core>

#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::controller {

using Duration = std::chrono::nanoseconds;

/// Where the joints shall be. With a velocity: there now, and moving on like this.
struct Joints {
  core::JointVector q_rad;
  core::JointVector dq_rad_s{};  ///< empty: at rest
};

/// Where the tool centre point shall be, in the base frame; with a twist: there now, and moving on like this.
struct ToolPose {
  core::Pose X_BE{core::Pose::Identity()};
  Eigen::Vector3d v_m_s{Eigen::Vector3d::Zero()};    ///< along the axes of B
  Eigen::Vector3d w_rad_s{Eigen::Vector3d::Zero()};  ///< along the axes of B
};

/// Joint torques beside gravity, for a law that takes them (JointTorque). Valid for one second at most: no arm is
/// pushed on and on by what a program wanted that is gone. Where the arm's torque rate keeps a joint from its own at
/// once, the others wait for it as far as that serves the motion.
struct Torques {
  core::JointVector tau_nm;
};

/// Anything that an arm can be sent to. Converts from what it holds, and from bare joint positions and poses:
///
///   controller.set(core::JointVector{0, -0.78, 0, -2.36, 0, 1.57, 0.78});
///   controller.set(X_BE, {.valid_for = 100ms});
///
/// One number per joint of the arm; units are in the names. A value; what it says is checked where it is used.
class Target {
 public:
  using Variant = std::variant<Joints, ToolPose, Torques>;
  Target(Joints joints) noexcept : variant_(joints) {}                          // NOLINT(google-explicit-constructor)
  Target(const core::JointVector& q_rad) noexcept : variant_(Joints{q_rad}) {}  // NOLINT(google-explicit-constructor)
  Target(const ToolPose& pose) : variant_(pose) {}                              // NOLINT(google-explicit-constructor)
  Target(const core::Pose& X_BE) : variant_(ToolPose{.X_BE = X_BE}) {}          // NOLINT(google-explicit-constructor)
  Target(const Torques& torques) noexcept : variant_(torques) {}                // NOLINT(google-explicit-constructor)

  [[nodiscard]] const Variant& variant() const noexcept { return variant_; }

 private:
  Variant variant_;
};

struct TargetOptions {
  /// Fresh for this long after `stamp_ns`, a chunk for as long after its last action, if that is later; then stale
  /// (ArmController), unless something fresher came. None: ControllerOptions::valid_for.
  std::optional<Duration> valid_for{};
  /// CLOCK_MONOTONIC of the observation behind it; 0: now.
  core::Nanoseconds stamp_ns{0};
};

struct MoveOptions {
  double speed{1.0};           ///< 0.001 … 1 of the budgets
  double tolerance_rad{0.02};  ///< measured joints this close to the target have arrived
};

/// One of a policy's timed actions: joint positions, or a pose, at an instant.
struct TimedAction {
  core::Nanoseconds due_ns{0};  ///< CLOCK_MONOTONIC
  std::variant<core::JointVector, core::Pose> target{};
};

/// What a policy wants for the next moments: 1 … control::kMaxActions (64) actions by rising time.
struct ActionChunk {
  std::vector<TimedAction> actions;

  /// Evenly timed: actions[k] is due at start + k·step.
  template <class T>
  [[nodiscard]] static ActionChunk evenly(core::Nanoseconds start_ns, Duration step, const std::vector<T>& targets) {
    ActionChunk chunk;
    for (std::size_t k = 0; k < targets.size(); ++k) {
      chunk.actions.push_back(
          {.due_ns = start_ns + static_cast<core::Nanoseconds>(k) * step.count(), .target = targets[k]});
    }
    return chunk;
  }
};

}  // namespace takt::controller
