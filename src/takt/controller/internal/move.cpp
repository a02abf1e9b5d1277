#include "takt/controller/internal/move.hpp"

#include <cmath>
#include <cstdint>
#include <string>

#include "takt/async/tasks/every.hpp"
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

bool takes_commands(const CycleState& state) noexcept {
  return state.mode == CycleMode::kRunning || state.mode == CycleMode::kHolding;
}

class Journey {
 public:
  Journey(const ArmController& controller, const control::TargetTerms& terms, std::uint64_t command_before,
          const MoveOptions& options) noexcept
      : controller_(controller), terms_(terms), command_before_(command_before), options_(options) {}

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
      return state.at_rest && takes_commands(state) &&
             core::max_abs_difference(state.measured.q_rad, state.setpoint.q_rad) <= options_.tolerance_rad;
    }
    if (followed_ || was_passed_over(state)) {
      throw_lost(state);
    }
    return false;
  }

  /// Nobody else's command is followed: to halt is ours.
  [[nodiscard]] bool is_ours_to_halt() const {
    const CycleState state = controller_.state();
    return is_followed(state) || state.command <= command_before_;
  }

 private:
  [[nodiscard]] bool is_followed(const CycleState& state) const noexcept {
    return state.command > command_before_ && state.command_stamp_ns == terms_.stamp_ns &&
           state.epoch == terms_.epoch && state.following != control::CommandKind::kNone;
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
    const std::string whose = "move: " + controller_.name();
    if (state.following == control::CommandKind::kNone || state.command <= command_before_) {
      throw DeviceError(whose + " was halted on the way, by a halt, a guard of the cycle, or another law");
    }
    if (state.epoch != terms_.epoch) {
      throw NotCommanderError(whose + " is commanded by somebody else now (lease epoch " + std::to_string(state.epoch) +
                              ", this was " + std::to_string(terms_.epoch) + ")");
    }
    throw DeviceError(whose + " follows another command now, which was set after this one");
  }

  const ArmController& controller_;
  control::TargetTerms terms_;
  std::uint64_t command_before_;
  MoveOptions options_;
  bool followed_{false};
  std::uint64_t free_since_{0};  ///< the first of the cycles in a row that were seen to take commands
};

}  // namespace

async::Task<void> await_arrival(ArmController& controller, control::TargetTerms terms, std::uint64_t command_before,
                                MoveOptions options) {
  Journey journey(controller, terms, command_before, options);
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
