#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "takt/control/arm.hpp"
#include "takt/control/cycle_guards.hpp"
#include "takt/control/cycle_options.hpp"
#include "takt/control/cycle_ports.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/even_time.hpp"
#include "takt/control/evidence_ring.hpp"
#include "takt/control/laws/law.hpp"
#include "takt/control/lease.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/motion_guard.hpp"
#include "takt/control/motion_source.hpp"
#include "takt/control/torque_blend.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/deadline_ledger.hpp"
#include "takt/realtime/handover.hpp"
#include "takt/realtime/stall_log.hpp"

namespace takt::control {

/// The real-time half of a Cycle, one period at a time and without a thread of its own, so that tests and simulations
/// can step it:
///
///   wait → check → requests → law, model → command, freshness → setpoint → law → torque limits → write → publish
///
/// Two laws may be in charge: the one in use while the arm follows, and while it halts where that leads it along a
/// setpoint; else the cycle's own joint impedance. That holds and brakes the arm under laws that let it go, and in a
/// safe stop as soon as the arm does not do what the law in use should make it do.
///
/// Time is the stamp of the measured state, so freshness and deadlines run with the arm; a setpoint that goes along a
/// way known over time goes by EvenTime. The mode table stands in cycle_loop.cpp. Every path that leaves the loop has
/// asked for the brakes.
class CycleLoop {
 public:
  /// All references outlive the loop, and so do the ports, where they are not null.
  /// @throws LogicError for invalid options, limits that cannot be planned with, or a model with another number of
  /// joints than the arm.
  CycleLoop(Arm& arm, Law& law, const Model& model, const CycleOptions& options, const CyclePorts& ports = {});
  ~CycleLoop();
  CycleLoop(const CycleLoop&) = delete;
  CycleLoop& operator=(const CycleLoop&) = delete;

  // --- the cycle's thread

  /// One period. False when the loop has ended; then it is not called again before prepare(). Real-time safe.
  bool run_once() noexcept;

  // --- any thread, real-time safe

  /// Gives a new command, the latest wins; any thread. kInvalid: not well formed (is_well_formed), or stamped more than
  /// a second after the arm's last state. kFault: a fault is latched or being stopped for. kNotReady: not started.
  /// While halting it is taken up, if still fresh, after the halt.
  [[nodiscard]] Outcome submit(const Command& command) noexcept;
  [[nodiscard]] Outcome set(const JointTarget& target) noexcept { return submit(to_command(target)); }
  void request_halt() noexcept;
  void request_safe_stop() noexcept;
  /// Halt, brakes on, end.
  void request_stop() noexcept;

  /// The newest cycle; a default one before the first.
  [[nodiscard]] CycleState state() const noexcept { return shown_.state.load().value_or(CycleState{}); }
  [[nodiscard]] CycleMode mode() const noexcept { return shown_.mode.load(std::memory_order_acquire); }
  [[nodiscard]] FaultReport fault() const noexcept { return shown_.fault.load().value_or(FaultReport{}); }
  [[nodiscard]] CycleStats stats() const noexcept;

  /// The range of targets, constant.
  [[nodiscard]] const core::JointVector& lowest_rad() const noexcept { return source_.lowest_rad(); }
  [[nodiscard]] const core::JointVector& highest_rad() const noexcept { return source_.highest_rad(); }

  // --- any thread but the cycle's, not real-time safe

  /// From the next cycle on, without a jump of the torque. What they replace is freed by a later call.
  void use(std::unique_ptr<Law> law) { laws_.offer(std::move(law)); }
  /// Commands come from this port from the next cycle on, and from no other. It outlives the loop; the one before may
  /// go once commands_taken() is true.
  void use_commands(CommandPort& port) noexcept { next_told_.store(&port, std::memory_order_release); }
  [[nodiscard]] bool commands_taken() const noexcept { return next_told_.load(std::memory_order_acquire) == nullptr; }

  /// @pre as many joints as the arm.
  void set_model(std::unique_ptr<Model> model) { models_.offer(std::move(model)); }

  /// Where a sentinel writes down when the host took the CPU away.
  [[nodiscard]] realtime::StallLog& stalls() noexcept { return stalls_; }

  // --- while no thread runs run_once

  /// What was requested up to now is not meant for the next run. At the very beginning of a start: what comes later
  /// counts.
  void forget_requests() noexcept {
    own_requests_.store(0, std::memory_order_release);
    told_.load(std::memory_order_acquire)->requests.store(0, std::memory_order_release);
  }

  /// Ready for a first run_once: forgets targets and the last run; neither requests nor the fault.
  void prepare() noexcept;
  void clear_fault() noexcept;
  void show_stopped() noexcept { shown_.mode.store(CycleMode::kStopped, std::memory_order_release); }

  // --- any thread

  /// The cycles around the fault, oldest first: at least half of them, where there were so many, are from before it.
  /// Empty until they are complete, at the latest when the mode is kFaulted. Allocates.
  [[nodiscard]] std::vector<CycleState> evidence() const;

 private:
  static constexpr std::uint32_t kHaltRequest = CommandPort::kHaltRequest;
  static constexpr std::uint32_t kSafeStopRequest = CommandPort::kSafeStopRequest;
  static constexpr std::uint32_t kStopRequest = 1U << 2U;
  enum class Phase : std::uint8_t { kStarting, kFollowing, kHalting, kSafeStopping, kBraking, kFaulted };

  void advance() noexcept;
  void start_up() noexcept;
  void write() noexcept;
  void publish() noexcept;
  void keep_evidence() noexcept;
  [[nodiscard]] CycleMode mode_of_phase() const noexcept;
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept { return cycle_.measured.stamp_ns; }

  // cycle_loop_stop.cpp
  bool on_timeout() noexcept;
  bool on_lost_arm(Outcome outcome) noexcept;
  void pace_lost_arm() noexcept;
  void begin_halt(Phase phase, HaltCause cause, double deadline_s) noexcept;
  [[nodiscard]] bool has_come_to_rest() noexcept;
  void begin_braking(Phase phase) noexcept;
  void nurse_brakes() noexcept;
  [[nodiscard]] bool brakes_are_late() const noexcept;
  void trip(FaultReport report) noexcept;
  void latch(FaultReport report) noexcept;

  // cycle_loop_command.cpp
  void take_requests() noexcept;
  void take_settings() noexcept;
  void follow() noexcept;
  void take_command() noexcept;
  void take_up(const Command& command) noexcept;
  void take_law(Law& law) noexcept;
  void take_model(Model& model) noexcept;
  [[nodiscard]] bool suits_law(const Command& command) const noexcept;
  [[nodiscard]] double age_s(const Command& command) const noexcept;
  void forget_command() noexcept;
  void mind_leash() noexcept;

  // cycle_loop_torque.cpp
  void compute_torque() noexcept;
  [[nodiscard]] Law& law_in_charge() noexcept;
  void advance_setpoint(bool led) noexcept;
  [[nodiscard]] HaltCause objection() const noexcept;
  void mind_law() noexcept;
  [[nodiscard]] bool step_law(Law& law) noexcept;
  void ask(Law& law, const Model& model, const Setpoint& setpoint, const core::JointVector& tau_target_nm,
           core::JointVector& tau_nm) noexcept;
  void take_charge(Law& law) noexcept;
  void give_back_replaced() noexcept;

  Arm& arm_;
  Law* law_;            ///< in use
  const Model* model_;  ///< in use
  CycleOptions options_;
  core::Clock& clock_;
  core::Nanoseconds period_ns_;
  std::unique_ptr<CyclePorts::Own> own_ports_;
  StatePort& shown_;
  std::atomic<CommandPort*> told_;  ///< where commands come from
  std::atomic<CommandPort*> next_told_{nullptr};
  Lease* lease_;

  // The cycle's own.
  StateGuard guard_;
  EvenTime even_time_;  ///< of ways that are known over time; all else goes by the stamp
  TorqueLimiter limiter_;
  TorqueBlend blend_;
  MotionSource source_;
  MotionGuard motion_guard_;
  std::unique_ptr<Law> holding_law_;
  Law* charged_{nullptr};                ///< whose torque it was in the cycle before, null: nobody's …
  const Model* charged_model_{nullptr};  ///< … with this model …
  core::JointVector charged_target_nm_;  ///< … and this torque of the commander's
  Setpoint charged_setpoint_;            ///< what it follows in this cycle, or would if the setpoint had not left it
  core::JointVector zero_;               ///< one per joint
  core::JointVector tau_target_nm_;      ///< the commander's, zero without a fresh one
  CycleState cycle_;                     ///< the present one; what publish() stores
  ArmState incoming_;
  ArmCommand out_;
  Phase phase_{Phase::kStarting};
  std::array<Command, 2> commands_;  ///< the one that is followed, and room for the next
  std::size_t present_{0};           ///< index of the first
  bool has_command_{false};
  bool let_go_{false};     ///< a law of Reference::kMeasured is in use, and no halt since
  bool following_{false};  ///< in kFollowing: the command is fresh, or the arm is let go
  std::uint64_t seen_commands_{0};
  bool ending_{false};
  bool released_{false};
  bool brakes_failed_{false};
  bool law_failed_{false};  ///< the law in use does not lead the arm: the cycle's own does while it is stopped
  int timeouts_in_row_{0};
  int still_cycles_{0};
  core::Nanoseconds lost_due_ns_{0};  ///< the next round with an arm that only reports errors
  core::Nanoseconds deadline_ns_{0};
  std::uint64_t brakes_told_cycle_{0};
  Law* owned_law_{nullptr};         ///< in use and from laws_; else the constructor's is
  Model* owned_model_{nullptr};     ///< the same
  Law* replaced_law_{nullptr};      ///< goes back at the end of the cycle
  Model* replaced_model_{nullptr};  ///< the same

  // Shared.
  std::atomic<std::uint32_t> own_requests_{0};
  std::atomic<std::uint64_t> own_halted_{0};  ///< commands up to this version were given before the owner's last halt
  realtime::Handover<Law> laws_;
  realtime::Handover<Model> models_;
  realtime::StallLog stalls_;
  realtime::DeadlineLedger ledger_;
  struct Counters {
    std::atomic<std::uint64_t> cycles{0};
    std::atomic<std::uint64_t> missed_states{0};
    std::atomic<std::uint64_t> timeouts{0};
    std::atomic<std::uint64_t> stale_targets{0};
    std::atomic<std::uint64_t> clipped{0};
    std::atomic<std::uint64_t> rate_limited{0};
    std::atomic<std::uint64_t> refused_commands{0};
    std::atomic<std::uint64_t> refused_epochs{0};
    std::atomic<std::uint64_t> late_actions{0};
    std::atomic<std::uint64_t> late_chunks{0};
    std::atomic<std::uint64_t> blended_chunks{0};
    std::atomic<std::uint64_t> switches{0};
    std::atomic<std::uint64_t> guard_halts{0};
    std::atomic<std::uint64_t> leashed_cycles{0};
  } counters_;

  EvidenceRing evidence_;         ///< written until half of it is from after the fault, or the brakes close
  std::size_t evidence_left_{0};  ///< cycles still to be kept, once there is a fault
  std::atomic<bool> evidence_frozen_{false};
};

}  // namespace takt::control
