#include "takt/trajectory/curve.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "takt/core/error.hpp"

// The natural cubic spline by its velocities m_i. With h_i = t_{i+1} − t_i and the slopes s_i = (q_{i+1} − q_i) / h_i,
// that the acceleration is continuous at the inner knots and 0 at the ends reads (de Boor, A Practical Guide to
// Splines, ch. IV)
//
//   2 m_0 + m_1 = 3 s_0
//   m_{i−1}/h_{i−1} + 2 (1/h_{i−1} + 1/h_i) m_i + m_{i+1}/h_i = 3 (s_{i−1}/h_{i−1} + s_i/h_i)
//   m_{n−2} + 2 m_{n−1} = 3 s_{n−2}
//
// The matrix is the same for all joints, tridiagonal and dominated by its diagonal: eliminated without pivots,
// forwards, then solved backwards.

namespace takt::trajectory {
namespace {

/// What elimination leaves of a row: m_i + upper · m_{i+1} = right (the right side is in the velocities).
class Elimination {
 public:
  Elimination(std::span<const core::Nanoseconds> t_ns, std::span<const double> q_rad, std::size_t joints,
              std::span<double> m)
      : t_ns_(t_ns), q_(q_rad), joints_(joints), m_(m), upper_(t_ns.size()) {}

  void forwards() {
    upper_[0] = 0.5;
    for (std::size_t j = 0; j < joints_; ++j) {
      m_[j] = 1.5 * slope(0, j);
    }
    for (std::size_t i = 1; i + 1 < t_ns_.size(); ++i) {
      inner_row(i);
    }
    const std::size_t last = t_ns_.size() - 1;
    const double inverse = 1.0 / (2.0 - upper_[last - 1]);
    for (std::size_t j = 0; j < joints_; ++j) {
      m_[last * joints_ + j] = inverse * (3.0 * slope(last - 1, j) - m_[(last - 1) * joints_ + j]);
    }
  }

  void backwards() {
    for (std::size_t i = t_ns_.size() - 1; i-- > 0;) {
      for (std::size_t j = 0; j < joints_; ++j) {
        m_[i * joints_ + j] -= upper_[i] * m_[(i + 1) * joints_ + j];
      }
    }
  }

 private:
  [[nodiscard]] double inverse_h(std::size_t i) const { return 1.0 / core::to_seconds(t_ns_[i + 1] - t_ns_[i]); }
  [[nodiscard]] double slope(std::size_t i, std::size_t j) const {
    return (q_[(i + 1) * joints_ + j] - q_[i * joints_ + j]) * inverse_h(i);
  }

  void inner_row(std::size_t i) {
    const double before = inverse_h(i - 1);
    const double after = inverse_h(i);
    const double inverse = 1.0 / (2.0 * (before + after) - before * upper_[i - 1]);
    upper_[i] = after * inverse;
    for (std::size_t j = 0; j < joints_; ++j) {
      const std::size_t k = i * joints_ + j;
      const double way_before = (q_[k] - q_[k - joints_]) * before;
      const double way_after = (q_[k + joints_] - q_[k]) * after;
      m_[k] = inverse * (3.0 * (way_before * before + way_after * after) - before * m_[k - joints_]);
    }
  }

  std::span<const core::Nanoseconds> t_ns_;
  std::span<const double> q_;
  std::size_t joints_;
  std::span<double> m_;
  std::vector<double> upper_;
};

}  // namespace

void natural_velocities(std::span<const core::Nanoseconds> t_ns, std::span<const double> q_rad, std::size_t joints,
                        std::span<double> dq_rad_s) {
  if (q_rad.size() != joints * t_ns.size() || dq_rad_s.size() != q_rad.size()) {
    throw LogicError(fmt::format("natural_velocities: {} positions and {} velocities for {} joints at {} instants",
                                 q_rad.size(), dq_rad_s.size(), joints, t_ns.size()));
  }
  if (t_ns.size() < 2) {
    std::ranges::fill(dq_rad_s, 0.0);
    return;
  }
  Elimination elimination(t_ns, q_rad, joints, dq_rad_s);
  elimination.forwards();
  elimination.backwards();
}

Curve curve_of(const Trajectory& trajectory) {
  Curve curve{.joints = trajectory.joints()};
  curve.t_ns.reserve(trajectory.size());
  curve.q_rad.reserve(trajectory.size() * curve.joints);
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    const core::JointVector q_rad = trajectory.q_rad(i);
    curve.t_ns.push_back(trajectory.time_ns(i));
    curve.q_rad.insert(curve.q_rad.end(), q_rad.begin(), q_rad.end());
  }
  curve.dq_rad_s.resize(curve.q_rad.size());
  natural_velocities(curve.t_ns, curve.q_rad, curve.joints, curve.dq_rad_s);
  return curve;
}

}  // namespace takt::trajectory
