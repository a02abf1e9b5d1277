#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "takt/control/cycle.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/robots/robot.hpp"

namespace takt::robots {

/// A 1 kHz arm as teleoperation sees it: a Robot whose `write` sets the target of a control cycle and whose `read`
/// shows what the cycle last measured. Neither blocks or allocates; the cycle's own thread does the work.
///
/// * A target's stamp_ns counts for its freshness (CycleOptions::freshness), so it must come from the same clock as the
///   arm's stamps: CLOCK_MONOTONIC, or the virtual time of an arm in lock-step.
/// * info().limits hold the cycle's own range of targets, which a velocity envelope narrows: whoever clamps to them is
///   never refused. The arm may stand in the margin between that range and its own: targets there are taken as the end
///   of the range, which the arm then goes to from outside. Targets beyond the arm's own range are refused.
/// * A target that says by when (kLeadKey) is met then, with its velocity: a row of them is one motion, and the arm is
///   that much behind. Others are gone to and stopped at.
/// * `start` after a fault and `stop` recovers arm and cycle.
class CycleRobot final : public Robot {
 public:
  /// @throws LogicError when there is no cycle.
  /// @param clock  the clock of the arm's stamps, which outlives the robot: read then refuses states older than 50
  ///   periods. None: states are never too old, as suits an arm in lock-step, whose time stands still between steps.
  explicit CycleRobot(std::unique_ptr<control::Cycle> cycle, const core::Clock* clock = nullptr);
  ~CycleRobot() override;
  CycleRobot(const CycleRobot&) = delete;
  CycleRobot& operator=(const CycleRobot&) = delete;

  [[nodiscard]] const RobotInfo& info() const noexcept override { return info_; }
  void start() override;
  void stop() noexcept override;
  void read(messages::RobotState& state) override;
  void write(const messages::RobotState& target) override;
  void halt() noexcept override { cycle_->halt(); }
  void safe_stop(const std::string& reason) noexcept override;
  [[nodiscard]] RobotHealth health() const noexcept override;
  [[nodiscard]] std::string fault() const override;

  /// For reports: statistics, evidence, mode.
  [[nodiscard]] const control::Cycle& cycle() const noexcept { return *cycle_; }

 private:
  [[nodiscard]] control::JointTarget target_of(const messages::RobotState& target) const noexcept;
  [[nodiscard]] core::JointVector inside(core::JointVector q_rad) const noexcept;
  [[noreturn]] void refuse(control::Outcome outcome, const messages::RobotState& target) const;

  std::unique_ptr<control::Cycle> cycle_;
  const core::Clock* clock_;
  RobotInfo info_;
  std::atomic<bool> started_{false};
  std::atomic<bool> stopped_safely_{false};
  mutable std::mutex reason_mutex_;  // guards reason_ alone; the cycle never takes it
  std::string reason_;
};

}  // namespace takt::robots
