#pragma once

#include <cstdint>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// What an arm says of itself once per period. A value, trivially copyable.
struct ArmState {
  core::Nanoseconds stamp_ns{0};  ///< CLOCK_MONOTONIC, when this host received or made it
  std::uint64_t sequence{0};      ///< the arm's own count of periods; a step > 1 is a lost state
  core::JointVector q_rad;
  core::JointVector dq_rad_s;
  core::JointVector tau_nm;          ///< measured joint torque, gravity excluded where the arm compensates it
  double command_success_rate{0.0};  ///< fraction of the last 100 periods that got a command in time
  bool brakes_engaged{true};
};

}  // namespace takt::control
