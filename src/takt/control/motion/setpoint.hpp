#pragma once

#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Where a law shall bring the arm in this period, and how it moves there. A value, trivially copyable; the generator
/// that makes it keeps the three consistent (each the time derivative of the one before) and inside the arm's limits.
struct Setpoint {
  core::JointVector q_rad;
  core::JointVector dq_rad_s;
  core::JointVector ddq_rad_s2;
};

}  // namespace takt::control
