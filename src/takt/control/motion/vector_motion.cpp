#include "takt/control/motion/vector_motion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Geometry>

#include "takt/control/motion/velocity_change.hpp"

// The box: half widths b with |b| = the norm, and no axis' b below what its state is or comes to by itself, so that no
// axis has to be brought inside while others gain. For acceleration A, with the room m·A² for an axis that has none,
//   b_k² = max(a_k², m·A²) + ρ_k·free,   free = A² − Σ max(a_i², m·A²),   ρ_k = |v_k| / (2·max(V, √2·|v|)) across;
// jerk likewise; for velocity, max(v_k², (v_k + a_k·|a_k|/(2j_k))², u_k² + e), u the drift. The first axis has the
// rest. A state of the norm √(1 − 2m) fits in any axes: that is what the first axis may reach alone.

namespace takt::control {
namespace {

constexpr double kRoom = 0.02;       // m: of the square of a norm
constexpr double kSlack = 1e-7;      // what rounding makes of a state at its bounds, of the square of a norm
constexpr double kNoWay = 1e-9;      // too short for a direction
constexpr double kNotAcross = 1e-9;  // of the velocity or the norm

/// What of the free acceleration goes to axes with these velocities across: at most half.
Eigen::Array3d braking_share(const Eigen::Array3d& velocity, double norm) noexcept {
  return velocity.abs() / (2.0 * std::max(norm, std::sqrt(2.0) * velocity.matrix().norm()));
}

Eigen::Vector3d across(const Eigen::Vector3d& x, const Eigen::Vector3d& direction) noexcept {
  return x - direction * direction.dot(x);
}

/// The first axis leads to the end from where the motion across will have been braked, so that it need not come back;
/// the second lies along that motion.
Eigen::Matrix3d turned(const VectorWay& way, const Norms& norms) noexcept {
  Eigen::Vector3d first = way.way.normalized();
  const Eigen::Vector3d sideways = across(way.velocity, first);
  const double v = sideways.norm();
  if (v > kNotAcross * norms.velocity) {
    const double share = std::sqrt(kRoom + braking_share({v, 0.0, 0.0}, norms.velocity)[0]);
    const Rates rates({.acceleration_rad_s2 = share * norms.acceleration, .jerk_rad_s3 = share * norms.jerk});
    first = (way.way - sideways * (stop_distance(v, rates) / v)).normalized();
  }
  Eigen::Vector3d second = across(way.velocity, first);
  if (second.norm() > kNotAcross * std::max(norms.velocity, way.velocity.norm())) {
    second = across(second.normalized(), first).normalized();
  } else {
    second = first.unitOrthogonal();
  }
  Eigen::Matrix3d axes;
  axes << first, second, first.cross(second);
  return axes;
}

AxesBox shared(const Eigen::Matrix3d& axes, const VectorWay& way, const Norms& norms) noexcept {
  const Eigen::Array3d u = axes.transpose() * way.drift;
  const Eigen::Array3d v = axes.transpose() * way.velocity;
  const Eigen::Array3d a = axes.transpose() * way.acceleration;
  AxesBox box{.axes = axes};

  const double A2 = norms.acceleration * norms.acceleration;
  Eigen::Array3d square = a.square().max(kRoom * A2);
  const double free = A2 - square.sum();
  const Eigen::Array3d share = braking_share({0.0, v[1], v[2]}, norms.velocity);
  square += std::max(0.0, free) * share;
  square[0] = std::max(square[0], A2 - square[1] - square[2]);
  box.acceleration = square.sqrt();
  box.jerk = norms.jerk * box.acceleration / box.acceleration.matrix().norm();

  const double V2 = norms.velocity * norms.velocity;
  const double e = std::min(kRoom * V2, (V2 - way.drift.squaredNorm()) / 6.0);
  const Eigen::Array3d coasted = u + v + a * a.abs() / (2.0 * box.jerk);
  square = (u + v).square().max(coasted.square()).max(u.square() + e);
  box.fits = free >= -kSlack * A2 && square.sum() <= V2 * (1.0 + kSlack);
  square[0] = std::max(square[0], V2 - square[1] - square[2]);
  box.velocity = square.sqrt();
  return box;
}

}  // namespace

AxesBox VectorMotion::box_for(const VectorWay& way, const Norms& norms) const noexcept {
  return shared(way.way.norm() > kNoWay ? turned(way, norms) : box_.axes, way, norms);
}

void VectorMotion::go(const VectorWay& way, const Norms& norms, const AxesBox& box) noexcept {
  norms_ = norms;
  use(box, way.drift);
  start(way.velocity, way.acceleration);
  aim(way.way);
  const Eigen::Vector3d first = box.axes.col(0);
  shared_ = across(way.velocity, first).norm() > kNotAcross * norms.velocity ||
            across(way.acceleration, first).norm() > kNotAcross * norms.acceleration;
}

void VectorMotion::stop(const Eigen::Vector3d& velocity, const Eigen::Vector3d& acceleration,
                        const Norms& norms) noexcept {
  const VectorWay way{.way = velocity, .velocity = velocity, .acceleration = acceleration};
  const AxesBox box = box_for(way, norms);
  norms_ = norms;
  use(box.fits || !box_.fits ? box : box_, way.drift);
  start(velocity, acceleration);
  shared_ = false;
}

void VectorMotion::go_on(const Eigen::Vector3d& way, const Eigen::Vector3d& velocity,
                         const Eigen::Vector3d& acceleration) noexcept {
  start(velocity, acceleration);
  aim(way);
}

VectorMotion::State VectorMotion::step(double dt_s) noexcept {
  if (shared_ && axes_[1].at_rest() && axes_[2].at_rest()) {
    give_all_to_the_first();
  }
  Eigen::Vector3d x;
  Eigen::Vector3d dx;
  Eigen::Vector3d ddx;
  for (std::size_t i = 0; i < 3; ++i) {
    const AxisState& state = axes_[i].step(dt_s);
    const auto k = static_cast<Eigen::Index>(i);
    x[k] = state.q_rad;
    dx[k] = state.dq_rad_s;
    ddx[k] = state.ddq_rad_s2;
  }
  return {.x = box_.axes * x, .dx = box_.axes * dx, .ddx = box_.axes * ddx};
}

bool VectorMotion::at_rest() const noexcept {
  return std::all_of(axes_.begin(), axes_.end(), [](const AxisMotion& axis) { return axis.at_rest(); });
}

Eigen::Vector3d VectorMotion::end() const noexcept {
  return box_.axes * Eigen::Vector3d(axes_[0].target_rad(), axes_[1].target_rad(), axes_[2].target_rad());
}

void VectorMotion::use(const AxesBox& box, const Eigen::Vector3d& drift) noexcept {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  box_ = box;
  drift_ = drift;
  const Eigen::Array3d u = box.axes.transpose() * drift;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    axes_[i] = AxisMotion({.velocity_min_rad_s = -box.velocity[k] - u[k],
                           .velocity_max_rad_s = box.velocity[k] - u[k],
                           .acceleration_rad_s2 = box.acceleration[k],
                           .jerk_rad_s3 = box.jerk[k]},
                          -kFar, kFar);
  }
}

/// The axes begin at x = 0, on the fastest way to rest.
void VectorMotion::start(const Eigen::Vector3d& velocity, const Eigen::Vector3d& acceleration) noexcept {
  const Eigen::Vector3d dx = box_.axes.transpose() * velocity;
  const Eigen::Vector3d ddx = box_.axes.transpose() * acceleration;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    axes_[i].reset({.dq_rad_s = dx[k], .ddq_rad_s2 = ddx[k]});
  }
}

void VectorMotion::aim(const Eigen::Vector3d& way) noexcept {
  const Eigen::Vector3d x = box_.axes.transpose() * way;
  for (std::size_t i = 0; i < 3; ++i) {
    axes_[i].set_target(x[static_cast<Eigen::Index>(i)], 0.0);
  }
}

void VectorMotion::give_all_to_the_first() noexcept {
  shared_ = false;
  const std::array<AxisMotion, 3> before = axes_;
  const AxisState& now = before[0].state();
  const Eigen::Vector3d first = box_.axes.col(0);
  use(shared(box_.axes, {.velocity = first * now.dq_rad_s, .acceleration = first * now.ddq_rad_s2, .drift = drift_},
             norms_),
      drift_);
  for (std::size_t i = 0; i < 3; ++i) {
    axes_[i].reset(before[i].state());
    axes_[i].set_target(before[i].target_rad(), 0.0);
  }
}

}  // namespace takt::control
