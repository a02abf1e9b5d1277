#include "takt/control/model/differential_ik.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;

/// The pull to the posture follows its course with this time constant, so that a new posture is no jump.
constexpr double kPullTimeS = 0.2;

/// What a step may correct of the pose error at most: the loop over one step of prediction bears less than all of it.
constexpr double kMostFeedbackPerStep = 0.25;

/// The pose error [m, rad] from which on the pull to the posture may do what it wants with the singular directions.
constexpr double kFullLag = 0.02;

/// λ² is never below this share of reach²: J Jᵀ may be singular.
constexpr double kFloor = 1e-10;

void require_positive(double value, const char* name) {
  if (!(std::isfinite(value) && value > 0.0)) {
    throw LogicError(fmt::format("DifferentialIk: {} is {}, must be finite and > 0", name, value));
  }
}

void require_not_negative(double value, const char* name) {
  if (!(std::isfinite(value) && value >= 0.0)) {
    throw LogicError(fmt::format("DifferentialIk: {} is {}, must be finite and >= 0", name, value));
  }
}

void require(const DifferentialIkOptions& options) {
  require_positive(options.feedback_1_s, "feedback_1_s");
  require_not_negative(options.catch_up_m_s, "catch_up_m_s");
  require_not_negative(options.catch_up_rad_s, "catch_up_rad_s");
  require_not_negative(options.catch_up_m_s2, "catch_up_m_s2");
  require_not_negative(options.catch_up_rad_s2, "catch_up_rad_s2");
  require_not_negative(options.posture_rate_1_s, "posture_rate_1_s");
  require_not_negative(options.posture_speed_rad_s, "posture_speed_rad_s");
  require_positive(options.singular_share, "singular_share");
  require_positive(options.damping_share, "damping_share");
  require_positive(options.braking_share, "braking_share");
  require_positive(options.landing_1_s, "landing_1_s");
}

/// The velocity that takes an error back: k e where it is small, √(2 a |e|), from which one can brake, where it is
/// larger, never more than `most`.
Eigen::Vector3d catch_up(const Eigen::Vector3d& error, double k, double most, double acceleration) noexcept {
  const double norm = error.norm();
  const double speed = std::min({k * norm, std::sqrt(2.0 * acceleration * norm), most});
  return norm > 0.0 ? Eigen::Vector3d(error * (speed / norm)) : error;
}

}  // namespace

/// What one step wants, angles weighted by a third of the reach.
struct DifferentialIk::Task {
  JacobianMatrix J;
  Vector6 velocity;  ///< V + v_e
  Vector6 error;     ///< e, not weighted
  double lag{0.0};   ///< 0 … 1: how much of kFullLag the error is
  double reach_m{1.0};
};

/// The joints of a mask as a way to move the tool, before damping.
struct DifferentialIk::Damped {
  Matrix6 A;                  ///< J Jᵀ + floor
  Eigen::LLT<Matrix6> exact;  ///< of A
  double lambda2{0.0};        ///< what the singularity asks for on top
  double share{1.0};          ///< f
};

DifferentialIk::DifferentialIk(std::span<const JointLimits> limits, const JointVector& lowest_rad,
                               const JointVector& highest_rad, const DifferentialIkOptions& options)
    : lowest_rad_(lowest_rad), highest_rad_(highest_rad), options_(options) {
  const std::size_t n = limits.size();
  if (n == 0 || n > core::kMaxJoints || lowest_rad.size() != n || highest_rad.size() != n) {
    throw LogicError(fmt::format("DifferentialIk: limits of {} joints, a range of {} and {}", n, lowest_rad.size(),
                                 highest_rad.size()));
  }
  require(options);
  std::copy(limits.begin(), limits.end(), limits_.begin());
  envelopes_ = limits_;
  q_rad_.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (!(lowest_rad[i] < highest_rad[i])) {
      throw LogicError(
          fmt::format("DifferentialIk: the range [{}, {}] of joint {} is empty", lowest_rad[i], highest_rad[i], i + 1));
    }
    envelopes_[i].velocity_rad_s = std::numeric_limits<double>::infinity();
    q_rad_[i] = std::clamp(0.0, lowest_rad[i], highest_rad[i]);
  }
  reset(JointVector(q_rad_));
}

void DifferentialIk::reset(const JointVector& q_rad) noexcept {
  reset(q_rad, JointVector::zero(q_rad.size()));
}

void DifferentialIk::reset(const JointVector& q_rad, const JointVector& dq_rad_s) noexcept {
  q_rad_ = q_rad;
  dq_rad_s_ = dq_rad_s;
  pull_rad_s_ = JointVector::zero(q_rad.size());
}

void DifferentialIk::set_posture(const JointVector& posture_rad) noexcept {
  posture_rad_ = posture_rad;
}

DifferentialIk::Step DifferentialIk::step(const Model& model, const core::Pose& X_BE, const Vector6& V_BE,
                                          double dt_s) noexcept {
  JointVector ahead = q_rad_;
  ahead.eigen() += dt_s * dq_rad_s_.eigen();
  pull_to_posture(ahead, dt_s);
  const Task task = make_task(model, ahead, X_BE, V_BE, dt_s);
  double singularity = 1.0;
  JointVector dq = solve(task, ahead, singularity);
  const double factor = slow_down(dq);
  accelerate(ahead, dt_s, dq);
  integrate(dq, dt_s);
  return {
      .q_rad = q_rad_, .dq_rad_s = dq_rad_s_, .error = task.error, .singularity = singularity, .speed_factor = factor};
}

DifferentialIk::Task DifferentialIk::make_task(const Model& model, const JointVector& q_rad, const core::Pose& X_BE,
                                               const Vector6& V_BE, double dt_s) const noexcept {
  const ToolMotion motion = model.tool_motion(q_rad, JointVector::zero(dof()));
  const double k = std::min(options_.feedback_1_s, kMostFeedbackPerStep / dt_s);
  Task task{.J = motion.J, .velocity = V_BE, .error = pose_error(motion.X_BE, X_BE), .reach_m = model.reach_m()};
  task.velocity.head<3>() += catch_up(task.error.head<3>(), k, options_.catch_up_m_s, options_.catch_up_m_s2);
  task.velocity.tail<3>() += catch_up(task.error.tail<3>(), k, options_.catch_up_rad_s, options_.catch_up_rad_s2);
  const double weight = options_.position_only ? 0.0 : task.reach_m / 3.0;
  task.J.bottomRows<3>() *= weight;
  task.velocity.tail<3>() *= weight;
  task.error.tail<3>() *= options_.position_only ? 0.0 : 1.0;
  task.lag = std::min(1.0, task.error.norm() / kFullLag);
  return task;
}

void DifferentialIk::pull_to_posture(const JointVector& q_rad, double dt_s) noexcept {
  JointVector wanted = JointVector::zero(dof());
  if (posture_rad_.size() == dof()) {
    wanted.eigen() = options_.posture_rate_1_s * (posture_rad_.eigen() - q_rad.eigen());
    const double largest = wanted.eigen().cwiseAbs().maxCoeff();
    if (largest > options_.posture_speed_rad_s) {
      wanted.eigen() *= options_.posture_speed_rad_s / largest;
    }
  }
  pull_rad_s_.eigen() += std::min(1.0, dt_s / kPullTimeS) * (wanted.eigen() - pull_rad_s_.eigen());
}

DifferentialIk::Damped DifferentialIk::damp(const Task& task, const JointMask& free) const noexcept {
  Damped made;
  made.A = gramian(task.J, free);
  const double reach2 = task.reach_m * task.reach_m;
  made.A.diagonal().array() += kFloor * reach2;
  if (options_.position_only) {
    made.A.diagonal().tail<3>().array() += reach2;  // these equations are empty
  }
  made.exact.compute(made.A);
  const double s0 = options_.singular_share * task.reach_m;
  const double s2 = 1.0 / trace_of_inverse(made.exact.matrixLLT());
  made.share = std::min(1.0, s2 / (s0 * s0));
  const double most = options_.damping_share * task.reach_m * (1.0 - made.share);
  made.lambda2 = most * most;
  return made;
}

// y solves for the task with damping, for the pull without: what the pull then leaves of J dq is of the order of the
// floor. One pass per joint that has to be held to what the end of its range allows. `cut` is by how much: 0 when the
// joint wanted just that, where the passes with and without it agree; so do their damping and share then.
JointVector DifferentialIk::solve(const Task& task, const JointVector& q_rad, double& singularity) const noexcept {
  JointVector dq = JointVector::zero(dof());
  JointMask free = JointMask().set();
  Vector6 rest = task.velocity;
  double lambda2 = 0.0;
  double share = 1.0;
  double cut = 1.0;
  for (std::size_t pass = 0; pass <= dof(); ++pass) {
    const Damped damped = damp(task, free);
    lambda2 += cut * (damped.lambda2 - lambda2);
    share += cut * (damped.share - share);
    const double loose = (1.0 - share) * task.lag;
    Vector6 pulled = Vector6::Zero();
    for (std::size_t i = 0; i < dof(); ++i) {
      if (free[i]) {
        dq[i] = (share + loose) * pull_rad_s_[i];
        pulled += task.J.col(static_cast<Eigen::Index>(i)) * pull_rad_s_[i];
      }
    }
    Matrix6 A = damped.A;
    A.diagonal().array() += lambda2;
    const Eigen::LLT<Matrix6> factor = lambda2 > 0.0 ? A.llt() : damped.exact;
    const Vector6 y = factor.solve(rest - loose * pulled) - damped.exact.solve(share * pulled);
    std::size_t worst = dof();
    double worst_bound = 0.0;
    cut = 0.0;
    for (std::size_t i = 0; i < dof(); ++i) {
      if (!free[i]) {
        continue;
      }
      dq[i] += task.J.col(static_cast<Eigen::Index>(i)).dot(y);
      const double bound = std::clamp(dq[i], -fastest_down(i, q_rad[i]), fastest_up(i, q_rad[i]));
      if (bound != dq[i] && 1.0 - bound / dq[i] > cut) {
        cut = 1.0 - bound / dq[i];
        worst = i;
        worst_bound = bound;
      }
    }
    singularity = std::sqrt(share);
    if (worst == dof()) {
      break;
    }
    dq[worst] = worst_bound;
    rest -= task.J.col(static_cast<Eigen::Index>(worst)) * worst_bound;
    free.reset(worst);
  }
  return dq;
}

double DifferentialIk::braking(std::size_t joint, double distance_rad) const noexcept {
  const double d = std::max(0.0, distance_rad);
  const double landing = options_.landing_1_s * d;
  const double a = options_.braking_share * limits_[joint].acceleration_rad_s2;
  return std::isfinite(a) ? std::min(std::sqrt(2.0 * a * d), landing) : landing;
}

// The constant part of a velocity limit is not asked for here: all joints are slowed for it together. The envelope near
// an end of the range is: it would slow them to a stand.
double DifferentialIk::fastest_up(std::size_t joint, double q_rad) const noexcept {
  return std::min(braking(joint, highest_rad_[joint] - q_rad), envelopes_[joint].velocity_upper_rad_s(q_rad));
}

double DifferentialIk::fastest_down(std::size_t joint, double q_rad) const noexcept {
  return std::min(braking(joint, q_rad - lowest_rad_[joint]), -envelopes_[joint].velocity_lower_rad_s(q_rad));
}

double DifferentialIk::slow_down(JointVector& dq_rad_s) const noexcept {
  double factor = 1.0;
  for (std::size_t i = 0; i < dof(); ++i) {
    if (std::abs(dq_rad_s[i]) > limits_[i].velocity_rad_s) {
      factor = std::min(factor, limits_[i].velocity_rad_s / std::abs(dq_rad_s[i]));
    }
  }
  dq_rad_s.eigen() *= factor;
  return factor;
}

// All joints change by the same share of what they want. Braking for the range comes first: it asks for less than the
// acceleration limit, but not for less than the share.
void DifferentialIk::accelerate(const JointVector& q_rad, double dt_s, JointVector& dq_rad_s) const noexcept {
  double share = 1.0;
  for (std::size_t i = 0; i < dof(); ++i) {
    const double change = std::abs(dq_rad_s[i] - dq_rad_s_[i]);
    if (change > limits_[i].acceleration_rad_s2 * dt_s) {
      share = std::min(share, limits_[i].acceleration_rad_s2 * dt_s / change);
    }
  }
  if (share == 1.0) {
    return;
  }
  for (std::size_t i = 0; i < dof(); ++i) {
    const double changed = dq_rad_s_[i] + share * (dq_rad_s[i] - dq_rad_s_[i]);
    dq_rad_s[i] = std::clamp(changed, -fastest_down(i, q_rad[i]), fastest_up(i, q_rad[i]));
  }
}

void DifferentialIk::integrate(const JointVector& dq_rad_s, double dt_s) noexcept {
  for (std::size_t i = 0; i < dof(); ++i) {
    const double before = q_rad_[i];
    const double after = before + 0.5 * dt_s * (dq_rad_s_[i] + dq_rad_s[i]);
    q_rad_[i] = std::clamp(after, std::min(lowest_rad_[i], before), std::max(highest_rad_[i], before));
  }
  dq_rad_s_ = dq_rad_s;
}

}  // namespace takt::control
