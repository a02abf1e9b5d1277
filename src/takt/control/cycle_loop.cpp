#include "takt/control/cycle_loop.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "takt/control/laws/settings.hpp"
#include "takt/control/internal/count.hpp"
#include "takt/core/error.hpp"

// Phases, and the mode each shows:
//
//   kStarting      kStopped        brakes told to open, setpoint = measured        brakes open → kFollowing
//   kFollowing     kRunning        a fresh target; stale → shows kHolding          halt asked, or too stale → kHalting
//                  kHolding        the target is stale, reached by a halt, or none yet
//   kHalting       kHalting        fastest stop                                    at rest → kFollowing, or kBraking
//   when ending kSafeStopping  kSafeStopping   fastest stop because of a fault                 at rest or deadline →
//   kFaulted kBraking       kHalting        brakes told to close, holding until they have   closed → end kFaulted
//   kFaulted        brakes told to close, no torque                 asked to stop and closed → end
//
// trip() leads from any phase to kSafeStopping or, when the arm cannot be led any more, to kFaulted. The first fault is
// kept.

namespace takt::control {
namespace {

constexpr int kStillCycles = 20;
constexpr std::uint64_t kBrakeRepeatCycles = 10;  // a lost brake command is given again

std::vector<JointLimits> limits_of(const Arm& arm) {
  std::vector<JointLimits> limits;
  for (const JointData& joint : arm.model_data().joints) {
    limits.push_back(joint.limits);
  }
  return limits;
}

CycleOptions checked(CycleOptions options) {
  require_valid(options);
  return options;
}

}  // namespace

CycleLoop::CycleLoop(Arm& arm, Law& law, const Model& model, const CycleOptions& options, const CyclePorts& ports)
    : arm_(arm),
      law_(&law),
      model_(&model),
      options_(checked(options)),
      clock_(options.clock != nullptr ? *options.clock : core::steady_clock()),
      period_ns_(arm.period_ns()),
      own_ports_(std::make_unique<CyclePorts::Own>()),
      shown_(ports.state != nullptr ? *ports.state : own_ports_->state),
      told_(ports.command != nullptr ? *ports.command : own_ports_->command),
      lease_(ports.lease),
      guard_(limits_of(arm), options),
      limiter_(guard_.limits(), period_ns_),
      blend_(guard_.limits().size(), period_ns_, options.switch_time_s),
      source_(guard_.limits(), options),
      motion_guard_(model, options),
      holding_law_(make_law(JointImpedance{}, model)),
      zero_(core::JointVector::zero(source_.dof())),
      ledger_(stalls_, {.period_ns = period_ns_, .stall_resolution_ns = period_ns_}),
      evidence_(source_.dof(), options.evidence_cycles) {
  if (model.dof() != source_.dof()) {
    throw LogicError("Cycle: the model has " + std::to_string(model.dof()) + " joints, the arm " +
                     std::string(arm.name()) + " " + std::to_string(source_.dof()));
  }
  prepare();
}

CycleLoop::~CycleLoop() {
  delete owned_law_;
  delete owned_model_;
}

void CycleLoop::prepare() noexcept {
  guard_.restart();
  limiter_.restart();
  blend_.restart();
  charged_ = nullptr;
  const CycleState before = cycle_;
  cycle_ = {};
  cycle_.command = before.command;
  incoming_ = {};
  cycle_.tau_nm = zero_;
  cycle_.tau_wanted_nm = zero_;
  tau_target_nm_ = zero_;
  out_.tau_nm = zero_;
  phase_ = Phase::kStarting;
  forget_command();
  following_ = false;
  seen_commands_ = told_.commands.version();
  take_settings();
  ending_ = false;
  released_ = false;
  timeouts_in_row_ = 0;
  lost_due_ns_ = 0;
  ledger_.restart();
  evidence_.clear();
  evidence_frozen_.store(false, std::memory_order_relaxed);
  show_stopped();
}

void CycleLoop::clear_fault() noexcept {
  shown_.fault.store({});
  cycle_.fault = Fault::kNone;
}

bool CycleLoop::run_once() noexcept {
  const Outcome waited = arm_.wait(incoming_);
  if (waited == Outcome::kTimeout) {
    return on_timeout();
  }
  if (waited != Outcome::kOk) {
    return on_lost_arm(waited);
  }
  cycle_.woke_ns = clock_.now_ns();
  timeouts_in_row_ = 0;
  count(counters_.cycles);
  ++cycle_.cycle;
  const FaultReport found = guard_.check(incoming_);
  if (guard_.usable(incoming_)) {
    cycle_.measured = incoming_;
    shown_.measured_ns.store(incoming_.stamp_ns, std::memory_order_release);
    count(counters_.missed_states, guard_.periods() - 1);
  }
  if (found.fault != Fault::kNone) {
    trip(found);
  }
  take_requests();
  take_settings();
  advance();
  compute_torque();
  write();
  publish();
  return !(ending_ && (phase_ == Phase::kBraking || phase_ == Phase::kFaulted) &&
           (cycle_.measured.brakes_engaged || brakes_are_late()));
}

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

void CycleLoop::take_requests() noexcept {
  // A safe stop asked for while this run ends, or after its fault, is meant for the next one, too: start forgets it.
  const std::uint32_t kept = ending_ || phase_ == Phase::kFaulted ? CommandPort::kSafeStopRequest : 0U;
  const std::uint32_t requests = told_.requests.fetch_and(kept, std::memory_order_acq_rel);
  if ((requests & CommandPort::kStopRequest) != 0) {
    ending_ = true;
  }
  if ((requests & CommandPort::kSafeStopRequest) != 0) {
    trip({.fault = Fault::kRequested});
  }
  if ((requests & (CommandPort::kHaltRequest | CommandPort::kStopRequest)) == 0) {
    return;
  }
  seen_commands_ = told_.commands.version();  // what was wanted before the halt is not wanted after it
  forget_command();
  let_go_ = false;
  if (phase_ == Phase::kFollowing || (phase_ == Phase::kHalting && ending_)) {
    begin_halt(Phase::kHalting, options_.stop_deadline_s);
  } else if (phase_ == Phase::kStarting && ending_) {
    begin_braking(Phase::kBraking);
  }
}

void CycleLoop::advance() noexcept {
  const bool leading = phase_ == Phase::kFollowing || phase_ == Phase::kHalting || phase_ == Phase::kSafeStopping;
  if (leading && cycle_.measured.brakes_engaged) {
    trip({.fault = Fault::kBrakes});
  }
  switch (phase_) {
    case Phase::kStarting:
      start_up();
      break;
    case Phase::kFollowing:
      follow();
      break;
    case Phase::kHalting:
      if (has_come_to_rest()) {
        if (ending_) {
          begin_braking(Phase::kBraking);
        } else {
          phase_ = Phase::kFollowing;
        }
      }
      break;
    case Phase::kSafeStopping:
      if (has_come_to_rest()) {
        begin_braking(Phase::kFaulted);
      }
      break;
    case Phase::kBraking:
    case Phase::kFaulted:
      nurse_brakes();
      break;
  }
}

void CycleLoop::start_up() noexcept {
  source_.reset(cycle_.measured.q_rad);  // size and numbers were checked
  if (!released_) {
    released_ = true;
    brakes_told_cycle_ = cycle_.cycle;
    if (arm_.release_brakes() != Outcome::kOk) {
      trip({.fault = Fault::kBrakes});
    }
  } else if (!cycle_.measured.brakes_engaged) {
    phase_ = Phase::kFollowing;
  } else if (brakes_are_late()) {
    trip({.fault = Fault::kBrakes});
  }
}

void CycleLoop::begin_halt(Phase phase, double deadline_s) noexcept {
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
    return;
  }
  if ((cycle_.cycle - brakes_told_cycle_) % kBrakeRepeatCycles == kBrakeRepeatCycles - 1) {
    static_cast<void>(arm_.engage_brakes());
  }
  if (brakes_are_late()) {
    trip({.fault = Fault::kBrakes});
  }
}

void CycleLoop::trip(FaultReport report) noexcept {
  if (cycle_.fault == Fault::kNone) {
    report.stamp_ns = now_ns();
    cycle_.fault = report.fault;
    evidence_left_ = evidence_.capacity() / 2;
    shown_.fault.store(report);
  } else if (!stops_at_once(report.fault)) {
    return;  // already stopping for the first one
  }
  if (phase_ == Phase::kFaulted) {
    return;
  }
  const bool leads = phase_ == Phase::kFollowing || phase_ == Phase::kHalting;
  if (stops_at_once(report.fault) || !leads) {
    begin_braking(Phase::kFaulted);
    return;
  }
  begin_halt(Phase::kSafeStopping, options_.safe_stop_deadline_s);
  if (report.fault == Fault::kTrackingError) {
    // The setpoint is somewhere else: ramp down what the arm really does.
    source_.reset(cycle_.measured.q_rad, cycle_.measured.dq_rad_s);
  }
}

void CycleLoop::write() noexcept {
  const Outcome written = arm_.write(out_);
  cycle_.written_ns = clock_.now_ns();
  static_cast<void>(
      ledger_.record(cycle_.measured.stamp_ns, cycle_.woke_ns, cycle_.written_ns, guard_.periods()));
  const bool braked = cycle_.measured.brakes_engaged || phase_ == Phase::kBraking || phase_ == Phase::kFaulted;
  if (written == Outcome::kOk || (written == Outcome::kNotReady && braked)) {
    return;
  }
  trip({.fault = written == Outcome::kDisconnected ? Fault::kDisconnected : Fault::kArmError});
}

CycleMode CycleLoop::mode_of_phase() const noexcept {
  switch (phase_) {
    case Phase::kStarting:
      return CycleMode::kStopped;
    case Phase::kFollowing:
      return following_ ? CycleMode::kRunning : CycleMode::kHolding;
    case Phase::kHalting:
    case Phase::kBraking:
      return CycleMode::kHalting;
    case Phase::kSafeStopping:
      return CycleMode::kSafeStopping;
    case Phase::kFaulted:
      break;
  }
  return CycleMode::kFaulted;
}

void CycleLoop::publish() noexcept {
  cycle_.mode = mode_of_phase();
  cycle_.at_rest = source_.at_rest();
  cycle_.following = has_command_ ? commands_[present_].kind : CommandKind::kNone;
  cycle_.reference = law_->reference();
  cycle_.setpoint = source_.setpoint();
  cycle_.target_rad = source_.target_rad();
  cycle_.tau_nm = out_.tau_nm;
  keep_evidence();
  // Last: whoever sees the mode finds the evidence and the state.
  shown_.state.store(cycle_);
  shown_.mode.store(cycle_.mode, std::memory_order_release);
}

void CycleLoop::keep_evidence() noexcept {
  if (evidence_frozen_.load(std::memory_order_relaxed)) {
    return;
  }
  evidence_.record(cycle_);
  if (cycle_.fault != Fault::kNone && (cycle_.mode == CycleMode::kFaulted || evidence_left_-- == 0)) {
    evidence_frozen_.store(true, std::memory_order_release);
  }
}

}  // namespace takt::control
