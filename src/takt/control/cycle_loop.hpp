#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "takt/control/arm.hpp"
#include "takt/control/cycle_guards.hpp"
#include "takt/control/cycle_options.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/laws/law.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/motion/joint_generator.hpp"
#include "takt/core/latency_histogram.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/latest.hpp"

namespace takt::control {

/// The real-time half of a Cycle, one period at a time and without a thread of its own, so that tests and simulations
/// can step it:   wait → check → requests → target, freshness → generator → law → torque limits → write → publish.
///
/// Time is the stamp of the measured state, so freshness and deadlines run with the arm. The mode table stands in
/// cycle_loop.cpp. Every path that leaves the loop has asked for the brakes.
class CycleLoop {
 public:
  /// All references outlive the loop. @throws LogicError for invalid options, limits that cannot be planned with, or a
  /// model with another number of joints than the arm.
  CycleLoop(Arm& arm, Law& law, const Model& model, const CycleOptions& options);
  CycleLoop(const CycleLoop&) = delete;
  CycleLoop& operator=(const CycleLoop&) = delete;

  // --- the cycle's thread
  // ---------------------------------------------------------------------------------------------

  /// One period. False when the loop has ended; then it is not called again before prepare(). Real-time safe.
  bool run_once() noexcept;

  // --- any thread, real-time safe
  // ---------------------------------------------------------------------------------------

  /// Gives a new target; one thread at a time. kInvalid: size, not finite, or outside lowest … highest, a negative
  /// time, or stamped more than a second after the arm's last state. kFault: a fault
  /// is latched or being stopped for. kNotReady: not started. While halting it is taken up, if still fresh, after the
  /// halt.
  [[nodiscard]] Outcome set(const JointTarget& target) noexcept;
  void request_halt() noexcept;
  void request_safe_stop() noexcept;
  /// Halt, brakes on, end.
  void request_stop() noexcept;

  /// The newest cycle; a default one before the first.
  [[nodiscard]] CycleState state() const noexcept { return state_.load().value_or(CycleState{}); }
  [[nodiscard]] CycleMode mode() const noexcept { return shown_mode_.load(std::memory_order_acquire); }
  [[nodiscard]] FaultReport fault() const noexcept { return fault_.load().value_or(FaultReport{}); }
  [[nodiscard]] CycleStats stats() const noexcept;

  /// The range of targets, constant.
  [[nodiscard]] const core::JointVector& lowest_rad() const noexcept { return generator_.lowest_rad(); }
  [[nodiscard]] const core::JointVector& highest_rad() const noexcept { return generator_.highest_rad(); }

  // --- while no thread runs run_once ---------------------------------------------------------------------------------

  /// What was requested up to now is not meant for the next run. At the very beginning of a start: what comes later
  /// counts.
  void forget_requests() noexcept { requests_.store(0, std::memory_order_release); }

  /// Ready for a first run_once: forgets targets and the last run; neither requests nor the fault.
  void prepare() noexcept;
  void clear_fault() noexcept;
  void show_stopped() noexcept { shown_mode_.store(CycleMode::kStopped, std::memory_order_release); }

  // --- any thread
  // ------------------------------------------------------------------------------------------------------

  /// The cycles around the fault, oldest first: at least half of them, where there were so many, are from before it.
  /// Empty until they are complete, at the latest when the mode is kFaulted. Allocates.
  [[nodiscard]] std::vector<CycleState> evidence() const;

 private:
  static constexpr std::uint32_t kHaltRequest = 1U << 0U;
  static constexpr std::uint32_t kSafeStopRequest = 1U << 1U;
  static constexpr std::uint32_t kStopRequest = 1U << 2U;
  enum class Phase : std::uint8_t { kStarting, kFollowing, kHalting, kSafeStopping, kBraking, kFaulted };

  bool on_timeout() noexcept;
  bool on_lost_arm(Outcome outcome) noexcept;
  void pace_lost_arm() noexcept;
  void take_requests() noexcept;
  void advance() noexcept;
  void start_up() noexcept;
  void follow() noexcept;
  void take_target() noexcept;
  void begin_halt(Phase phase, double deadline_s) noexcept;
  [[nodiscard]] bool has_come_to_rest() noexcept;
  void begin_braking(Phase phase) noexcept;
  void nurse_brakes() noexcept;
  [[nodiscard]] bool brakes_are_late() const noexcept;
  void trip(FaultReport report) noexcept;
  void compute_torque() noexcept;
  void write() noexcept;
  void publish() noexcept;
  [[nodiscard]] Freshness judge(const JointTarget& target) const noexcept;
  [[nodiscard]] CycleMode mode_of_phase() const noexcept;
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept { return cycle_.measured.stamp_ns; }

  Arm& arm_;
  Law& law_;
  const Model& model_;
  CycleOptions options_;
  core::Clock& clock_;
  core::Nanoseconds period_ns_;

  // The cycle's own.
  StateGuard guard_;
  TorqueLimiter limiter_;
  JointGenerator generator_;
  core::JointVector zero_;  ///< one per joint
  CycleState cycle_;        ///< the present one; what publish() stores
  ArmState incoming_;
  ArmCommand command_;
  Phase phase_{Phase::kStarting};
  JointTarget target_;
  JointTarget candidate_;
  bool has_target_{false};
  bool following_{false};  ///< in kFollowing: the target is fresh
  std::uint64_t seen_targets_{0};
  bool ending_{false};
  bool released_{false};
  int timeouts_in_row_{0};
  int still_cycles_{0};
  core::Nanoseconds lost_due_ns_{0};  ///< the next round with an arm that only reports errors
  core::Nanoseconds deadline_ns_{0};
  std::uint64_t brakes_told_cycle_{0};

  // Shared.
  realtime::Latest<JointTarget> targets_;
  realtime::Latest<CycleState> state_;
  realtime::Latest<FaultReport> fault_;
  std::atomic<core::Nanoseconds> measured_ns_{0};  ///< stamp of the newest state
  std::atomic<std::uint32_t> requests_{0};
  std::atomic<CycleMode> shown_mode_{CycleMode::kStopped};
  core::LatencyHistogram wake_lateness_;
  core::LatencyHistogram read_to_write_;
  std::atomic<std::uint64_t> cycles_{0};
  std::atomic<std::uint64_t> missed_states_{0};
  std::atomic<std::uint64_t> timeouts_{0};
  std::atomic<std::uint64_t> stale_targets_{0};
  std::atomic<std::uint64_t> clipped_{0};
  std::atomic<std::uint64_t> rate_limited_{0};

  std::vector<CycleState> evidence_;  ///< a ring, written until half of it is from after the fault, or the brakes close
  std::uint64_t recorded_{0};
  std::size_t evidence_left_{0};  ///< cycles still to be kept, once there is a fault
  std::atomic<bool> evidence_frozen_{false};
};

}  // namespace takt::control
