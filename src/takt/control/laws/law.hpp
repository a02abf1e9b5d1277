#pragma once

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
  const Model& model;           ///< what the cycle believes of the arm
  core::Nanoseconds period_ns;  ///< nominal time until the next call
};

/// Turns a measured state and a setpoint into joint torques, once per period, on the cycle's thread.
///
/// A law says what torque it wants; the cycle saturates it to the arm's limits, and the arm adds gravity compensation.
class Law {
 public:
  virtual ~Law() = default;

  /// Short name without blanks ("joint_impedance"), for reports.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Writes the desired joint torques [N·m], gravity excluded. Real-time safe. When the input does not fit the law
  /// (joint counts differ), tau_nm is left empty, which every Arm refuses and the cycle takes for a fault.
  virtual void step(const LawInput& input, core::JointVector& tau_nm) noexcept = 0;
};

}  // namespace takt::control
