#include "takt/control/motion/joint_path.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

/// q(s) = a s³ + b s² + c s + d of one joint between two points, s from 0 to 1 over h seconds.
struct Cubic {
  double a, b, c, d, h_s;

  [[nodiscard]] double position(double s) const noexcept { return ((a * s + b) * s + c) * s + d; }
  [[nodiscard]] double velocity(double s) const noexcept { return ((3.0 * a * s + 2.0 * b) * s + c) / h_s; }
};

Cubic cubic_of(const PathPoint& from, const PathPoint& to, std::size_t joint) noexcept {
  const double h_s = core::to_seconds(to.due_ns - from.due_ns);
  const double way = to.q_rad[joint] - from.q_rad[joint];
  const double leaving = h_s * from.dq_rad_s[joint];
  const double arriving = h_s * to.dq_rad_s[joint];
  return {.a = leaving + arriving - 2.0 * way,
          .b = 3.0 * way - 2.0 * leaving - arriving,
          .c = leaving,
          .d = from.q_rad[joint],
          .h_s = h_s};
}

/// Where the velocity of the cubic is zero; outside of 0 … 1 where it is nowhere.
std::array<double, 2> turning_points(const Cubic& cubic) noexcept {
  constexpr double kNowhere = -1.0;
  const double p = 3.0 * cubic.a;
  const double q = 2.0 * cubic.b;
  const double root = q * q - 4.0 * p * cubic.c;
  if (root < 0.0) {
    return {kNowhere, kNowhere};
  }
  // Of the two forms of each root the one that subtracts nothing alike.
  const double sum = -0.5 * (q + std::copysign(std::sqrt(root), q));
  return {p != 0.0 ? sum / p : kNowhere, sum != 0.0 ? cubic.c / sum : kNowhere};
}

/// Of a cubic with numbers too large to compute with.
constexpr JointPath::Extent kAnywhere{.lowest_rad = -std::numeric_limits<double>::infinity(),
                                      .highest_rad = std::numeric_limits<double>::infinity(),
                                      .speed_rad_s = std::numeric_limits<double>::infinity()};

/// What is computed of it is a number, at worst an infinite one.
bool is_computable(const Cubic& cubic) noexcept {
  const double p = 3.0 * cubic.a;
  const double q = 2.0 * cubic.b;
  return std::isfinite(q * q - 4.0 * p * cubic.c) && std::isfinite(cubic.d);
}

/// @pre is_computable(cubic)
void widen(JointPath::Extent& extent, const Cubic& cubic, double s) noexcept {
  if (!(s >= 0.0 && s <= 1.0)) {
    return;
  }
  extent.lowest_rad = std::min(extent.lowest_rad, cubic.position(s));
  extent.highest_rad = std::max(extent.highest_rad, cubic.position(s));
  extent.speed_rad_s = std::max(extent.speed_rad_s, std::abs(cubic.velocity(s)));
}

void require_sound(const std::vector<PathPoint>& points) {
  if (points.size() < 2) {
    throw LogicError("JointPath: " + std::to_string(points.size()) + " points; at least 2 are needed");
  }
  const std::size_t joints = points.front().q_rad.size();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const PathPoint& point = points[i];
    const bool sized = point.q_rad.size() == joints && (point.dq_rad_s.empty() || point.dq_rad_s.size() == joints);
    const bool rising = i == 0 || point.due_ns > points[i - 1].due_ns;
    if (!sized || !rising || !point.q_rad.all_finite() || !point.dq_rad_s.all_finite()) {
      throw LogicError("JointPath: point " + std::to_string(i) +
                       " is not later than the one before, of another size, or not finite");
    }
  }
}

core::JointVector mean_slope(const PathPoint& before, const PathPoint& after) {
  core::JointVector slope = after.q_rad;
  slope.eigen() = (after.q_rad.eigen() - before.q_rad.eigen()) / core::to_seconds(after.due_ns - before.due_ns);
  return slope;
}

}  // namespace

JointPath::JointPath(std::vector<PathPoint> points) : points_(std::move(points)) {
  require_sound(points_);
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (points_[i].dq_rad_s.empty()) {
      const bool inner = i > 0 && i + 1 < points_.size();
      points_[i].dq_rad_s =
          inner ? mean_slope(points_[i - 1], points_[i + 1]) : core::JointVector::zero(points_[i].q_rad.size());
    }
  }
}

JointPath::Reference JointPath::at(core::Nanoseconds now_ns) const noexcept {
  if (now_ns < begin_ns() || now_ns >= end_ns()) {
    const PathPoint& point = now_ns < begin_ns() ? points_.front() : points_.back();
    return {.q_rad = point.q_rad, .dq_rad_s = core::JointVector::zero(joints())};
  }
  const auto to = std::ranges::upper_bound(points_, now_ns, {}, &PathPoint::due_ns);
  const auto from = to - 1;
  const double s = static_cast<double>(now_ns - from->due_ns) / static_cast<double>(to->due_ns - from->due_ns);
  Reference reference{.q_rad = from->q_rad, .dq_rad_s = from->dq_rad_s};
  for (std::size_t i = 0; i < reference.q_rad.size(); ++i) {
    const Cubic cubic = cubic_of(*from, *to, i);
    reference.q_rad[i] = cubic.position(s);
    reference.dq_rad_s[i] = cubic.velocity(s);
  }
  return reference;
}

JointPath::Extent JointPath::extent(std::size_t joint) const noexcept {
  const double start_rad = points_.front().q_rad[joint];
  Extent extent{.lowest_rad = start_rad, .highest_rad = start_rad, .speed_rad_s = 0.0};
  for (std::size_t i = 1; i < points_.size(); ++i) {
    const Cubic cubic = cubic_of(points_[i - 1], points_[i], joint);
    if (!is_computable(cubic)) {
      return kAnywhere;
    }
    widen(extent, cubic, 0.0);
    widen(extent, cubic, 1.0);
    for (const double s : turning_points(cubic)) {
      widen(extent, cubic, s);
    }
    if (cubic.a != 0.0) {
      widen(extent, cubic, -cubic.b / (3.0 * cubic.a));  // where it is fastest
    }
  }
  return extent;
}

}  // namespace takt::control
