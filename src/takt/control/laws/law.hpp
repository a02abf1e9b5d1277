#pragma once

#include <cstdint>
#include <string_view>

#include "takt/control/model/arm_state.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/motion/setpoint.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// What a law sees in one period. References into the cycle, valid during the call.
struct LawInput {
  const ArmState& measured;
  const Setpoint& setpoint;
  const Model& model;                      ///< what the cycle believes of the arm, tool and payload included
  const core::JointVector& tau_target_nm;  ///< the commander's torque; zeros unless there is a fresh one
  core::Nanoseconds period_ns;             ///< nominal time until the next call
};

/// What a law follows, and so what it lets the arm do.
enum class Reference : std::uint8_t {
  kSetpoint,  ///< the law leads the arm along the setpoint
  kMeasured,  ///< the arm goes where it is led: the setpoint follows it
  kTorque,    ///< a commander's torques while they are fresh, the setpoint following the arm; else the cycle holds it
};

/// Turns a measured state and a setpoint into joint torques, once per period, on the cycle's thread.
///
/// A law says what torque it wants; the cycle adds the payload's weight and saturates it to the arm's limits, and the
/// arm adds its own gravity compensation. Setpoints are joint motions: a law for the tool takes pose, twist and
/// acceleration from the model at the setpoint.
class Law {
 public:
  virtual ~Law() = default;

  /// Short name without blanks ("joint_impedance"), for reports.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  [[nodiscard]] virtual Reference reference() const noexcept { return Reference::kSetpoint; }

  /// Begins anew: integrals to zero, postures to the setpoint's. Called before the first step and whenever the law
  /// takes over. Real-time safe.
  virtual void reset(const LawInput& input) noexcept { static_cast<void>(input); }

  /// Writes the desired joint torques [N·m], gravity excluded. Real-time safe. When the input does not fit the law
  /// (joint counts differ), tau_nm is left empty, which every Arm refuses and the cycle takes for a fault.
  virtual void step(const LawInput& input, core::JointVector& tau_nm) noexcept = 0;
};

}  // namespace takt::control
