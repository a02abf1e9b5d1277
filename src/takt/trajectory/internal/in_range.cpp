#include "takt/trajectory/internal/in_range.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "takt/core/time.hpp"

namespace takt::trajectory::internal {
namespace {

constexpr double kAtEnd_rad = 1e-6;
constexpr double kBeyond_rad = 1e-10;  // below what the checker lets pass
constexpr int kPasses = 4;             // one that is slowed down may make its neighbour leave

/// One joint of a curve.
class Joint {
 public:
  Joint(Curve& curve, std::size_t joint, const control::JointLimits& limit)
      : curve_(curve), joint_(joint), lowest_(limit.position_min_rad), highest_(limit.position_max_rad) {}

  void keep() {
    for (std::size_t i = 0; i < knots(); ++i) {
      if (q(i) - lowest_ <= kAtEnd_rad || highest_ - q(i) <= kAtEnd_rad) {
        slow_down(i);
      }
    }
    bool changed = true;
    for (int pass = 0; changed && pass < kPasses; ++pass) {
      changed = false;
      for (std::size_t i = 0; i + 1 < knots(); ++i) {
        if (leaves(i)) {
          const bool first = slow_down(i);
          const bool second = slow_down(i + 1);
          changed = changed || first || second;
        }
      }
    }
  }

 private:
  [[nodiscard]] std::size_t knots() const { return curve_.t_ns.size(); }
  [[nodiscard]] double q(std::size_t i) const { return curve_.q_rad[i * curve_.joints + joint_]; }
  [[nodiscard]] double& v(std::size_t i) { return curve_.dq_rad_s[i * curve_.joints + joint_]; }
  [[nodiscard]] double h_s(std::size_t i) const { return core::to_seconds(curve_.t_ns[i + 1] - curve_.t_ns[i]); }
  [[nodiscard]] bool inside(double q_rad) const {
    return q_rad >= lowest_ - kBeyond_rad && q_rad <= highest_ + kBeyond_rad;
  }

  /// So that the control points on both sides are inside; at the curve's ends as if it went on likewise. @return
  /// whether it was faster
  bool slow_down(std::size_t i) {
    if (!inside(q(i)) || knots() < 2) {
      return false;  // nothing helps, or nothing moves
    }
    const double before_s = h_s(i > 0 ? i - 1 : i);
    const double after_s = h_s(i + 1 < knots() ? i : i - 1);
    const double down = std::max(0.0, q(i) - lowest_);
    const double up = std::max(0.0, highest_ - q(i));
    const double kept =
        std::clamp(v(i), -3.0 * std::min(down / after_s, up / before_s), 3.0 * std::min(up / after_s, down / before_s));
    const bool was_faster = kept != v(i);
    v(i) = kept;
    return was_faster;
  }

  /// The cubic from knot i to the next: p(s) = q0 + b s + c s² + d s³, s from 0 to 1.
  [[nodiscard]] bool leaves(std::size_t i) {
    const double h = h_s(i);
    const double q0 = q(i);
    const double q1 = q(i + 1);
    const double b = h * v(i);
    const double end = h * v(i + 1);
    if (!inside(q0) || !inside(q1) || (inside(q0 + b / 3.0) && inside(q1 - end / 3.0))) {
      return false;
    }
    const double c = 3.0 * (q1 - q0) - 2.0 * b - end;
    const double d = b + end - 2.0 * (q1 - q0);
    const auto beyond_at = [&](double s) { return s > 0.0 && s < 1.0 && !inside(q0 + s * (b + s * (c + s * d))); };
    const double root = std::sqrt(std::max(0.0, c * c - 3.0 * b * d));
    const double sum = -(c + std::copysign(root, c));  // of b + 2 c s + 3 d s² = 0, without cancellation
    return beyond_at(sum / (3.0 * d)) || beyond_at(b / sum);
  }

  Curve& curve_;
  std::size_t joint_;
  double lowest_;
  double highest_;
};

}  // namespace

void keep_in_range(Curve& curve, std::span<const control::JointLimits> limits) {
  for (std::size_t joint = 0; joint < curve.joints; ++joint) {
    if (std::isfinite(limits[joint].position_min_rad) && std::isfinite(limits[joint].position_max_rad)) {
      Joint(curve, joint, limits[joint]).keep();
    }
  }
}

}  // namespace takt::trajectory::internal
