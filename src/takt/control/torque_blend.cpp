#include "takt/control/torque_blend.hpp"

#include <algorithm>

namespace takt::control {

TorqueBlend::TorqueBlend(std::size_t dof, core::Nanoseconds period_ns, double switch_time_s)
    : last_nm_(core::JointVector::zero(dof)),
      offset_nm_(last_nm_),
      step_(std::min(1.0, core::to_seconds(period_ns) / switch_time_s)) {}

void TorqueBlend::restart() noexcept {
  std::fill(last_nm_.begin(), last_nm_.end(), 0.0);
  passed_ = 1.0;
  begins_ = false;
}

void TorqueBlend::apply(core::JointVector& tau_nm) noexcept {
  if (begins_) {
    begins_ = false;
    passed_ = 0.0;
    for (std::size_t i = 0; i < tau_nm.size(); ++i) {
      offset_nm_[i] = last_nm_[i] - tau_nm[i];
    }
  }
  if (passed_ >= 1.0) {
    return;
  }
  const double left = 1.0 - passed_ * passed_ * (3.0 - 2.0 * passed_);
  for (std::size_t i = 0; i < tau_nm.size(); ++i) {
    tau_nm[i] += left * offset_nm_[i];
  }
  passed_ += step_;
}

}  // namespace takt::control
