#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "takt/control/arm.hpp"
#include "takt/control/model/model_data.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/robots/sim/mujoco_world.hpp"

namespace takt::robots::sim {

/// Why a simulated arm has stopped itself.
enum class ArmFault : std::uint8_t {
  kNone,
  kCommunicationConstraintsViolation,  ///< too many periods in a row without a command
  kInjected,                           ///< a test or a user asked for it
  kDiverged,                           ///< the simulation itself broke down
};

/// "communication_constraints_violation" and so on, as the arm's maker spells them; empty for kNone. Real-time safe.
[[nodiscard]] std::string_view to_string(ArmFault fault) noexcept;

struct RobotSideOptions {
  std::vector<double> start_rad{};  ///< empty: ModelData::home_rad
  bool strict{true};                ///< missed commands end in a fault, as on the real arm
  unsigned missed_to_fault{20};     ///< so many missed in a row
  unsigned release_periods{3};      ///< from release_brakes() to open brakes
};

/// The controller inside a torque-driven arm, simulated: what happens behind the arm's network socket in each period of
/// 1 ms. No thread and no clock of its own; one thread at a time; `step` is real-time safe.
///
/// * It adds gravity compensation to the commanded torque. A period without a new command repeats the last torque.
/// * Brakes: engaged at first. Engaged means locked: every joint stops within one period and stays exactly there, with
/// no
///   torque. Released, the arm carries itself (torque 0) until commands come.
/// * While the brakes are open each period counts as answered or missed. `missed_to_fault` misses in a row are a
///   communication_constraints_violation: fault latched, ramp to rest, brakes.
/// * Ramp to rest: τ = −M(q)·q̇ / 20 ms, within the torque limits, until every joint is slower than 0.01 rad/s or 0.5 s
///   have passed; then the brakes lock.
class RobotSide {
 public:
  /// What one period brought from the client.
  struct Period {
    const core::JointVector* command{nullptr};  ///< new torque [N·m], dof values; nullptr: none came
    bool judged{true};                          ///< false: the host stalled, so a missing command is nobody's fault
  };

  /// @throws ConfigError for a model that cannot be simulated, or a start posture of the wrong size.
  RobotSide(const control::ModelData& data, RobotSideOptions options);

  /// False, and nothing done, while a fault is latched.
  bool release_brakes() noexcept;
  void engage_brakes() noexcept;

  /// Latches a fault and begins the ramp to rest (brakes at once when the simulation diverged).
  void latch(ArmFault fault) noexcept;

  /// Clears the fault; false while the arm still moves. Brakes stay on.
  bool recover() noexcept;

  void step(const Period& period) noexcept;

  /// After the last step. stamp_ns is the caller's business and 0 here.
  [[nodiscard]] const control::ArmState& state() const noexcept { return state_; }
  [[nodiscard]] ArmFault fault() const noexcept { return fault_; }
  [[nodiscard]] MujocoWorld& world() noexcept { return world_; }

 private:
  enum class Mode : std::uint8_t { kBraked, kReleasing, kRunning, kStopping };

  void step_running(const Period& period) noexcept;
  void step_stopping() noexcept;
  void drive(const core::JointVector& torque_nm) noexcept;
  void count(bool answered) noexcept;
  void fill_state() noexcept;
  [[nodiscard]] double success_rate() const noexcept;

  static constexpr std::size_t kRateWindow = 100;

  RobotSideOptions options_;
  MujocoWorld world_;
  core::JointVector torque_limit_nm_;
  core::JointVector torque_nm_;
  control::ArmState state_;
  std::bitset<kRateWindow> answered_;
  std::size_t counted_{0};
  unsigned missed_in_a_row_{0};
  unsigned periods_in_mode_{0};
  ArmFault fault_{ArmFault::kNone};
  Mode mode_{Mode::kBraked};
};

}  // namespace takt::robots::sim
