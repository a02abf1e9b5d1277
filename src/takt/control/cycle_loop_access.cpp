#include "takt/control/cycle_loop.hpp"

// The side of the loop that other threads see. cycle_loop.cpp has the periods.

namespace takt::control {

Outcome CycleLoop::submit(const Command& command) noexcept {
  switch (mode()) {
    case CycleMode::kStopped:
      return Outcome::kNotReady;
    case CycleMode::kSafeStopping:
    case CycleMode::kFaulted:
      return Outcome::kFault;
    default:
      break;
  }
  const core::Nanoseconds latest_ns = shown_.measured_ns.load(std::memory_order_acquire) + core::kNanosecondsPerSecond;
  if (command.terms.stamp_ns > latest_ns || !is_well_formed(command, lowest_rad(), highest_rad())) {
    return Outcome::kInvalid;
  }
  told_.load(std::memory_order_acquire)->commands.store(command, command.used_bytes());
  return Outcome::kOk;
}

void CycleLoop::request_halt() noexcept {
  CommandPort::raise(own_halted_, told_.load(std::memory_order_acquire)->commands.version());
  own_requests_.fetch_or(kHaltRequest, std::memory_order_acq_rel);
}

void CycleLoop::request_safe_stop() noexcept {
  own_requests_.fetch_or(kSafeStopRequest, std::memory_order_acq_rel);
}

void CycleLoop::request_stop() noexcept {
  own_requests_.fetch_or(kStopRequest, std::memory_order_acq_rel);
}

CycleStats CycleLoop::stats() const noexcept {
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  return {.cycles = read(counters_.cycles),
          .missed_states = read(counters_.missed_states),
          .timeouts = read(counters_.timeouts),
          .stale_targets = read(counters_.stale_targets),
          .refused_commands = read(counters_.refused_commands),
          .refused_epochs = read(counters_.refused_epochs),
          .late_actions = read(counters_.late_actions),
          .late_chunks = read(counters_.late_chunks),
          .blended_chunks = read(counters_.blended_chunks),
          .switches = read(counters_.switches),
          .guard_halts = read(counters_.guard_halts),
          .leashed_cycles = read(counters_.leashed_cycles),
          .clipped_torques = read(counters_.clipped),
          .rate_limited_torques = read(counters_.rate_limited),
          .ledger = ledger_.summary(),
          .host_watched = false,
          .thread = {}};
}

std::vector<CycleState> CycleLoop::evidence() const {
  return evidence_frozen_.load(std::memory_order_acquire) ? evidence_.rows() : std::vector<CycleState>{};
}

std::string_view to_text(CycleMode mode) noexcept {
  switch (mode) {
    case CycleMode::kStopped:
      return "stopped";
    case CycleMode::kRunning:
      return "running";
    case CycleMode::kHolding:
      return "holding";
    case CycleMode::kHalting:
      return "halting";
    case CycleMode::kSafeStopping:
      return "safe-stopping";
    case CycleMode::kFaulted:
      return "faulted";
  }
  return "unknown";
}

std::string_view to_text(HaltCause cause) noexcept {
  switch (cause) {
    case HaltCause::kNone:
      return "no halt";
    case HaltCause::kAsked:
      return "a halt was asked for";
    case HaltCause::kStale:
      return "no fresh command came";
    case HaltCause::kWorkspace:
      return "the tool would have left its workspace";
    case HaltCause::kSelfCollision:
      return "the arm would have come too close to itself";
    case HaltCause::kJointEnd:
      return "a joint came near the end of its range";
    case HaltCause::kTool:
      return "the tool changed";
    case HaltCause::kFault:
      return "a fault";
  }
  return "unknown";
}

}  // namespace takt::control
