#include "takt/control/motion/glide.hpp"

namespace takt::control {

Glide::Reference Glide::at(core::Nanoseconds now_ns) const noexcept {
  Reference reference = to_;
  if (now_ns >= due_ns_) {
    const double beyond_s = core::to_seconds(now_ns - due_ns_);
    for (std::size_t i = 0; i < reference.q_rad.size(); ++i) {
      reference.q_rad[i] += beyond_s * to_.dq_rad_s[i];
    }
    return reference;
  }
  // q(s) = a s³ + b s² + m0 s + q0 on [0, 1], with the slopes m0, m1 per unit of s.
  const double whole_s = core::to_seconds(due_ns_ - begin_ns_);
  const double s = core::to_seconds(now_ns - begin_ns_) / whole_s;
  for (std::size_t i = 0; i < reference.q_rad.size(); ++i) {
    const double rise = to_.q_rad[i] - from_.q_rad[i];
    const double m0 = from_.dq_rad_s[i] * whole_s;
    const double m1 = to_.dq_rad_s[i] * whole_s;
    const double a = m0 + m1 - 2.0 * rise;
    const double b = 3.0 * rise - 2.0 * m0 - m1;
    reference.q_rad[i] = from_.q_rad[i] + s * (m0 + s * (b + s * a));
    reference.dq_rad_s[i] = (m0 + s * (2.0 * b + s * 3.0 * a)) / whole_s;
  }
  return reference;
}

}  // namespace takt::control
