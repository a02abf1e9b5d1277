#pragma once

#include <vector>

#include "takt/control/laws/law.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// What happens in a run. Vectors may stay empty: home, and nothing.
struct RunLawOptions {
  double duration_s{1.0};  ///< at most 600
  double event_s{0.1};     ///< when setpoint, wrench and torque change

  core::JointVector start_rad{};      ///< where arm and setpoint rest until then
  core::JointVector goal_rad{};       ///< where the setpoint jumps to
  Vector6 push{Vector6::Zero()};      ///< the wrench that then acts at the tool, along the base's axes
  core::JointVector tau_target_nm{};  ///< what a commander then asks of JointTorqueLaw

  double period_s{1e-3};
  int delay_periods{1};            ///< how late a torque reaches the arm, at most 10
  double position_noise_rad{0.0};  ///< standard deviation of the measured q, and below of q̇
  double velocity_noise_rad_s{0.0};
  unsigned seed{1};
};

/// One period: what the law saw and wanted.
struct LawRunRow {
  double time_s{0.0};
  core::JointVector q_rad;
  core::JointVector dq_rad_s;
  core::JointVector setpoint_rad;
  core::JointVector tau_nm;  ///< within the torque limits
};

/// The jump from start to goal as one number, 0 at the start and 1 at the goal: (q − start)·(goal − start) / |goal −
/// start|². Not a number where there is no jump, or where the run ended before.
struct LawRunSummary {
  bool completed{false};   ///< false: the law refused its input or gave a torque that is not finite, and the run ended
  double rise_s{0.0};      ///< from 0.1 to 0.9
  double overshoot{0.0};   ///< ≥ 0, of the jump
  double settling_s{0.0};  ///< after the event, until it stays within 0.02 of 1
  double steady_error_rad{0.0};  ///< of the joint that is furthest off the setpoint at the end
  double steady_error_m{0.0};    ///< of the tool's position
  double peak_torque_nm{0.0};
  double saturated_share{0.0};  ///< of all periods in which a torque was limited
};

struct LawRun {
  std::vector<LawRunRow> rows;
  LawRunSummary summary;
};

/// Steps a law that believes in `believed` on an OfflineArm of `plant`: the same arm, detuned, loaded or rubbing as the
/// caller made it. Resets the law first. Torques are cut to the believed limits, their rate is not. Under a law whose
/// reference is the measured state the setpoint follows the arm. @throws LogicError for options that do not fit the
/// models, are not finite or out of range.
[[nodiscard]] LawRun run_law(Law& law, const Model& believed, const Model& plant, const RunLawOptions& options);

/// Joint positions near `start_rad` whose tool pose lies `step` = [Δp; rotation vector], along the base's axes, from
/// the one there. @throws ConfigError when the arm does not reach it within its limits.
[[nodiscard]] core::JointVector goal_of_tool_step(const Model& model, const core::JointVector& start_rad,
                                                  const Vector6& step);

}  // namespace takt::control
