#include "takt/control/motion/rotation_vector.hpp"

#include <cmath>

// With θ = |r|, B = (1 − cos θ)/θ² and C = (θ − sin θ)/θ³, the left Jacobian of SO(3) gives
//   ω = ṙ + B·r×ṙ + C·r×(r×ṙ),
// and |ω| ≤ |ṙ|. Its derivative has dB/dt = (r·ṙ)·B', B' = (dB/dθ)/θ, and C likewise. Near 0 their series.

namespace takt::control {
namespace {

constexpr double kSeriesBelow = 0.25;  // θ²; there the terms left out are below 1e-11

struct Coefficients {
  double b;
  double c;
  double b_slope;
  double c_slope;
};

Coefficients coefficients(double t2) noexcept {
  if (t2 < kSeriesBelow) {
    return {.b = 1.0 / 2 - t2 * (1.0 / 24 - t2 * (1.0 / 720 - t2 * (1.0 / 40320 - t2 / 3628800))),
            .c = 1.0 / 6 - t2 * (1.0 / 120 - t2 * (1.0 / 5040 - t2 * (1.0 / 362880 - t2 / 39916800))),
            .b_slope = -1.0 / 12 + t2 * (1.0 / 180 - t2 * (1.0 / 6720 - t2 / 453600)),
            .c_slope = -1.0 / 60 + t2 * (1.0 / 1260 - t2 * (1.0 / 60480 - t2 / 4989600))};
  }
  const double theta = std::sqrt(t2);
  const double sinc = std::sin(theta) / theta;
  const double b = (1.0 - std::cos(theta)) / t2;
  const double c = (1.0 - sinc) / t2;
  return {.b = b, .c = c, .b_slope = (sinc - 2.0 * b) / t2, .c_slope = (b - 3.0 * c) / t2};
}

}  // namespace

Eigen::Quaterniond exp_rotation(const Eigen::Vector3d& r) noexcept {
  const double half = 0.5 * r.norm();
  const double scale = half > 1e-4 ? 0.5 * std::sin(half) / half : 0.5 * (1.0 - half * half / 6.0);
  const Eigen::Vector3d v = scale * r;
  return {std::cos(half), v.x(), v.y(), v.z()};
}

Eigen::Vector3d log_rotation(const Eigen::Quaterniond& q) noexcept {
  const double sign = q.w() < 0.0 ? -1.0 : 1.0;
  const double w = sign * q.w();
  const double n = q.vec().norm();
  const double scale = n > 1e-8 ? 2.0 * std::atan2(n, w) / n : 2.0;
  return sign * scale * q.vec();
}

Turning turning(const Eigen::Vector3d& r, const Eigen::Vector3d& dr, const Eigen::Vector3d& ddr) noexcept {
  const Coefficients k = coefficients(r.squaredNorm());
  const double along = r.dot(dr);
  const Eigen::Vector3d across = r.cross(dr);
  const Eigen::Vector3d twice = r.cross(across);
  const Eigen::Vector3d faster = r.cross(ddr);
  return {.w = dr + k.b * across + k.c * twice,
          .alpha = ddr + along * (k.b_slope * across + k.c_slope * twice) + k.b * faster +
                   k.c * (dr.cross(across) + r.cross(faster))};
}

}  // namespace takt::control
