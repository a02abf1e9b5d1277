#include <algorithm>
#include <cmath>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/internal/count.hpp"

// How a cycle ends, well or not: halts, brakes, faults, and an arm that does not answer any more.

namespace takt::control {
namespace {

constexpr int kStillCycles = 20;
constexpr std::uint64_t kBrakeRepeatCycles = 10;  // a lost brake command is given again

}  // namespace

bool CycleLoop::on_timeout() noexcept {
  count(counters_.timeouts);
  if (phase_ == Phase::kBraking || phase_ == Phase::kFaulted) {
    static_cast<void>(arm_.engage_brakes());  // nothing shows whether the last command arrived
  }
  if (++timeouts_in_row_ < options_.max_timeouts) {
    return true;
  }
  trip({.fault = Fault::kTimeouts,
        .value = static_cast<double>(timeouts_in_row_),
        .limit = static_cast<double>(options_.max_timeouts)});
  take_requests();  // asked to stop, there is nothing left to wait for
  publish();
  return !ending_;
}

// An arm that only reports errors may still hear; as long as it is not seen with its brakes on, it is told.
bool CycleLoop::on_lost_arm(Outcome outcome) noexcept {
  pace_lost_arm();
  const bool told_anew =
      outcome == Outcome::kFault && incoming_.sequence != cycle_.measured.sequence && guard_.usable(incoming_);
  if (told_anew) {
    cycle_.measured = incoming_;
  }
  trip({.fault = outcome == Outcome::kDisconnected ? Fault::kDisconnected : Fault::kArmError});
  if (!told_anew || !cycle_.measured.brakes_engaged) {
    static_cast<void>(arm_.engage_brakes());
  }
  take_requests();
  publish();
  return !ending_;
}

// wait() may return at once when the arm is gone: one round per period all the same.
void CycleLoop::pace_lost_arm() noexcept {
  if (clock_.now_ns() < lost_due_ns_) {
    clock_.sleep_until_ns(lost_due_ns_);
  }
  lost_due_ns_ = clock_.now_ns() + period_ns_;
}

void CycleLoop::begin_halt(Phase phase, HaltCause cause, double deadline_s) noexcept {
  cycle_.halt_cause = cause;
  source_.halt();
  following_ = false;
  cycle_.leashed = false;
  phase_ = phase;
  still_cycles_ = 0;
  deadline_ns_ = now_ns() + core::from_seconds(deadline_s);
}

bool CycleLoop::has_come_to_rest() noexcept {
  if (now_ns() >= deadline_ns_) {
    return true;
  }
  const bool closing = ending_ || phase_ == Phase::kSafeStopping;
  if (!closing) {
    return source_.at_rest();
  }
  // Brakes close only on an arm that stands, and one that swings stands for an instant only.
  const bool still = std::all_of(cycle_.measured.dq_rad_s.begin(), cycle_.measured.dq_rad_s.end(),
                                 [this](double v) { return std::abs(v) <= options_.rest_velocity_rad_s; });
  still_cycles_ = source_.at_rest() && still ? still_cycles_ + 1 : 0;
  return still_cycles_ >= kStillCycles;
}

void CycleLoop::begin_braking(Phase phase) noexcept {
  phase_ = phase;
  brakes_told_cycle_ = cycle_.cycle;
  static_cast<void>(arm_.engage_brakes());  // whether it worked is seen in brakes_engaged; repeated until then
}

bool CycleLoop::brakes_are_late() const noexcept {
  // Counted in periods: the stamps of an arm that sends nonsense may stand still.
  const auto told = static_cast<core::Nanoseconds>(cycle_.cycle - brakes_told_cycle_);
  return told * period_ns_ > core::from_seconds(options_.brake_time_s);
}

void CycleLoop::nurse_brakes() noexcept {
  if (cycle_.measured.brakes_engaged) {
    if (cycle_.fault != Fault::kNone) {
      phase_ = Phase::kFaulted;  // until then the arm was held: what the brakes do not carry yet would fall
    }
    return;
  }
  if ((cycle_.cycle - brakes_told_cycle_) % kBrakeRepeatCycles == kBrakeRepeatCycles - 1) {
    static_cast<void>(arm_.engage_brakes());
  }
  if (brakes_are_late() && !brakes_failed_) {
    brakes_failed_ = true;
    latch({.fault = Fault::kBrakes});  // what holds goes on holding
  }
}

void CycleLoop::latch(FaultReport report) noexcept {
  if (cycle_.fault == Fault::kNone) {
    report.stamp_ns = now_ns();
    cycle_.fault = report.fault;
    evidence_left_ = evidence_.capacity() / 2;
    shown_.fault.store(report);
  }
}

void CycleLoop::trip(FaultReport report) noexcept {
  if (cycle_.fault != Fault::kNone && !stops_at_once(report.fault)) {
    return;  // already stopping for the first one
  }
  latch(report);
  if (phase_ == Phase::kFaulted) {
    return;
  }
  const bool leads = phase_ == Phase::kFollowing || phase_ == Phase::kHalting;
  if (stops_at_once(report.fault) || !leads) {
    begin_braking(Phase::kFaulted);
    return;
  }
  law_failed_ =
      report.fault != Fault::kRequested && report.fault != Fault::kStale && report.fault != Fault::kLostStates;
  if (law_failed_) {  // the setpoint is somewhere else: what is ramped down is what the arm really does
    source_.reset(cycle_.measured.q_rad, cycle_.measured.dq_rad_s);
  }
  begin_halt(Phase::kSafeStopping, HaltCause::kFault, options_.safe_stop_deadline_s);
}

}  // namespace takt::control
