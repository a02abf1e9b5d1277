#pragma once

#include "takt/control/model/model_data.hpp"

namespace takt::robots::models {

/// SO-101 follower: shoulder_pan, shoulder_lift, elbow_flex, wrist_flex, wrist_roll and the jaw, gripper. Six STS3215
/// servos.
///
/// Base frame B: the published "baseframe" on the mounting plane, x forward, z up. At q = 0 every joint stands in the
/// middle of its travel (the "new calibration", which LeRobot uses too). The flange F is the published grasp point
/// between the jaws on the wrist_roll link (joint 5), z out of the jaws; the jaw (joint 6) hangs on the same link and
/// does not move F.
///
/// The gripper's opening 0 … 1 (closed … open) maps linearly onto joint 6's range, −0.1745 … 1.7453 rad.
///
/// Kinematics and inertials: TheRobotStudio SO-ARM100, Simulation/SO101/so101_new_calib.urdf (Apache-2.0); damping,
/// friction and rotor inertia: joints_properties.xml beside it.
[[nodiscard]] control::ModelData so101();

}  // namespace takt::robots::models
