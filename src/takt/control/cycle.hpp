#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "takt/control/arm.hpp"
#include "takt/control/cycle_loop.hpp"
#include "takt/control/cycle_options.hpp"
#include "takt/control/cycle_ports.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/laws/law.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/motion/outcome.hpp"
#include "takt/realtime/sentinel.hpp"
#include "takt/realtime/thread.hpp"

namespace takt::control {

/// The 1 kHz promise to one arm, on a real-time thread "rt.<arm>" that waits for nothing but the arm. A resource: owns
/// the arm and the law; destruction stops.
///
/// Commands come through a one-slot mailbox, the state goes out through another; neither side ever waits for the other.
///   hold: the last target stays, powered. halt: jerk-limited to rest, then hold. safe stop: the same with a deadline,
///   then brakes on and the fault latched. A fault after which the arm cannot be led any more closes the brakes at
///   once.
///
/// start, stop and recover take turns (a mutex) and belong to set-up; all else may be called from any thread at any
/// time and is real-time safe where it says noexcept.
class Cycle {
 public:
  /// @param model  what the law believes of the arm; need not be the arm's own data.
  /// @param ports  where commands come from and the state is shown, for a cycle that other processes see; they outlive
  /// the cycle.
  /// @throws LogicError for a missing arm or law, invalid options, infinite limits, or a model that does not fit the
  /// arm.
  Cycle(std::unique_ptr<Arm> arm, std::unique_ptr<Law> law, Model model, CycleOptions options = {},
        const CyclePorts& ports = {});
  ~Cycle();
  Cycle(const Cycle&) = delete;
  Cycle& operator=(const Cycle&) = delete;

  /// Starts the arm, opens its brakes and holds it where it stands; returns when that is so.
  /// @throws DeviceError saying what went wrong (the arm is stopped again, the fault stays latched), LogicError when
  /// running.
  void start();

  /// Halts, closes the brakes and ends. Returns when that is done. Idempotent; a latched fault stays.
  void stop() noexcept;

  /// Stops, clears the fault here and in the arm, and starts again. @throws DeviceError
  void recover();

  /// A command, the latest wins; any thread. kInvalid: not well formed. kFault: a fault is latched. kNotReady: not
  /// started. Nothing is clamped and nothing waited for.
  [[nodiscard]] Outcome submit(const Command& command) noexcept { return loop_.submit(command); }
  [[nodiscard]] Outcome set(const JointTarget& target) noexcept { return loop_.set(target); }

  /// Another law from the next cycle on; the torque passes over within CycleOptions::switch_time_s. Of two before a
  /// cycle takes one, the later. Not real-time safe. @throws LogicError for none.
  void use(std::unique_ptr<Law> law);

  /// Another tool or payload, likewise. @throws LogicError for another number of joints.
  void set_model(const Model& model);

  /// Commands come from this port from the next cycle on, and from no other; for a new commander whom the one before
  /// may not disturb. It outlives the cycle; the port before may go once commands_taken() is true, or nothing runs.
  void use_commands(CommandPort& port) noexcept { loop_.use_commands(port); }
  [[nodiscard]] bool commands_taken() const noexcept { return loop_.commands_taken(); }

  /// To rest, then hold. Targets set before are forgotten, the next one moves it again.
  void halt() noexcept { loop_.request_halt(); }

  /// Ramp to rest, brakes on, Fault::kRequested latched. Asked for while start or recover runs, it stops what they
  /// start.
  void safe_stop() noexcept { loop_.request_safe_stop(); }

  [[nodiscard]] CycleState state() const noexcept { return loop_.state(); }
  [[nodiscard]] CycleMode mode() const noexcept { return loop_.mode(); }
  [[nodiscard]] FaultReport fault() const noexcept { return loop_.fault(); }
  [[nodiscard]] CycleStats stats() const noexcept;

  /// The cycles around a fault, oldest first, half of them from before it; empty without one. Allocates.
  [[nodiscard]] std::vector<CycleState> evidence() const;

  /// The range of targets: the arm's own, less the margin of a velocity envelope (JointGenerator).
  [[nodiscard]] const core::JointVector& lowest_rad() const noexcept { return loop_.lowest_rad(); }
  [[nodiscard]] const core::JointVector& highest_rad() const noexcept { return loop_.highest_rad(); }

  [[nodiscard]] const Arm& arm() const noexcept { return *arm_; }
  /// As constructed.
  [[nodiscard]] const Model& model() const noexcept { return model_; }
  [[nodiscard]] std::size_t dof() const noexcept { return model_.dof(); }

 private:
  void start_locked();
  void watch_host();
  void stop_locked() noexcept;

  std::unique_ptr<Arm> arm_;
  std::unique_ptr<Law> law_;
  Model model_;
  CycleOptions options_;
  CycleLoop loop_;
  realtime::Latest<realtime::ThreadReport> thread_report_;
  mutable std::mutex lifecycle_;
  std::optional<realtime::CpuDmaLatency> awake_;
  std::unique_ptr<realtime::Sentinel> sentinel_;
  std::atomic<bool> host_watched_{false};
  std::unique_ptr<realtime::RealtimeThread> thread_;
};

}  // namespace takt::control
