#include "takt/control/cycle_guards.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Cholesky>

namespace takt::control {
namespace {

constexpr int kSweeps = 20;
constexpr core::Nanoseconds kMostLacking_ns = 200'000'000;
constexpr std::uint64_t kMostPeriods = 1'000'000;  // keeps the product small whatever an arm counts

bool all_finite(const ArmState& state) noexcept {
  return state.q_rad.all_finite() && state.dq_rad_s.all_finite() && state.tau_nm.all_finite();
}

}  // namespace

StateGuard::StateGuard(std::vector<JointLimits> limits, const CycleOptions& options, core::Nanoseconds period_ns,
                       std::uint64_t max_lost_states)
    : limits_(std::move(limits)),
      period_ns_(period_ns),
      tracking_error_rad_(options.tracking_error_rad),
      tracking_error_ns_(core::from_seconds(options.tracking_error_s)),
      position_tolerance_rad_(options.position_tolerance_rad),
      velocity_tolerance_(options.velocity_tolerance),
      max_lost_states_(max_lost_states) {}

void StateGuard::restart() noexcept {
  first_ = true;
  periods_ = 1;
  lacking_ns_ = 0;
  straying_ = false;
}

bool StateGuard::usable(const ArmState& state) const noexcept {
  const std::size_t dof = limits_.size();
  return state.q_rad.size() == dof && state.dq_rad_s.size() == dof && state.tau_nm.size() == dof && all_finite(state);
}

FaultReport StateGuard::check(const ArmState& state) noexcept {
  const std::size_t dof = limits_.size();
  for (const core::JointVector* part : {&state.q_rad, &state.dq_rad_s, &state.tau_nm}) {
    if (part->size() != dof) {
      return {
          .fault = Fault::kStateSize, .value = static_cast<double>(part->size()), .limit = static_cast<double>(dof)};
    }
  }
  if (!all_finite(state)) {
    return {.fault = Fault::kStateNotFinite};
  }
  const FaultReport order = check_order(state);
  return order.fault != Fault::kNone ? order : check_limits(state);
}

FaultReport StateGuard::check_order(const ArmState& state) noexcept {
  const bool newer = state.sequence > last_sequence_ && state.stamp_ns > last_stamp_ns_;
  periods_ = first_ || !newer ? 1 : state.sequence - last_sequence_;
  if (!first_ && !newer) {
    return {.fault = Fault::kStateOrder,
            .value = static_cast<double>(state.sequence),
            .limit = static_cast<double>(last_sequence_ + 1)};
  }
  // Stamps drive freshness and deadlines, so they must move on as the periods do. Those of states that came late
  // together lie close: that much may be lacking.
  const core::Nanoseconds lacking_ns =
      first_ ? 0
             : static_cast<core::Nanoseconds>(std::min(periods_, kMostPeriods)) * period_ns_ -
                   (state.stamp_ns - last_stamp_ns_);
  lacking_ns_ = std::max<core::Nanoseconds>(0, lacking_ns_ + lacking_ns);
  if (lacking_ns_ > kMostLacking_ns) {
    return {.fault = Fault::kStateOrder,
            .value = core::to_seconds(lacking_ns_),
            .limit = core::to_seconds(kMostLacking_ns)};
  }
  first_ = false;
  last_sequence_ = state.sequence;
  last_stamp_ns_ = state.stamp_ns;
  if (periods_ - 1 > max_lost_states_) {
    const auto lost = static_cast<double>(periods_ - 1);
    periods_ = max_lost_states_ + 1;  // the setpoint goes on by no more than was agreed
    return {.fault = Fault::kLostStates, .value = lost, .limit = static_cast<double>(max_lost_states_)};
  }
  return {};
}

FaultReport StateGuard::check_limits(const ArmState& state) const noexcept {
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const double q = state.q_rad[i];
    const double nearest = std::clamp(q, limits_[i].position_min_rad, limits_[i].position_max_rad);
    const auto joint = static_cast<std::uint32_t>(i + 1);
    if (std::abs(q - nearest) > position_tolerance_rad_) {
      return {.fault = Fault::kPositionLimit, .joint = joint, .value = q, .limit = nearest};
    }
    // The envelope where there is one, and the tolerance as a share of the fastest.
    const double tolerance = limits_[i].velocity_rad_s * velocity_tolerance_;
    const double dq = state.dq_rad_s[i];
    const double fastest =
        dq > 0.0 ? limits_[i].velocity_upper_rad_s(q) + tolerance : limits_[i].velocity_lower_rad_s(q) - tolerance;
    if (std::abs(dq) > std::abs(fastest)) {
      return {.fault = Fault::kVelocityLimit, .joint = joint, .value = dq, .limit = fastest};
    }
  }
  return {};
}

FaultReport StateGuard::check_tracking(const ArmState& state, const Setpoint& setpoint) noexcept {
  double worst = 0.0;
  std::size_t joint = 0;
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const double error = std::abs(state.q_rad[i] - setpoint.q_rad[i]);
    if (error > worst) {
      worst = error;
      joint = i;
    }
  }
  if (worst <= tracking_error_rad_) {
    straying_ = false;
    return {};
  }
  if (!straying_) {
    straying_ = true;
    straying_since_ns_ = state.stamp_ns;
  }
  if (state.stamp_ns - straying_since_ns_ <= tracking_error_ns_) {
    return {};
  }
  return {.fault = Fault::kTrackingError,
          .joint = static_cast<std::uint32_t>(joint + 1),
          .value = worst,
          .limit = tracking_error_rad_};
}

TorqueLimiter::TorqueLimiter(const std::vector<JointLimits>& limits, core::Nanoseconds period_ns)
    : most_nm_(core::JointVector::zero(limits.size())), most_step_nm_(most_nm_), last_nm_(most_nm_) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    most_nm_[i] = limits[i].torque_nm;
    most_step_nm_[i] = limits[i].torque_rate_nm_s * core::to_seconds(period_ns);
  }
}

void TorqueLimiter::restart() noexcept {
  std::fill(last_nm_.begin(), last_nm_.end(), 0.0);
}

TorqueLimiter::Applied TorqueLimiter::apply(core::JointVector& tau_nm) noexcept {
  Applied applied;
  for (std::size_t i = 0; i < tau_nm.size(); ++i) {
    const double clipped = std::clamp(tau_nm[i], -most_nm_[i], most_nm_[i]);
    const double limited = std::clamp(clipped, last_nm_[i] - most_step_nm_[i], last_nm_[i] + most_step_nm_[i]);
    applied.clipped = applied.clipped || clipped != tau_nm[i];
    applied.rate_limited = applied.rate_limited || limited != clipped;
    tau_nm[i] = limited;
  }
  last_nm_ = tau_nm;
  return applied;
}

TorqueLimiter::Applied TorqueLimiter::apply(core::JointVector& tau_nm, const Model& model,
                                            const core::JointVector& q_rad) noexcept {
  const core::JointVector before_nm = last_nm_;
  core::JointVector wanted_nm = tau_nm;
  const Applied applied = apply(tau_nm);
  if (applied.rate_limited) {
    for (std::size_t i = 0; i < wanted_nm.size(); ++i) {
      wanted_nm[i] = std::clamp(wanted_nm[i], -most_nm_[i], most_nm_[i]);
    }
    make_least_off(tau_nm, before_nm, wanted_nm, model.mass_matrix(q_rad));
    last_nm_ = tau_nm;
  }
  return applied;
}

// Projected Gauss–Seidel from `tau_nm`, which is within the limits and the furthest that each joint may go. It stays
// that where numbers are too large to reckon with.
void TorqueLimiter::make_least_off(core::JointVector& tau_nm, const core::JointVector& before_nm,
                                   const core::JointVector& wanted_nm, const JointMatrix& M) noexcept {
  JointMatrix M_inverse = JointMatrix::Identity(M.rows(), M.cols());
  const Eigen::LLT<JointMatrix> cholesky(M);
  if (cholesky.info() != Eigen::Success) {
    return;
  }
  cholesky.solveInPlace(M_inverse);
  const core::JointVector furthest_nm = tau_nm;
  core::JointVector off_nm = tau_nm;
  off_nm.eigen() -= wanted_nm.eigen();
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (std::size_t i = 0; i < tau_nm.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      const double step = M_inverse.row(row).dot(off_nm.eigen()) / M_inverse(row, row);
      if (!std::isfinite(step)) {
        tau_nm = furthest_nm;
        return;
      }
      const double before = before_nm[i];
      const double furthest = furthest_nm[i];
      const double next = std::clamp(tau_nm[i] - step, std::min(before, furthest), std::max(before, furthest));
      off_nm[i] += next - tau_nm[i];
      tau_nm[i] = next;
    }
  }
}

}  // namespace takt::control
