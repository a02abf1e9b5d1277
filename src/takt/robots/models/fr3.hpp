#pragma once

#include "takt/control/model/model_data.hpp"

namespace takt::robots::models {

/// Franka Research 3: seven revolute joints, flange F = link 8, no hand. Base frame B = link 0, z along axis 1.
///
/// Kinematics: Franka's published DH table. Inertials: franka_description robots/fr3/inertials.yaml (Apache-2.0).
/// Capsules and the pairs of links that never touch: franka_description robots/common/franka_arm.xacro and
/// franka_arm.srdf.xacro (version 1.0.1), without a safety distance; no hand.
/// Limits and the position-dependent velocity envelope: the FR3 data sheet's set, which recorded faults of real arms
/// follow. The data sheet's envelope is exact; libfranka subtracts another 1e-3 rad/s from it for its own rounding.
[[nodiscard]] control::ModelData fr3();

}  // namespace takt::robots::models
