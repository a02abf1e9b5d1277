#include "takt/control/cycle_loop.hpp"

#include <string>

#include "takt/control/internal/count.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/core/error.hpp"

// clang-format off
// Phases, and the mode each shows:
//
//   kStarting      kStopped        brakes told to open, setpoint = measured     brakes open → kFollowing
//   kFollowing     kRunning        a fresh command, or an arm that is let go    halt asked, too stale, or a guard → kHalting
//                  kHolding        the command is stale, was halted, or none yet
//   kHalting       kHalting        fastest stop                                 at rest → kFollowing; when ending → kBraking
//   kSafeStopping  kSafeStopping   fastest stop of the arm because of a fault   at rest or deadline → kBraking
//   kBraking       kHalting        brakes told to close, held until they have   closed → end, or kFaulted with a fault
//                  kFaulted       the same after a fault
//   kFaulted       kFaulted        brakes told to close, no torque              asked to stop, and closed → end
//
// trip() leads from any phase to kSafeStopping or, when the arm cannot be led any more, to kFaulted. The first fault is
// kept.
// clang-format on

namespace takt::control {
namespace {

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
      told_(ports.command != nullptr ? ports.command : &own_ports_->command),
      lease_(ports.lease),
      guard_(limits_of(arm), options, period_ns_, arm.bears_missed()),
      even_time_(period_ns_),
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
  delete replaced_law_;
  delete replaced_model_;
}

void CycleLoop::prepare() noexcept {
  guard_.restart();
  even_time_.restart();
  limiter_.restart();
  blend_.clear();
  charged_ = nullptr;
  charged_model_ = nullptr;
  const CycleState before = cycle_;
  cycle_ = {};
  cycle_.command = before.command;
  incoming_ = {};
  cycle_.tau_nm = zero_;
  cycle_.tau_wanted_nm = zero_;
  tau_target_nm_ = zero_;
  charged_target_nm_ = zero_;
  out_.tau_nm = zero_;
  phase_ = Phase::kStarting;
  forget_command();
  following_ = false;
  let_go_ = false;
  take_settings();
  give_back_replaced();
  seen_commands_ = told_.load(std::memory_order_relaxed)->commands.version();
  ending_ = false;
  released_ = false;
  brakes_failed_ = false;
  law_failed_ = false;
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
    even_time_.take(incoming_.stamp_ns, guard_.periods());
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
        begin_braking(Phase::kBraking);
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

void CycleLoop::write() noexcept {
  const Outcome written = arm_.write(out_);
  cycle_.written_ns = clock_.now_ns();
  static_cast<void>(ledger_.record(cycle_.measured.stamp_ns, cycle_.woke_ns, cycle_.written_ns, guard_.periods()));
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
      return CycleMode::kHalting;
    case Phase::kBraking:
      return cycle_.fault == Fault::kNone ? CycleMode::kHalting : CycleMode::kFaulted;
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
