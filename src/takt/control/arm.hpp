#pragma once

#include <cstdint>
#include <string_view>

#include "takt/control/model/arm_state.hpp"
#include "takt/control/model/model_data.hpp"
#include "takt/control/motion/outcome.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// What an arm is told once per period.
struct ArmCommand {
  core::JointVector tau_nm;  ///< desired joint torque; the arm adds gravity compensation itself
};

/// The 1 kHz device behind a Cycle: a torque-controlled arm with brakes, whose own clock gives the beat.
///
/// Calls come from one thread at a time (the cycle's), and a real-time safe implementation keeps `wait` and `write`
/// free of allocation, locks and throws. An Arm starts with its brakes on and must put them on itself when it loses its
/// master.
class Arm {
 public:
  virtual ~Arm() = default;

  /// Short name without blanks ("fr3"); names the thread and the topics.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Kinematics, inertia, limits and home, as the arm itself states them. Valid as long as the Arm.
  [[nodiscard]] virtual const ModelData& model_data() const noexcept = 0;

  /// The arm's period [ns]; 1 ms for all that takt drives today.
  [[nodiscard]] virtual core::Nanoseconds period_ns() const noexcept = 0;

  /// How many periods in a row the arm bears without a command before it stops of itself; 20 for a Franka arm
  /// (communication_constraints_violation). As many states in a row may be missing before that is a fault of a cycle.
  [[nodiscard]] virtual unsigned bears_missed() const noexcept { return 20; }

  /// Begins the exchange: states flow after it. Brakes stay on. Not real-time safe.
  [[nodiscard]] virtual Outcome start() noexcept = 0;

  /// Ends the exchange; puts the brakes on first when they are off. Not real-time safe; may be called at any time.
  virtual void stop() noexcept = 0;

  /// Brakes off (the arm then holds itself against gravity) and on. Real-time safe; takes effect within a few periods,
  /// as ArmState::brakes_engaged shows.
  [[nodiscard]] virtual Outcome release_brakes() noexcept = 0;
  [[nodiscard]] virtual Outcome engage_brakes() noexcept = 0;

  /// Clears an error the arm latched. kOk when it may start again. Not real-time safe.
  [[nodiscard]] virtual Outcome recover() noexcept = 0;

  /// Blocks until the next state, at most a few periods (kTimeout). Real-time safe.
  [[nodiscard]] virtual Outcome wait(ArmState& state) noexcept = 0;

  /// The command for the state that wait() gave last. Never blocks. Real-time safe.
  [[nodiscard]] virtual Outcome write(const ArmCommand& command) noexcept = 0;
};

}  // namespace takt::control
