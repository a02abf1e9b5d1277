#pragma once

#include "takt/trajectory/timeline.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

/// What the jaw is called where it is one of an arm's joints.
inline constexpr const char* kGripperJoint = "gripper";

/// Of an arm whose jaw is one of its joints: the trajectory has the gripper's opening instead
/// of that joint, as datasets of such arms often have.
[[nodiscard]] bool lacks_gripper_joint(const Trajectory& trajectory, const ArmDescription& arm);

/// With that joint, at its place: q = closed + opening·(open − closed), between the ends of the joint's range; openings
/// beyond 0 … 1 are taken as these. The opening stays; velocities go, since the jaw has none.
/// @pre lacks_gripper_joint(). @throws ConfigError when the joint's range is not finite.
[[nodiscard]] Trajectory with_gripper_joint(const Trajectory& trajectory, const ArmDescription& arm);

}  // namespace takt::trajectory
