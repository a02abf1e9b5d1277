#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "takt/control/model/model_data.hpp"
#include "takt/realtime/latest.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/robots/robot.hpp"
#include "takt/robots/sim/countdown.hpp"
#include "takt/robots/sim/half_duplex_bus.hpp"
#include "takt/robots/sim/pace.hpp"
#include "takt/robots/sim/servo_side.hpp"

namespace takt::robots::sim {

struct SimServoArmOptions {
  std::string name{};  ///< empty: ModelData::name
  Pace pace{Pace::kRealtime};
  std::vector<double> start_rad{};  ///< empty: ModelData::home_rad; a recording's first row suits
  ServoGains servo{};
  BusOptions bus{};                        ///< takes no time in lock-step, whatever it says here
  std::size_t read_block_bytes{6};         ///< asked of each servo: 2 position; 6 and speed, load; 15 all it has
  std::optional<int> fifo_priority{85};    ///< of the thread `sim.<name>`
  core::Nanoseconds lockstep_start_ns{0};  ///< virtual time at start()
};

/// Goals on their way to the servos; the number tells new ones from those already taken.
struct GoalDatagram {
  core::JointVector q_rad;
  std::uint64_t number{0};
};

/// An arm of position servos on one half-duplex bus, simulated in MuJoCo at 1 kHz on the thread `sim.<name>` (or, in
/// lock-step, by `advance_ns`). Made for the SO-101 (six STS3215 at 1 Mbit/s).
///
/// * Every joint of the model, the jaw too, is one of joint_positions [rad]. gripper_position is reported besides, as
/// the
///   last joint's place in its range (0 … 1), and not read by `write`.
/// * `read` is one sync_read: 8 + n bytes out, n replies of 6 + block bytes back (six servos, positions alone: 62
/// bytes,
///   0.62 ms; with speed and load 86 bytes, 0.86 ms). `write` is one sync_write of goal positions, 8 + 3n bytes (0.26
///   ms). They share the bus and wait for each other, at most BusOptions::longest_wait_ns (BusyError).
/// * Goals outside a joint's limits are clamped, as the servo's own limit registers do it; positions come and go in
/// encoder
///   steps (4096 per turn).
/// * The arm has no brakes. `stop` and `safe_stop` bring it to rest, jerk-limited, and leave its torque on: without it
/// the
///   arm would fall. `start` after `stop` clears a fault.
class SimServoArm final : public Robot {
 public:
  /// @throws ConfigError for a model that cannot be simulated or a start posture of the wrong size.
  explicit SimServoArm(control::ModelData data, SimServoArmOptions options = {});
  ~SimServoArm() override;
  SimServoArm(const SimServoArm&) = delete;
  SimServoArm& operator=(const SimServoArm&) = delete;

  [[nodiscard]] const RobotInfo& info() const noexcept override { return info_; }
  void start() override;
  void stop() noexcept override;
  void read(messages::RobotState& state) override;
  void write(const messages::RobotState& target) override;
  void halt() noexcept override;
  void safe_stop(const std::string& reason) noexcept override;
  [[nodiscard]] RobotHealth health() const noexcept override;
  [[nodiscard]] std::string fault() const override;

  /// Lets virtual time pass, in whole periods of 1 ms. Lock-step only (LogicError otherwise); not together with other
  /// calls.
  void advance_ns(core::Nanoseconds duration_ns);

  /// Faults on demand. Any thread.
  void inject_lost_replies(unsigned count) noexcept;    ///< the next reads throw: a servo did not answer
  void inject_failing_writes(unsigned count) noexcept;  ///< the next writes throw

  [[nodiscard]] const HalfDuplexBus& bus() const noexcept { return bus_; }
  /// Periods that its own thread was late for, and that never were: the arm stood still. Any thread.
  [[nodiscard]] std::uint64_t missed_periods() const noexcept { return missed_.load(std::memory_order_relaxed); }

 private:
  void run(const std::stop_token& stop) noexcept;
  void period() noexcept;
  void come_to_rest() noexcept;
  void require_running(const char* what) const;
  void fill(const ServoReading& reading, messages::RobotState& state) const;
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept;

  control::ModelData data_;
  SimServoArmOptions options_;
  RobotInfo info_;
  HalfDuplexBus bus_;

  // The stepping thread's own: `sim.<name>`, or the caller's in lock-step.
  ServoSide side_;
  std::uint64_t goals_taken_{0};

  // Between the bus's ends.
  realtime::Latest<ServoReading> readings_;
  realtime::Latest<GoalDatagram> goals_;
  std::uint64_t goals_written_{0};  // the writing thread's own

  std::atomic<core::Nanoseconds> virtual_now_ns_;
  std::atomic<std::uint64_t> halt_request_{0};  // 0: none; else one more than the number of the last goal it ends
  std::atomic<bool> at_rest_{true};
  std::atomic<bool> running_{false};
  std::atomic<bool> faulted_{false};
  std::atomic<std::uint64_t> missed_{0};
  Countdown lost_replies_;
  Countdown failing_writes_;
  mutable std::mutex fault_mutex_;  // guards fault_ alone; never taken by the stepping thread
  std::string fault_;
  std::unique_ptr<realtime::RealtimeThread> thread_;
};

}  // namespace takt::robots::sim
