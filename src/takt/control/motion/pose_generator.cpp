#include "takt/control/motion/pose_generator.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "takt/control/motion/rotation_vector.hpp"
#include "takt/core/error.hpp"

// With T = exp(ω_t·t), and w, ẇ the angular velocity and acceleration of exp(r(t)):
//   ω = ω_t + T·w,   α = ω_t × T·w + T·ẇ.
// At the anchor, T = 1 and r = 0, so ṙ = ω − ω_t and r̈ = α − ω_t × ω.

namespace takt::control {
namespace {

constexpr double kAnchorSpan_rad = 0.1;   // follow when r is longer, unless the rest of the way is shorter
constexpr double kCurvatureShare = 0.95;  // what half that span leaves of acceleration and jerk, when r is folded away
constexpr double kAnchorLoss = 0.02;   // of velocity: r̈ that the axes did not plan with runs out after each anchoring
constexpr double kTurningLoss = 0.05;  // of velocity: ω_t + ṙ is longer than planned, when r turns ṙ towards ω_t
constexpr double kLeastShare = 0.1;    // of acceleration and jerk, where a turning target leaves none
constexpr double kFollowedShare = 0.9;
constexpr double kRotationTolerance = 1e-3;

bool is_valid(const PoseLimits& limits) noexcept {
  const std::array<double, 6> all{limits.velocity_m_s,   limits.acceleration_m_s2,   limits.jerk_m_s3,
                                  limits.velocity_rad_s, limits.acceleration_rad_s2, limits.jerk_rad_s3};
  return std::all_of(all.begin(), all.end(), [](double limit) { return std::isfinite(limit) && limit > 0.0; });
}

bool is_valid(const core::Pose& X) noexcept {
  const Eigen::Matrix3d R = X.linear();
  return X.translation().allFinite() && R.allFinite() && R.determinant() > 0.0 &&
         (R.transpose() * R - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff() <= kRotationTolerance;
}

Eigen::Quaterniond rotation_of(const core::Pose& X) noexcept {
  return Eigen::Quaterniond(Eigen::Matrix3d(X.linear())).normalized();
}

Norms moving_norms(const PoseLimits& limits) noexcept {
  return {.velocity = limits.velocity_m_s, .acceleration = limits.acceleration_m_s2, .jerk = limits.jerk_m_s3};
}

/// Of ṙ and its derivatives, where the frame turns at w_t [rad/s]: what T and the Jacobian of r leave of the limits
/// while r is as short as the anchor keeps it. |ω_t × ω| ≤ |ω_t| · the limit of velocity.
Norms turning_norms(const PoseLimits& limits, double w_t) noexcept {
  const double free = limits.velocity_rad_s - w_t;
  const double a = limits.acceleration_rad_s2;
  const double j = limits.jerk_rad_s3;
  return {.velocity = limits.velocity_rad_s - kAnchorLoss * free - kTurningLoss * std::min(w_t, free),
          .acceleration =
              std::max(kLeastShare * a, kCurvatureShare * (a - w_t * limits.velocity_rad_s - free * free / 30.0)),
          .jerk = std::max(kLeastShare * j, kCurvatureShare * (j - 0.5 * free * a - 2.0 * w_t * a - w_t * w_t * free))};
}

}  // namespace

PoseGenerator::PoseGenerator(const PoseLimits& limits) {
  if (set_limits(limits) != Outcome::kOk) {
    throw LogicError("PoseGenerator: limits must be finite and positive; velocity " +
                     std::to_string(limits.velocity_m_s) + " m/s, " + std::to_string(limits.velocity_rad_s) +
                     " rad/s, acceleration " + std::to_string(limits.acceleration_m_s2) + " m/s², " +
                     std::to_string(limits.acceleration_rad_s2) + " rad/s², jerk " + std::to_string(limits.jerk_m_s3) +
                     " m/s³, " + std::to_string(limits.jerk_rad_s3) + " rad/s³");
  }
  static_cast<void>(reset(core::Pose::Identity()));
}

Outcome PoseGenerator::reset(const core::Pose& X_BE) noexcept {
  return reset(PoseSetpoint{.X_BE = X_BE});
}

Outcome PoseGenerator::reset(const PoseSetpoint& setpoint) noexcept {
  if (!is_valid(setpoint.X_BE) || !setpoint.v.allFinite() || !setpoint.w.allFinite() || !setpoint.a.allFinite() ||
      !setpoint.alpha.allFinite()) {
    return Outcome::kInvalid;
  }
  setpoint_ = setpoint;
  orientation_ = rotation_of(setpoint.X_BE);
  translation_ = VectorMotion();
  rotation_ = VectorMotion();
  planned_with_ = limits_;
  halt();
  return Outcome::kOk;
}

Outcome PoseGenerator::set_target(const core::Pose& X_BG) noexcept {
  return set_target(X_BG, Eigen::Vector3d::Zero(), Eigen::Vector3d::Zero());
}

Outcome PoseGenerator::set_target(const core::Pose& X_BG, const Eigen::Vector3d& v, const Eigen::Vector3d& w) noexcept {
  if (!is_valid(X_BG) || !(v.norm() < limits_.velocity_m_s) || !(w.norm() < limits_.velocity_rad_s)) {
    return Outcome::kInvalid;
  }
  const bool same = v.isZero(0.0) && w.isZero(0.0) && target_.v.isZero(0.0) && target_.w.isZero(0.0) &&
                    X_BG.matrix() == target_.X_BG.matrix();
  if (!same) {
    target_ = {.X_BG = X_BG, .R_BG = rotation_of(X_BG), .v = v, .w = w};
    stale_ = true;
  }
  return Outcome::kOk;
}

Outcome PoseGenerator::set_limits(const PoseLimits& limits) noexcept {
  if (!is_valid(limits)) {
    return Outcome::kInvalid;
  }
  limits_ = limits;
  const double v = target_.v.norm();
  const double w = target_.w.norm();
  if (v >= limits.velocity_m_s || w >= limits.velocity_rad_s) {
    target_.X_BG = target_now();
    target_.R_BG = rotation_of(target_.X_BG);
    target_.v *= v >= limits.velocity_m_s ? kFollowedShare * limits.velocity_m_s / v : 1.0;
    target_.w *= w >= limits.velocity_rad_s ? kFollowedShare * limits.velocity_rad_s / w : 1.0;
    target_.age_s = 0.0;
  }
  stale_ = true;
  return Outcome::kOk;
}

void PoseGenerator::halt() noexcept {
  brake();
  braking_ = false;
  stale_ = false;
  goal_ = exp_rotation(rotation_.end()) * anchor_;
  target_ = {.X_BG = setpoint_.X_BE, .R_BG = goal_};
  target_.X_BG.translation() += translation_.end();
  if (!setpoint_.w.isZero(0.0) || !setpoint_.alpha.isZero(0.0)) {  // else it keeps the matrix bit for bit
    target_.X_BG.linear() = goal_.toRotationMatrix();
  }
}

const PoseSetpoint& PoseGenerator::step(double dt_s) noexcept {
  if (!(dt_s > 0.0) || !std::isfinite(dt_s)) {
    return setpoint_;
  }
  if (stale_ || braking_) {
    plan();
  }
  target_.age_s += dt_s;
  frame_age_s_ += dt_s;
  move(dt_s);
  turn(dt_s);
  return setpoint_;
}

bool PoseGenerator::at_rest() const noexcept {
  return on_target() && target_.v.isZero(0.0) && target_.w.isZero(0.0);
}

bool PoseGenerator::on_target() const noexcept {
  return !stale_ && !braking_ && translation_.at_rest() && rotation_.at_rest();
}

core::Pose PoseGenerator::target_now() const noexcept {
  core::Pose X_BG = target_.X_BG;
  if (!target_.v.isZero(0.0)) {
    X_BG.translation() += target_.v * target_.age_s;
  }
  if (!target_.w.isZero(0.0)) {
    X_BG.linear() = (exp_rotation(target_.w * target_.age_s) * target_.R_BG).toRotationMatrix();
  }
  return X_BG;
}

void PoseGenerator::plan() noexcept {
  stale_ = false;
  const Eigen::Quaterniond goal = exp_rotation(target_.w * target_.age_s) * target_.R_BG;
  const VectorWay move{.way = target_.X_BG.translation() + target_.v * target_.age_s - setpoint_.X_BE.translation(),
                       .velocity = setpoint_.v - target_.v,
                       .acceleration = setpoint_.a,
                       .drift = target_.v};
  const VectorWay turn{.way = log_rotation(goal * orientation_.conjugate()),
                       .velocity = setpoint_.w - target_.w,
                       .acceleration = setpoint_.alpha - target_.w.cross(setpoint_.w),
                       .drift = target_.w};
  const Norms moving = moving_norms(limits_);
  const Norms turning = turning_norms(limits_, target_.w.norm());
  const AxesBox moving_box = translation_.box_for(move, moving);
  const AxesBox turning_box = rotation_.box_for(turn, turning);
  if (!moving_box.fits || !turning_box.fits) {
    if (!braking_) {
      brake();
    }
    braking_ = true;
    return;
  }
  braking_ = false;
  planned_with_ = limits_;
  goal_ = goal;
  begin_frame(target_.v, target_.w);
  translation_.go(move, moving, moving_box);
  rotation_.go(turn, turning, turning_box);
}

/// To rest in B, from the setpoint, as fast as the limits of the last plan allow.
void PoseGenerator::brake() noexcept {
  begin_frame(Eigen::Vector3d::Zero(), Eigen::Vector3d::Zero());
  translation_.stop(setpoint_.v, setpoint_.a, moving_norms(planned_with_));
  rotation_.stop(setpoint_.w, setpoint_.alpha, turning_norms(planned_with_, 0.0));
}

/// From here on, in a frame that moves with v and turns with w.
void PoseGenerator::begin_frame(const Eigen::Vector3d& v, const Eigen::Vector3d& w) noexcept {
  origin_ = setpoint_.X_BE.translation();
  anchor_ = orientation_;
  frame_v_ = v;
  frame_w_ = w;
  frame_age_s_ = 0.0;
}

void PoseGenerator::move(double dt_s) noexcept {
  const VectorMotion::State moved = translation_.step(dt_s);
  if (!braking_ && translation_.at_rest()) {
    setpoint_.X_BE.translation() = target_now().translation();
    setpoint_.v = target_.v;
    setpoint_.a.setZero();
    return;
  }
  setpoint_.X_BE.translation() = origin_ + frame_v_ * frame_age_s_ + moved.x;
  setpoint_.v = frame_v_ + moved.dx;
  setpoint_.a = moved.ddx;
}

void PoseGenerator::turn(double dt_s) noexcept {
  const VectorMotion::State rotated = rotation_.step(dt_s);
  if (!braking_ && rotation_.at_rest()) {
    orientation_ = exp_rotation(target_.w * target_.age_s) * target_.R_BG;
    setpoint_.X_BE.linear() = target_now().linear();
    setpoint_.w = target_.w;
    setpoint_.alpha.setZero();
    return;
  }
  const Eigen::Quaterniond frame = exp_rotation(frame_w_ * frame_age_s_);
  const Turning turned = turning(rotated.x, rotated.dx, rotated.ddx);
  const Eigen::Quaterniond from_anchor = exp_rotation(rotated.x) * anchor_;
  const Eigen::Vector3d w = frame * turned.w;
  orientation_ = (frame * from_anchor).normalized();
  setpoint_.X_BE.linear() = orientation_.toRotationMatrix();
  setpoint_.w = frame_w_ + w;
  setpoint_.alpha = frame_w_.cross(w) + frame * turned.alpha;
  const Eigen::Vector3d left = log_rotation(goal_ * from_anchor.conjugate());
  if (!braking_ && rotated.x.norm() > kAnchorSpan_rad && left.norm() > kAnchorSpan_rad) {
    anchor_ = from_anchor.normalized();
    rotation_.go_on(left, turned.w, turned.alpha);
  }
}

}  // namespace takt::control
