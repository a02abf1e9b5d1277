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
  told_.commands.store(command, command.used_bytes());
  return Outcome::kOk;
}

void CycleLoop::request_halt() noexcept {
  told_.requests.fetch_or(CommandPort::kHaltRequest, std::memory_order_acq_rel);
}

void CycleLoop::request_safe_stop() noexcept {
  told_.requests.fetch_or(CommandPort::kSafeStopRequest, std::memory_order_acq_rel);
}

void CycleLoop::request_stop() noexcept {
  told_.requests.fetch_or(CommandPort::kStopRequest, std::memory_order_acq_rel);
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

}  // namespace takt::control
