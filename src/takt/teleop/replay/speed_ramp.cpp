#include "takt/teleop/replay/speed_ramp.hpp"

#include <algorithm>
#include <cmath>

namespace takt::teleop::replay {
namespace {

constexpr double kShortest_s = 0.05;
constexpr double kLongest_s = 3.0;

}  // namespace

// |dr/dt| ≤ 1.5·|Δr|/T and |d²r/dt²| ≤ 6·|Δr|/T².
SpeedRamp::SpeedRamp(double from, double to, const core::JointVector& rates_rad_s,
                     std::span<const control::JointLimits> limits, double fraction) noexcept
    : from_(from), to_(to) {
  const double change = std::abs(to - from);
  double duration_s = change > 0.0 ? kShortest_s : 0.0;
  for (std::size_t i = 0; i < std::min(rates_rad_s.size(), limits.size()); ++i) {
    const double rate = std::abs(rates_rad_s[i]) * change;
    duration_s = std::max({duration_s, 1.5 * rate / (fraction * limits[i].acceleration_rad_s2),
                           std::sqrt(6.0 * rate / (fraction * limits[i].jerk_rad_s3))});
  }
  duration_s_ = std::min(duration_s, kLongest_s);
}

double SpeedRamp::step(double dt_s) noexcept {
  const double before_s = way_s();
  const double beyond_s = std::max(0.0, elapsed_s_ + dt_s - std::max(duration_s_, elapsed_s_));
  elapsed_s_ = std::min(elapsed_s_ + dt_s, duration_s_);
  return way_s() - before_s + beyond_s * to_;
}

double SpeedRamp::speed() const noexcept {
  if (done()) {
    return to_;
  }
  const double u = elapsed_s_ / duration_s_;
  return from_ + (to_ - from_) * u * u * (3.0 - 2.0 * u);
}

// ∫ r dt from the beginning.
double SpeedRamp::way_s() const noexcept {
  if (duration_s_ <= 0.0) {
    return 0.0;
  }
  const double u = elapsed_s_ / duration_s_;
  return duration_s_ * u * (from_ + (to_ - from_) * u * u * (1.0 - 0.5 * u));
}

}  // namespace takt::teleop::replay
