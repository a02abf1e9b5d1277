#include <cmath>

#include "takt/control/cycle_loop.hpp"

// The side of the loop that other threads see. cycle_loop.cpp has the periods.

namespace takt::control {

Outcome CycleLoop::set(const JointTarget& target) noexcept {
  switch (mode()) {
    case CycleMode::kStopped:
      return Outcome::kNotReady;
    case CycleMode::kSafeStopping:
    case CycleMode::kFaulted:
      return Outcome::kFault;
    default:
      break;
  }
  if (target.q_rad.size() != lowest_rad().size()) {
    return Outcome::kInvalid;
  }
  const core::Nanoseconds latest_ns = measured_ns_.load(std::memory_order_acquire) + core::kNanosecondsPerSecond;
  if (target.stamp_ns < 0 || target.valid_until_ns < 0 || target.stamp_ns > latest_ns) {
    return Outcome::kInvalid;
  }
  for (std::size_t i = 0; i < target.q_rad.size(); ++i) {
    const double q = target.q_rad[i];
    if (!std::isfinite(q) || q < lowest_rad()[i] || q > highest_rad()[i]) {
      return Outcome::kInvalid;
    }
  }
  targets_.store(target);
  return Outcome::kOk;
}

void CycleLoop::request_halt() noexcept {
  requests_.fetch_or(kHaltRequest, std::memory_order_acq_rel);
}

void CycleLoop::request_safe_stop() noexcept {
  requests_.fetch_or(kSafeStopRequest, std::memory_order_acq_rel);
}

void CycleLoop::request_stop() noexcept {
  requests_.fetch_or(kStopRequest, std::memory_order_acq_rel);
}

CycleStats CycleLoop::stats() const noexcept {
  return {.cycles = cycles_.load(std::memory_order_relaxed),
          .missed_states = missed_states_.load(std::memory_order_relaxed),
          .timeouts = timeouts_.load(std::memory_order_relaxed),
          .stale_targets = stale_targets_.load(std::memory_order_relaxed),
          .clipped_torques = clipped_.load(std::memory_order_relaxed),
          .rate_limited_torques = rate_limited_.load(std::memory_order_relaxed),
          .wake_lateness = wake_lateness_.summary(),
          .read_to_write = read_to_write_.summary(),
          .thread = {}};
}

std::vector<CycleState> CycleLoop::evidence() const {
  std::vector<CycleState> kept;
  if (!evidence_frozen_.load(std::memory_order_acquire)) {
    return kept;
  }
  const std::uint64_t size = evidence_.size();
  for (std::uint64_t i = recorded_ > size ? recorded_ - size : 0; i < recorded_; ++i) {
    kept.push_back(evidence_[i % size]);
  }
  return kept;
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
