#include "takt/control/torque_blend.hpp"

#include <algorithm>
#include <cmath>

namespace takt::control {
namespace {

constexpr double kTimeConstants = 3.0;  // in a switch time: 5 % of the difference are left then
constexpr double kNothing_nm = 1e-9;

}  // namespace

TorqueBlend::TorqueBlend(std::size_t dof, core::Nanoseconds period_ns, double switch_time_s)
    : offset_nm_(core::JointVector::zero(dof)),
      kept_(std::exp(-kTimeConstants * core::to_seconds(period_ns) / switch_time_s)) {}

void TorqueBlend::clear() noexcept {
  std::fill(offset_nm_.begin(), offset_nm_.end(), 0.0);
}

void TorqueBlend::begin(const core::JointVector& before_nm, const core::JointVector& next_nm) noexcept {
  offset_nm_.eigen() += before_nm.eigen() - next_nm.eigen();
}

void TorqueBlend::apply(core::JointVector& tau_nm) noexcept {
  for (std::size_t i = 0; i < tau_nm.size(); ++i) {
    tau_nm[i] += offset_nm_[i];
    offset_nm_[i] = std::abs(offset_nm_[i]) < kNothing_nm ? 0.0 : kept_ * offset_nm_[i];
  }
}

}  // namespace takt::control
