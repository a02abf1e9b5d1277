#include <utility>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/internal/count.hpp"

// From the setpoint to the torque.

namespace takt::control {
namespace {

constexpr double kUnled_rad_s = 0.25;

/// One period on, without jerk.
Setpoint continued(Setpoint setpoint, double dt_s) noexcept {
  setpoint.q_rad.eigen() += dt_s * setpoint.dq_rad_s.eigen() + 0.5 * dt_s * dt_s * setpoint.ddq_rad_s2.eigen();
  setpoint.dq_rad_s.eigen() += dt_s * setpoint.ddq_rad_s2.eigen();
  return setpoint;
}

}  // namespace

void CycleLoop::compute_torque() noexcept {
  core::JointVector& tau = out_.tau_nm;
  if (phase_ == Phase::kFaulted || cycle_.measured.brakes_engaged) {
    tau = zero_;
    cycle_.tau_wanted_nm = zero_;
    cycle_.law = {};
    charged_ = nullptr;
    blend_.clear();
  } else {
    mind_law();
    advance_setpoint(&law_in_charge() == holding_law_.get() || law_->reference() == Reference::kSetpoint);
    if (!step_law(law_in_charge())) {  // asked again: a guard may have taken the arm over
      trip({.fault = Fault::kLawOutput});
      tau = zero_;
    }
    cycle_.tau_wanted_nm = tau;
    blend_.apply(tau);
  }
  give_back_replaced();
  const TorqueLimiter::Applied applied =
      charged_ == nullptr ? limiter_.apply(tau) : limiter_.apply(tau, *model_, cycle_.measured.q_rad);
  if (applied.clipped) {
    count(counters_.clipped);
  }
  if (applied.rate_limited) {
    count(counters_.rate_limited);
  }
}

Law& CycleLoop::law_in_charge() noexcept {
  if (law_failed_) {
    return *holding_law_;
  }
  switch (law_->reference()) {
    case Reference::kSetpoint:
      return *law_;
    case Reference::kMeasured:
      return phase_ == Phase::kFollowing && let_go_ ? *law_ : *holding_law_;
    case Reference::kTorque:
      break;
  }
  const bool commanded = phase_ == Phase::kFollowing && following_ && has_command_;
  return commanded ? *law_ : *holding_law_;
}

void CycleLoop::advance_setpoint(bool led) noexcept {
  const double dt_s = core::to_seconds(period_ns_) * static_cast<double>(guard_.periods());
  if (led) {
    const Setpoint& setpoint = source_.step(*model_, even_time_.now_ns(), dt_s);
    charged_setpoint_ = setpoint;
    const FaultReport straying = guard_.check_tracking(cycle_.measured, setpoint);
    if (straying.fault != Fault::kNone && phase_ != Phase::kSafeStopping) {
      trip(straying);
    }
  } else {
    charged_setpoint_ = continued(cycle_.setpoint, dt_s);
    source_.reset(cycle_.measured.q_rad, cycle_.measured.dq_rad_s);
  }
  if (phase_ != Phase::kFollowing) {
    return;
  }
  HaltCause cause = motion_guard_.objection(*model_, source_.setpoint().q_rad, source_.braking_posture_rad());
  if (cause == HaltCause::kNone && !led) {
    cause = objection();
  }
  if (cause != HaltCause::kNone) {
    count(counters_.guard_halts);
    forget_command();
    let_go_ = false;
    begin_halt(Phase::kHalting, cause, options_.stop_deadline_s);
  }
}

// No setpoint keeps an arm that is led by hand or pushed inside its joints' range; so it is braked in time.
HaltCause CycleLoop::objection() const noexcept {
  const core::JointVector ends = source_.braking_posture_rad();
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const JointLimits& limits = guard_.limits()[i];
    const double q = cycle_.measured.q_rad[i];
    if ((ends[i] > limits.position_max_rad && ends[i] > q) || (ends[i] < limits.position_min_rad && ends[i] < q)) {
      return HaltCause::kJointEnd;
    }
  }
  return HaltCause::kNone;
}

// In a safe stop nobody waits for a tracking error: an arm that is much faster than its setpoint is not being braked.
void CycleLoop::mind_law() noexcept {
  if (phase_ != Phase::kSafeStopping || law_failed_) {
    return;
  }
  const double faster = core::max_abs_difference(cycle_.measured.dq_rad_s, source_.setpoint().dq_rad_s);
  const double off = core::max_abs_difference(cycle_.measured.q_rad, source_.setpoint().q_rad);
  if (faster > kUnled_rad_s || off > options_.tracking_error_rad) {
    law_failed_ = true;
    source_.reset(cycle_.measured.q_rad, cycle_.measured.dq_rad_s);
  }
}

bool CycleLoop::step_law(Law& law) noexcept {
  core::JointVector& tau = out_.tau_nm;
  if (&law != charged_) {
    law.reset({.measured = cycle_.measured,
               .setpoint = source_.setpoint(),
               .model = *model_,
               .tau_target_nm = tau_target_nm_,
               .period_ns = period_ns_});
  }
  ask(law, *model_, source_.setpoint(), tau_target_nm_, tau);
  if (tau.size() != source_.dof() || !tau.all_finite()) {
    return false;
  }
  take_charge(law);
  return true;
}

/// The law's torque, and the payload's weight.
void CycleLoop::ask(Law& law, const Model& model, const Setpoint& setpoint, const core::JointVector& tau_target_nm,
                    core::JointVector& tau_nm) noexcept {
  law.step({.measured = cycle_.measured,
            .setpoint = setpoint,
            .model = model,
            .tau_target_nm = tau_target_nm,
            .period_ns = period_ns_},
           tau_nm);
  if (model.payload() && tau_nm.size() == source_.dof()) {
    tau_nm.eigen() += model.payload_gravity_nm(cycle_.measured.q_rad).eigen();
  }
}

// What was in charge before is asked about this cycle, too, with the torque it was told last and the setpoint it would
// have: the difference fades.
void CycleLoop::take_charge(Law& law) noexcept {
  const bool changes = charged_ != nullptr && (charged_ != &law || charged_model_ != model_);
  if (changes && (cycle_.fault == Fault::kNone || cycle_.fault == Fault::kRequested || cycle_.fault == Fault::kStale)) {
    core::JointVector before;
    ask(*charged_, *charged_model_, charged_setpoint_, charged_target_nm_, before);
    if (before.size() == source_.dof() && before.all_finite()) {
      blend_.begin(before, out_.tau_nm);
    }
  } else if (changes) {
    blend_.clear();  // a fault is braked at once
  }
  if (charged_ != &law) {
    cycle_.law = law.name();
  }
  charged_ = &law;
  charged_model_ = model_;
  charged_target_nm_ = tau_target_nm_;
}

void CycleLoop::give_back_replaced() noexcept {
  if (replaced_law_ == charged_ && replaced_law_ != nullptr) {
    charged_ = nullptr;  // it did not come to a torque of the new one
  }
  laws_.retire(std::exchange(replaced_law_, nullptr));
  if (replaced_model_ == charged_model_ && replaced_model_ != nullptr) {
    charged_ = nullptr;
    charged_model_ = nullptr;
  }
  models_.retire(std::exchange(replaced_model_, nullptr));
}

}  // namespace takt::control
