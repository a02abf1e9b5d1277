#pragma once

#include <array>
#include <vector>

#include "takt/control/model/model_data.hpp"
#include "takt/control/motion/joint_generator.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/robots/sim/mujoco_world.hpp"

namespace takt::robots::sim {

/// Steps of a servo's encoder per turn; the number in the middle of its travel, where the joint's zero is.
inline constexpr int kTicksPerTurn = 4096;
inline constexpr int kMiddleTick = 2048;

/// Joint angle to encoder steps, to nearest, within 0 … 4095, and back.
[[nodiscard]] int to_ticks(double q_rad) noexcept;
[[nodiscard]] double to_radians(int ticks) noexcept;

/// What the servos of an arm measure, in their own resolution. A value, trivially copyable.
struct ServoReading {
  core::JointVector q_rad;                    ///< whole encoder steps
  core::JointVector dq_rad_s;                 ///< whole encoder steps per second
  core::JointVector tau_nm;                   ///< thousandths of the stall torque, as a servo reports its load
  std::array<double, 7> end_effector_pose{};  ///< X_BF of the simulated arm as [x y z qx qy qz qw]
};

/// The servos of an arm, simulated: hold a goal each, in MuJoCo. No thread, no clock; one thread at a time; everything
/// but the constructor is real-time safe.
class ServoSide {
 public:
  /// Stands at start_rad (ModelData::home_rad when empty) and holds it. @throws ConfigError for a model that cannot be
  /// simulated, a start posture of the wrong size, or joints without finite velocity, acceleration and jerk limits.
  ServoSide(const control::ModelData& data, const std::vector<double>& start_rad, const ServoGains& gains);

  /// New goals. Each is clamped to its joint's position limits and rounded to encoder steps, as the servo does it.
  void set_goal(const core::JointVector& q_rad) noexcept;

  /// Jerk-limited to rest from the present motion, then hold; ends with the next goal.
  void halt() noexcept;

  /// True from halt() until the arm itself is at rest, or has a new goal.
  [[nodiscard]] bool halting() const noexcept { return halting_; }

  /// One period of 1 ms.
  void step() noexcept;

  [[nodiscard]] ServoReading reading() const noexcept;
  [[nodiscard]] const core::JointVector& goal_rad() const noexcept { return goal_rad_; }
  [[nodiscard]] MujocoWorld& world() noexcept { return world_; }

 private:
  std::vector<control::JointLimits> limits_;
  MujocoWorld world_;
  control::JointGenerator brake_;
  core::JointVector goal_rad_;
  bool halting_{false};
};

}  // namespace takt::robots::sim
