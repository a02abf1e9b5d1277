#pragma once

#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Where the joints should be now, and how they should be moving. All three have the same size, or are empty.
struct Setpoint {
  core::JointVector q_rad;
  core::JointVector dq_rad_s;
  core::JointVector ddq_rad_s2;
};

}  // namespace takt::control
