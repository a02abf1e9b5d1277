#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "takt/control/arm.hpp"
#include "takt/control/model/model_data.hpp"
#include "takt/realtime/latest.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/robots/sim/countdown.hpp"
#include "takt/robots/sim/pace.hpp"
#include "takt/robots/sim/robot_side.hpp"

namespace takt::robots::sim {

struct SimArmOptions {
  std::string name{};               ///< empty: ModelData::name
  Pace pace{Pace::kRealtime};       ///< in lock-step each wait() is one period
  std::vector<double> start_rad{};  ///< empty: ModelData::home_rad
  bool strict{true};                ///< missed commands end in a fault (see RobotSide)
  unsigned missed_to_fault{20};
  unsigned wait_periods{20};  ///< wait() gives kTimeout after so many periods without a state
  core::Nanoseconds lockstep_start_ns{
      0};                                ///< virtual time of the posture at start(); state k is stamped k periods later
  std::optional<int> fifo_priority{85};  ///< of the thread `sim.<name>`, above the cycle's: it is the arm's clock
};

/// A torque command on its way to the arm; the number tells a new one from one already taken.
struct TorqueDatagram {
  core::JointVector tau_nm;
  std::uint64_t number{0};
};

/// A torque-controlled arm with brakes, simulated in MuJoCo: the arm's controller (RobotSide) behind the two mailboxes
/// that stand for its network, at 1 kHz on the thread `sim.<name>` or in lock-step with the caller.
///
/// The host is not the client: when the simulator's own thread wakes more than half a period late, the host stalled,
/// and neither that period nor the next one counts as missed by the client. Simulated time stands still meanwhile; it
/// never hurries to catch up.
///
/// wait() reports kFault together with a current state while a fault is latched; write() refuses then, and with
/// kNotReady while the brakes are on. A torque beyond a joint's limit is kInvalid.
class SimArm final : public control::Arm {
 public:
  /// @throws ConfigError for a model that cannot be simulated or a start posture of the wrong size.
  explicit SimArm(control::ModelData data, SimArmOptions options = {});
  ~SimArm() override;
  SimArm(const SimArm&) = delete;
  SimArm& operator=(const SimArm&) = delete;

  [[nodiscard]] std::string_view name() const noexcept override { return options_.name; }
  [[nodiscard]] const control::ModelData& model_data() const noexcept override { return data_; }
  [[nodiscard]] core::Nanoseconds period_ns() const noexcept override;
  [[nodiscard]] unsigned bears_missed() const noexcept override { return options_.missed_to_fault; }
  [[nodiscard]] control::Outcome start() noexcept override;
  void stop() noexcept override;
  [[nodiscard]] control::Outcome release_brakes() noexcept override;
  [[nodiscard]] control::Outcome engage_brakes() noexcept override;
  [[nodiscard]] control::Outcome recover() noexcept override;
  [[nodiscard]] control::Outcome wait(control::ArmState& state) noexcept override;
  [[nodiscard]] control::Outcome write(const control::ArmCommand& command) noexcept override;

  /// As made.
  [[nodiscard]] const SimArmOptions& options() const noexcept { return options_; }

  /// What stopped the arm; kNone while it is well. Any thread; real-time safe.
  [[nodiscard]] ArmFault fault() const noexcept { return fault_.load(std::memory_order_acquire); }

  /// Faults on demand. Any thread; real-time safe; each takes effect with the next period.
  void inject_dropped_states(unsigned count) noexcept;  ///< the next states get lost on their way to the client
  void inject_nan_states(unsigned count) noexcept;      ///< the next states have a NaN as first position
  void inject_silence(bool silent) noexcept;  ///< nothing comes through, in either direction, brake commands included
  void inject_error() noexcept;               ///< the arm latches an error of its own

 private:
  enum class BrakeRequest : std::uint8_t { kNone, kRelease, kEngage };
  class Signal;
  void run(const std::stop_token& stop) noexcept;
  void period(bool judged) noexcept;
  void take_requests() noexcept;
  bool publish(core::Nanoseconds stamp_ns) noexcept;
  [[nodiscard]] control::Outcome wait_lockstep(control::ArmState& state) noexcept;
  [[nodiscard]] control::Outcome wait_realtime(control::ArmState& state) noexcept;
  [[nodiscard]] control::Outcome wait_until_recovered() noexcept;
  [[nodiscard]] control::Outcome check(const control::ArmCommand& command) const noexcept;
  [[nodiscard]] control::Outcome deliver(control::ArmState& state) noexcept;
  [[nodiscard]] control::Outcome well_or_fault() const noexcept;

  control::ModelData data_;
  SimArmOptions options_;

  // The stepping thread's own: `sim.<name>`, or the caller's in lock-step.
  RobotSide side_;
  std::uint64_t commands_taken_{0};
  core::Nanoseconds virtual_now_ns_;

  // The network.
  realtime::Latest<control::ArmState> states_;
  realtime::Latest<TorqueDatagram> commands_;
  std::unique_ptr<Signal> state_arrived_;
  std::uint64_t last_sequence_{0};     // the waiting thread's own
  std::uint64_t commands_written_{0};  // the writing thread's own

  std::atomic<BrakeRequest> brake_request_{BrakeRequest::kNone};
  std::atomic<bool> recover_request_{false};
  std::atomic<bool> error_request_{false};
  Countdown drop_states_;
  Countdown nan_states_;
  std::atomic<bool> silent_{false};
  std::atomic<bool> braked_{true};
  std::atomic<bool> started_{false};
  std::atomic<ArmFault> fault_{ArmFault::kNone};
  std::unique_ptr<realtime::RealtimeThread> thread_;
};

}  // namespace takt::robots::sim
