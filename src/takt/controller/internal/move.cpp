#include "takt/controller/internal/move.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "takt/async/tasks/every.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"

// A command is known by its stamp and by coming after the commands that were taken up before it. Its life, as states
// show it:
//
//   waiting ──(stamp and count are its own)──► followed ──(at rest, arm within the tolerance)──► arrived
//           ──(the cycle takes commands, and did not take this one)──► lost: overwritten, halted or refused
//                                               followed ──(another is followed, or none)──► lost

namespace takt::controller::internal {
namespace {

using control::CycleMode;
using control::CycleState;

constexpr auto kLook = std::chrono::milliseconds(1);
constexpr std::uint64_t kCyclesToTakeUp = 3;
constexpr double kPoseTolerance_m = 1e-4;  // of the setpoint; the generator itself lands exactly
constexpr double kPoseTolerance_rad = 1e-4;

bool takes_commands(const CycleState& state) noexcept {
  return state.mode == CycleMode::kRunning || state.mode == CycleMode::kHolding;
}

class Journey {
 public:
  Journey(const ArmController& controller, const Goal& goal, const MoveOptions& options,
          std::function<void()> require_commander) noexcept
      : controller_(controller), goal_(goal), options_(options), require_commander_(std::move(require_commander)) {}

  /// True when it has arrived. @throws as await_arrival
  [[nodiscard]] bool look() {
    const control::FaultReport fault = controller_.fault();
    if (fault.fault != control::Fault::kNone) {
      throw fault_error(controller_.name(), fault);
    }
    const CycleState state = controller_.state();
    if (state.mode == CycleMode::kStopped) {
      throw NotRunningError("move: " + controller_.name() + " was stopped on the way");
    }
    if (is_followed(state)) {
      followed_ = true;
      return has_arrived(state);
    }
    if (followed_ || was_passed_over(state)) {
      throw_lost(state);
    }
    return false;
  }

  /// Whether nobody else's command is followed. A controller that has nothing to say any more has nothing to halt.
  [[nodiscard]] bool is_ours_to_halt() const noexcept {
    try {
      const CycleState state = controller_.state();
      return is_followed(state) || state.command <= goal_.command_before;
    } catch (const Error&) {
      return false;
    }
  }

 private:
  [[nodiscard]] bool is_followed(const CycleState& state) const noexcept {
    return state.command > goal_.command_before && state.command_stamp_ns == goal_.terms.stamp_ns &&
           state.epoch == goal_.terms.epoch && state.following != control::CommandKind::kNone;
  }

  [[nodiscard]] bool has_arrived(const CycleState& state) const {
    if (!state.at_rest || state.leashed || !takes_commands(state)) {
      return false;
    }
    if (!is_at_goal(state)) {
      throw DeviceError("move: " + controller_.name() +
                        " came to rest before the goal: the end of a joint's range, or a singularity, is in the way");
    }
    return core::max_abs_difference(state.measured.q_rad, state.setpoint.q_rad) <= options_.tolerance_rad;
  }

  [[nodiscard]] bool is_at_goal(const CycleState& state) const {
    if (goal_.kind == control::CommandKind::kJoint) {
      return state.setpoint.q_rad == goal_.q_rad;
    }
    const core::Pose X_BE = controller_.model().tool_pose(state.setpoint.q_rad);
    const core::Pose X_BG = core::pose_from_array(goal_.X_BE);
    const Eigen::AngleAxisd turn(X_BE.linear().transpose() * X_BG.linear());
    return (X_BE.translation() - X_BG.translation()).norm() <= kPoseTolerance_m && turn.angle() <= kPoseTolerance_rad;
  }

  // It is taken up in the first or second cycle that takes commands at all; seen twice with some between is enough.
  [[nodiscard]] bool was_passed_over(const CycleState& state) noexcept {
    if (!takes_commands(state)) {
      free_since_ = 0;
      return false;
    }
    if (free_since_ == 0) {
      free_since_ = state.cycle;
    }
    return state.cycle >= free_since_ + kCyclesToTakeUp;
  }

  [[noreturn]] void throw_lost(const CycleState& state) const {
    require_commander_();  // who takes over halts first: of the two, that is the reason
    const std::string whose = "move: " + controller_.name();
    if (state.command <= goal_.command_before) {
      throw DeviceError(whose + " was not taken up: a halt or another law came between");
    }
    if (state.following == control::CommandKind::kNone) {
      throw DeviceError(whose + " was halted on the way: " + std::string(control::to_text(state.halt_cause)));
    }
    if (state.epoch != goal_.terms.epoch) {
      throw NotCommanderError(whose + " follows a command of another lease now (epoch " + std::to_string(state.epoch) +
                              ", this was " + std::to_string(goal_.terms.epoch) + ")");
    }
    throw DeviceError(whose + " follows another command now, which was set after this one");
  }

  const ArmController& controller_;
  Goal goal_;
  MoveOptions options_;
  std::function<void()> require_commander_;
  bool followed_{false};
  std::uint64_t free_since_{0};  ///< the first of the cycles in a row that were seen to take commands
};

}  // namespace

Goal goal_of(const control::Command& command, const CycleState& before) noexcept {
  return {.kind = command.kind,
          .q_rad = command.vector,
          .X_BE = command.X_BE,
          .terms = command.terms,
          .command_before = before.command};
}

async::Task<void> await_arrival(ArmController& controller, Goal goal, MoveOptions options,
                                std::function<void()> require_commander) {
  Journey journey(controller, goal, options, std::move(require_commander));
  async::Every tick(nullptr, kLook);
  try {
    while (!journey.look()) {
      static_cast<void>(co_await tick.next());
    }
  } catch (const async::Cancelled&) {
    if (journey.is_ours_to_halt()) {
      controller.halt();
    }
    throw;
  }
}

}  // namespace takt::controller::internal
