#pragma once

#include "takt/async/tasks/task.hpp"
#include "takt/control/target.hpp"
#include "takt/controller/arm_controller.hpp"
#include "takt/controller/targets.hpp"

/// Internal to controller.
namespace takt::controller::internal {

/// Waits until a command for joints or a pose at rest, submitted just now, has been carried out: the half of
/// ArmController::move that both controllers have in common. Looks once per millisecond of the loop's clock.
///
/// @param controller  outlives the task. @param command_before  CycleState::command before it was submitted
/// @throws FaultError, NotRunningError; NotCommanderError when the lease has passed on; DeviceError when another command
/// or a halt took its place; what state() throws. Cancellation: halts, if the command is still followed, then Cancelled.
[[nodiscard]] async::Task<void> await_arrival(ArmController& controller, control::TargetTerms terms,
                                              std::uint64_t command_before, MoveOptions options);

}  // namespace takt::controller::internal
