#pragma once

#include <string>

#include "takt/control/model/model_data.hpp"

namespace takt::robots::sim {

/// How the joints of a simulated arm are driven.
enum class Actuation {
  kTorque,    ///< control = joint torque [N·m], unlimited here: the robot's side checks limits and adds gravity
  kPosition,  ///< control = servo goal [rad]
};

/// A position servo as MuJoCo sees it: τ = clamp(kp·(goal − q) − kv·q̇, ±τ_max), with τ_max the joint's torque limit.
/// The motor's back-EMF is ModelData's joint damping and stays outside the clamp.
///
/// The defaults stand for a Feetech STS3215 at 12 V. Its law is unpublished, so they come from recordings of an SO-101
/// (59 Hz, commands and read-back): beside a transport delay the arm follows as a lag of 45 … 70 ms, 55 ms in the
/// middle; its standing error is 0.02 … 0.05 rad where gravity pulls with 0.5 … 1 N·m. The lag of this law is (kv +
/// damping)/kp, and with the published damping of 0.6 N·m·s/rad (2.94 N·m stall torque over 4.7 rad/s no-load speed) kp
/// = 50, kv = 2.15 give 55 ms, an error of 0.01 … 0.02 rad, and a damping ratio of 0.7 … 1.2 over the arm's inertias.
struct ServoGains {
  double kp_nm_rad{50.0};
  double kv_nm_s_rad{2.15};
};

struct SimOptions {
  double timestep_s{1e-3};
  Actuation actuation{Actuation::kTorque};
  ServoGains servo{};  ///< used by Actuation::kPosition only
};

/// The MuJoCo model (MJCF text) of an arm: its chain of bodies, inertias, joint axes, limits as stops, damping, Coulomb
/// friction, rotor inertia, gravity, one actuator per joint, and a site "flange". Contacts are off: the arm has no
/// shapes.
///
/// Every number is written with as many digits as it takes for MuJoCo to read exactly what ModelData holds. Body, joint
/// and actuator i are named after the joint.
///
/// @throws ConfigError naming the model and the joint when the data cannot be simulated (no joints, too many, a value
/// that is
///         not finite, a mass that is not positive, an axis that is not a unit vector, a flange on a link that is not
///         there).
[[nodiscard]] std::string make_mjcf(const control::ModelData& data, const SimOptions& options = {});

}  // namespace takt::robots::sim
