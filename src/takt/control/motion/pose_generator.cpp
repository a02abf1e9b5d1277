#include "takt/control/motion/pose_generator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "takt/control/motion/rotation_vector.hpp"
#include "takt/core/error.hpp"

// With T = exp(ω_t·t), and w, ẇ the angular velocity and acceleration of exp(r(t)):
//   ω = ω_t + T·w,   α = ω_t × T·w + T·ẇ.
// At the anchor, T = 1 and r = 0, so ṙ = ω − ω_t and r̈ = α − ω_t × ω.

namespace takt::control {
namespace {

constexpr double kAxisShare = 1.0 / std::numbers::sqrt3;
constexpr double kAnchorSpan_rad = 0.02;  // follow when r is longer, unless the rest of the way is shorter
constexpr double kCurvatureShare = 0.95;  // what half that span leaves of an axis' limit, when r is folded away
constexpr double kLeastShare = 0.1;       // of acceleration and jerk, where a turning target leaves none
constexpr double kFollowedShare = 0.9;
constexpr double kRotationTolerance = 1e-3;
constexpr double kSlack = 1.0 + 1e-6;

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

AxisBounds bounds_about(double velocity, double more, double acceleration, double jerk) noexcept {
  return {.velocity_min_rad_s = velocity - more,
          .velocity_max_rad_s = velocity + more,
          .acceleration_rad_s2 = acceleration,
          .jerk_rad_s3 = jerk};
}

/// Whether axes that may go from here to anywhere within target ± more keep the norm of the velocity all the way.
bool box_fits(const Eigen::Vector3d& v, const Eigen::Vector3d& a, double jerk, const Eigen::Vector3d& target,
              double more, double limit) noexcept {
  const Eigen::Array3d coasted = v.array() + a.array() * a.array().abs() / (2.0 * jerk);
  const Eigen::Array3d peak = v.array().abs().max(coasted.abs()).max(target.array().abs() + more);
  return peak.matrix().norm() <= limit * kSlack;
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
  bound_axes();
  halt();
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
  goal_ = exp_rotation({rotation_[0].target_rad(), rotation_[1].target_rad(), rotation_[2].target_rad()}) * anchor_;
  target_ = {.X_BG = setpoint_.X_BE, .R_BG = goal_};
  target_.X_BG.translation() =
      Eigen::Vector3d(translation_[0].target_rad(), translation_[1].target_rad(), translation_[2].target_rad());
  if (!setpoint_.w.isZero(0.0) || !setpoint_.alpha.isZero(0.0)) {  // else it keeps the matrix bit for bit
    target_.X_BG.linear() = goal_.toRotationMatrix();
  }
}

const PoseSetpoint& PoseGenerator::step(double dt_s) noexcept {
  if (!(dt_s > 0.0) || !std::isfinite(dt_s)) {
    return setpoint_;
  }
  if (stale_ || (braking_ && fits())) {
    plan();
  }
  target_.age_s += dt_s;
  move(dt_s);
  turn(dt_s);
  return setpoint_;
}

bool PoseGenerator::at_rest() const noexcept {
  return on_target() && target_.v.isZero(0.0) && target_.w.isZero(0.0);
}

bool PoseGenerator::on_target() const noexcept {
  const auto there = [](const AxisMotion& axis) { return axis.on_reference(); };
  return !stale_ && !braking_ && std::all_of(translation_.begin(), translation_.end(), there) &&
         std::all_of(rotation_.begin(), rotation_.end(), there);
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
  braking_ = !fits();
  if (braking_) {
    brake();
    return;
  }
  bound_axes();
  const Eigen::Vector3d p = target_.X_BG.translation() + target_.v * target_.age_s;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    translation_[i].set_target(p[k], target_.v[k]);
  }
  frame_w_ = target_.w;
  goal_ = exp_rotation(target_.w * target_.age_s) * target_.R_BG;
  anchor(orientation_, setpoint_.w - target_.w, setpoint_.alpha - target_.w.cross(setpoint_.w));
  frame_age_s_ = 0.0;
  aim();
}

/// What the target leaves of the limits to each rotation axis.
AxisBounds PoseGenerator::rotation_bounds() const noexcept {
  const double w = target_.w.norm();
  const double free = limits_.velocity_rad_s - w;
  const double a = limits_.acceleration_rad_s2;
  const double j = limits_.jerk_rad_s3;
  // Norms of what T and the Jacobian of r add to r̈ and its derivative while r is as short as the anchor keeps it.
  const double a_left = std::max(kLeastShare * a, kCurvatureShare * (a - w * free - free * free / 30.0));
  const double j_left = std::max(kLeastShare * j, kCurvatureShare * (j - 0.5 * free * a - 2.0 * w * a - w * w * free));
  return bounds_about(0.0, kCurvatureShare * kAxisShare * free, kAxisShare * a_left, kAxisShare * j_left);
}

void PoseGenerator::bound_axes() noexcept {
  const AxisBounds rotation = rotation_bounds();
  for (std::size_t i = 0; i < 3; ++i) {
    const double v = target_.v[static_cast<Eigen::Index>(i)];
    translation_[i].set_limits(bounds_about(v, kAxisShare * (limits_.velocity_m_s - target_.v.norm()),
                                            kAxisShare * limits_.acceleration_m_s2, kAxisShare * limits_.jerk_m_s3));
    rotation_[i].set_limits(rotation);
  }
}

/// The rotation axes begin at r = 0 again, on their way to rest.
void PoseGenerator::anchor(const Eigen::Quaterniond& R, const Eigen::Vector3d& dr,
                           const Eigen::Vector3d& ddr) noexcept {
  anchor_ = R.normalized();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    rotation_[i].reset({.dq_rad_s = dr[k], .ddq_rad_s2 = ddr[k]});
  }
}

/// The rotation axes go to the goal.
void PoseGenerator::aim() noexcept {
  const Eigen::Vector3d r = log_rotation(goal_ * anchor_.conjugate());
  for (std::size_t i = 0; i < 3; ++i) {
    rotation_[i].set_target(r[static_cast<Eigen::Index>(i)], 0.0);
  }
}

/// All axes to rest in B, from the setpoint, as fast as they may.
void PoseGenerator::brake() noexcept {
  for (std::size_t i = 0; i < 3; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    translation_[i].reset(
        {.q_rad = setpoint_.X_BE.translation()[k], .dq_rad_s = setpoint_.v[k], .ddq_rad_s2 = setpoint_.a[k]});
  }
  frame_w_.setZero();
  frame_age_s_ = 0.0;
  anchor(orientation_, setpoint_.w, setpoint_.alpha);
}

bool PoseGenerator::fits() const noexcept {
  const double more_m_s = kAxisShare * (limits_.velocity_m_s - target_.v.norm());
  const AxisBounds rotation = rotation_bounds();
  const Eigen::Vector3d ddr = setpoint_.alpha - target_.w.cross(setpoint_.w);
  // The angular velocity beside a turning target is bent by half the span. From rest that is along with the target.
  const double bent_rad_s = 0.5 * kAnchorSpan_rad * (setpoint_.w - target_.w).norm();
  const bool rests = setpoint_.w.isZero(0.0) && setpoint_.alpha.isZero(0.0);
  return box_fits(setpoint_.v, setpoint_.a, kAxisShare * limits_.jerk_m_s3, target_.v, more_m_s,
                  limits_.velocity_m_s) &&
         (rests || box_fits(setpoint_.w, ddr, rotation.jerk_rad_s3, target_.w, rotation.velocity_max_rad_s,
                            limits_.velocity_rad_s - (target_.w.isZero(0.0) ? 0.0 : bent_rad_s)));
}

void PoseGenerator::move(double dt_s) noexcept {
  for (std::size_t i = 0; i < 3; ++i) {
    const AxisState& state = translation_[i].step(dt_s);
    const auto k = static_cast<Eigen::Index>(i);
    setpoint_.X_BE.translation()[k] = state.q_rad;
    setpoint_.v[k] = state.dq_rad_s;
    setpoint_.a[k] = state.ddq_rad_s2;
  }
}

void PoseGenerator::turn(double dt_s) noexcept {
  Eigen::Vector3d r;
  Eigen::Vector3d dr;
  Eigen::Vector3d ddr;
  bool arrived = !braking_;
  for (std::size_t i = 0; i < 3; ++i) {
    const AxisState& state = rotation_[i].step(dt_s);
    const auto k = static_cast<Eigen::Index>(i);
    r[k] = state.q_rad;
    dr[k] = state.dq_rad_s;
    ddr[k] = state.ddq_rad_s2;
    arrived = arrived && rotation_[i].at_rest();
  }
  frame_age_s_ += dt_s;
  if (arrived) {
    orientation_ = exp_rotation(target_.w * target_.age_s) * target_.R_BG;
    setpoint_.X_BE.linear() = target_now().linear();
    setpoint_.w = target_.w;
    setpoint_.alpha.setZero();
    return;
  }
  const Eigen::Quaterniond frame = exp_rotation(frame_w_ * frame_age_s_);
  const Turning turned = turning(r, dr, ddr);
  const Eigen::Quaterniond from_anchor = exp_rotation(r) * anchor_;
  const Eigen::Vector3d w = frame * turned.w;
  orientation_ = (frame * from_anchor).normalized();
  setpoint_.X_BE.linear() = orientation_.toRotationMatrix();
  setpoint_.w = frame_w_ + w;
  setpoint_.alpha = frame_w_.cross(w) + frame * turned.alpha;
  if (!braking_ && r.squaredNorm() > kAnchorSpan_rad * kAnchorSpan_rad &&
      log_rotation(goal_ * from_anchor.conjugate()).squaredNorm() > kAnchorSpan_rad * kAnchorSpan_rad) {
    anchor(from_anchor, turned.w, turned.alpha);
    aim();
  }
}

}  // namespace takt::control
