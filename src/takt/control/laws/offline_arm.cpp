#include "takt/control/laws/offline_arm.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

namespace takt::control {
namespace {

constexpr double kLongestStep_s = 2.5e-4;
constexpr int kFrictionSweeps = 10;

}  // namespace

OfflineArm::OfflineArm(Model model) : model_(std::move(model)) {
  state_.brakes_engaged = false;
  state_.command_success_rate = 1.0;
  state_.tau_nm = core::JointVector::zero(model_.dof());
  place(core::JointVector(model_.data().home_rad), core::JointVector::zero(model_.dof()));
}

void OfflineArm::place(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) {
  if (q_rad.size() != model_.dof() || dq_rad_s.size() != model_.dof()) {
    throw LogicError(
        fmt::format("OfflineArm: {} positions, {} velocities, {} joints", q_rad.size(), dq_rad_s.size(), model_.dof()));
  }
  state_.q_rad = q_rad;
  state_.dq_rad_s = dq_rad_s;
}

void OfflineArm::advance(const core::JointVector& tau_nm, double dt_s) {
  if (tau_nm.size() != model_.dof() || !(dt_s > 0.0)) {
    throw LogicError(fmt::format("OfflineArm: {} torques for {} joints over {} s", tau_nm.size(), model_.dof(), dt_s));
  }
  const double steps = std::ceil(dt_s / kLongestStep_s * (1.0 - 1e-9));
  for (double k = 0; k < steps; ++k) {
    step(tau_nm, dt_s / steps);
  }
  state_.tau_nm = tau_nm;
  state_.stamp_ns += core::from_seconds(dt_s);
  ++state_.sequence;
}

void OfflineArm::step(const core::JointVector& tau_nm, double dt_s) {
  const JointMatrix M = model_.mass_matrix(state_.q_rad);
  const Eigen::MatrixXd M_inverse = Eigen::LLT<Eigen::MatrixXd>(M).solve(Eigen::MatrixXd::Identity(M.rows(), M.cols()));
  Eigen::VectorXd torque = tau_nm.eigen() - model_.coriolis_nm(state_.q_rad, state_.dq_rad_s).eigen() +
                           model_.tool_jacobian(state_.q_rad).transpose() * F_ext_;
  for (std::size_t i = 0; i < model_.dof(); ++i) {
    torque[static_cast<Eigen::Index>(i)] -= model_.data().joints[i].damping_nm_s_rad * state_.dq_rad_s[i];
  }
  state_.dq_rad_s.eigen() += dt_s * (M_inverse * torque);
  rub(M_inverse, dt_s);
  state_.q_rad.eigen() += dt_s * state_.dq_rad_s.eigen();
}

void OfflineArm::rub(const Eigen::MatrixXd& M_inverse, double dt_s) {
  auto dq = state_.dq_rad_s.eigen();
  Eigen::VectorXd friction = Eigen::VectorXd::Zero(dq.size());
  for (int sweep = 0; sweep < kFrictionSweeps; ++sweep) {
    for (Eigen::Index i = 0; i < dq.size(); ++i) {
      const double bound = model_.data().joints[static_cast<std::size_t>(i)].friction_nm;
      const double next = std::clamp(friction[i] + dq[i] / (dt_s * M_inverse(i, i)), -bound, bound);
      dq -= dt_s * (next - friction[i]) * M_inverse.col(i);
      friction[i] = next;
    }
  }
}

}  // namespace takt::control
