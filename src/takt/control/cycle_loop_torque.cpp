#include "takt/control/cycle_loop.hpp"
#include "takt/control/internal/count.hpp"

// From the setpoint to the torque.

namespace takt::control {

void CycleLoop::compute_torque() noexcept {
  core::JointVector& tau = out_.tau_nm;
  if (phase_ == Phase::kFaulted || cycle_.measured.brakes_engaged) {
    tau = zero_;
    cycle_.tau_wanted_nm = zero_;
    charged_ = nullptr;
    blend_.restart();
  } else {
    Law& law = law_in_charge();
    const bool led = &law == holding_law_.get() || law.reference() == Reference::kSetpoint;
    advance_setpoint(led);
    if (!step_law(law)) {
      trip({.fault = Fault::kLawOutput});
      tau = zero_;
    }
    cycle_.tau_wanted_nm = tau;
    blend_.apply(tau);
  }
  const TorqueLimiter::Applied applied = limiter_.apply(tau);
  blend_.sent(tau);
  if (applied.clipped) {
    count(counters_.clipped);
  }
  if (applied.rate_limited) {
    count(counters_.rate_limited);
  }
}

Law& CycleLoop::law_in_charge() noexcept {
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
  if (!led) {
    source_.reset(cycle_.measured.q_rad, cycle_.measured.dq_rad_s);
    return;
  }
  const double dt_s = core::to_seconds(period_ns_) * static_cast<double>(guard_.periods());
  const Setpoint& setpoint = source_.step(*model_, now_ns(), dt_s);
  const FaultReport straying = guard_.check_tracking(cycle_.measured, setpoint);
  if (straying.fault != Fault::kNone && phase_ != Phase::kSafeStopping) {
    trip(straying);
  }
  if (phase_ == Phase::kFollowing && motion_guard_.watches() &&
      !motion_guard_.allows(*model_, setpoint.q_rad, source_.braking_posture_rad())) {
    count(counters_.guard_halts);
    forget_command();
    begin_halt(Phase::kHalting, options_.stop_deadline_s);
  }
}

bool CycleLoop::step_law(Law& law) noexcept {
  core::JointVector& tau = out_.tau_nm;
  const LawInput input = {.measured = cycle_.measured,
                          .setpoint = source_.setpoint(),
                          .model = *model_,
                          .tau_target_nm = tau_target_nm_,
                          .period_ns = period_ns_};
  if (&law != charged_) {
    law.reset(input);
    if (charged_ != nullptr) {
      blend_.begin();
    }
    charged_ = &law;
    cycle_.law = law.name();
  }
  law.step(input, tau);
  if (tau.size() != source_.dof() || !tau.all_finite()) {
    return false;
  }
  if (model_->payload()) {
    const core::JointVector weight = model_->payload_gravity_nm(cycle_.measured.q_rad);
    tau.eigen() += weight.eigen();
  }
  return true;
}

}  // namespace takt::control
