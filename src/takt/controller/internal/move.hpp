#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "takt/async/tasks/task.hpp"
#include "takt/control/target.hpp"
#include "takt/controller/arm_controller.hpp"
#include "takt/controller/targets.hpp"

/// Internal to controller.
namespace takt::controller::internal {

/// A command for joints or a pose at rest, as it was submitted.
struct Goal {
  control::CommandKind kind{control::CommandKind::kNone};
  core::JointVector q_rad{};     ///< kJoint
  std::array<double, 7> X_BE{};  ///< kPose
  control::TargetTerms terms{};
  std::uint64_t command_before{0};  ///< CycleState::command before it was submitted
};
[[nodiscard]] Goal goal_of(const control::Command& command, const control::CycleState& before) noexcept;

/// Waits until a goal, submitted just now, has been reached: the half of ArmController::move that both controllers have
/// in common. Looks once per millisecond of the loop's clock.
///
/// @param controller         outlives the task.
/// @param require_commander  throws NotCommanderError, naming who commands, when it is not the goal's commander any
/// more.
/// @throws FaultError, NotRunningError; NotCommanderError when the lease has passed on; DeviceError when another
/// command or a halt took its place, or the way ends before the goal; what state() throws. Cancellation: halts, if no
/// other command is followed, then Cancelled.
[[nodiscard]] async::Task<void> await_arrival(ArmController& controller, Goal goal, MoveOptions options,
                                              std::function<void()> require_commander);

}  // namespace takt::controller::internal
