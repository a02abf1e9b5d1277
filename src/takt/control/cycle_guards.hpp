#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "takt/control/arm.hpp"
#include "takt/control/cycle_options.hpp"
#include "takt/control/fault.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/control/motion/setpoint.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Looks at every measured state before anything is computed from it. Real-time safe after construction; one thread.
class StateGuard {
 public:
  /// @param max_lost_states  between two states; of more the guard says kLostStates
  StateGuard(std::vector<JointLimits> limits, const CycleOptions& options, core::Nanoseconds period_ns,
             std::uint64_t max_lost_states);

  /// Forgets the state before, and a tracking error that has begun.
  void restart() noexcept;

  /// The first thing that is wrong with the state; kNone when it may be used.
  [[nodiscard]] FaultReport check(const ArmState& state) noexcept;

  /// A tracking error that has lasted too long; kNone otherwise. Call once per state.
  [[nodiscard]] FaultReport check_tracking(const ArmState& state, const Setpoint& setpoint) noexcept;

  /// How many periods the state last checked is after the one before; 1 at first.
  [[nodiscard]] std::uint64_t periods() const noexcept { return periods_; }

  /// True when a state can be computed with at all: size and numbers.
  [[nodiscard]] bool usable(const ArmState& state) const noexcept;

  [[nodiscard]] const std::vector<JointLimits>& limits() const noexcept { return limits_; }

 private:
  [[nodiscard]] FaultReport check_order(const ArmState& state) noexcept;
  [[nodiscard]] FaultReport check_limits(const ArmState& state) const noexcept;

  std::vector<JointLimits> limits_;
  core::Nanoseconds period_ns_;
  double tracking_error_rad_;
  core::Nanoseconds tracking_error_ns_;
  double position_tolerance_rad_;
  double velocity_tolerance_;
  std::uint64_t max_lost_states_;

  bool first_{true};
  std::uint64_t last_sequence_{0};
  core::Nanoseconds last_stamp_ns_{0};
  core::Nanoseconds lacking_ns_{0};  ///< by which the stamps fell behind the periods
  std::uint64_t periods_{1};
  core::Nanoseconds straying_since_ns_{0};
  bool straying_{false};
};

/// Keeps commanded torques within |τ_i| ≤ τ_max,i and |Δτ_i| ≤ τ̇_max,i · T. Real-time safe after construction; one
/// thread.
class TorqueLimiter {
 public:
  TorqueLimiter(const std::vector<JointLimits>& limits, core::Nanoseconds period_ns);

  /// Begins again at zero torque.
  void restart() noexcept;

  struct Applied {
    bool clipped{false};
    bool rate_limited{false};
  };
  /// Limits in place, each joint on its own. @pre finite and of the joints' number.
  Applied apply(core::JointVector& tau_nm) noexcept;

  /// The same for the torques of a law, a commander's among them, together: where the rate keeps a joint from its
  /// torque, the others wait for it as far as that serves the motion. Of all τ on the way from the last to the wanted
  /// ones, within the limits, it is that whose accelerations are least off (Gauss's principle of least constraint),
  ///
  ///   min (τ − τ_wanted)ᵀ M(q)⁻¹ (τ − τ_wanted),   τ_wanted: `tau_nm` as given, cut to its limit,
  ///
  /// as near as twenty sweeps of projected Gauss–Seidel come from where each joint on its own would be. That alone
  /// would lose what is asked of two joints against each other as long as both have a long way to go the same way:
  /// where the axes of an FR3's joints 1 and 3 meet, spring and damper of 0.016 kg·m².
  ///
  /// It is the least of this period, from where the torques are; over several periods a light joint may wait longer
  /// than it would alone. Torques too large to reckon with are limited each on its own. @pre as above, for the model's
  /// joints
  Applied apply(core::JointVector& tau_nm, const Model& model, const core::JointVector& q_rad) noexcept;

 private:
  static void make_least_off(core::JointVector& tau_nm, const core::JointVector& before_nm,
                             const core::JointVector& wanted_nm, const JointMatrix& M) noexcept;

  core::JointVector most_nm_;
  core::JointVector most_step_nm_;
  core::JointVector last_nm_;
};

}  // namespace takt::control
