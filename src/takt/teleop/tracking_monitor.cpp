#include "takt/teleop/tracking_monitor.hpp"

#include <algorithm>
#include <cmath>

namespace takt::teleop {

bool TrackingMonitor::observe(const core::JointVector& measured_rad, const core::JointVector& commanded_rad,
                              core::Nanoseconds now_ns, bool scored) noexcept {
  if (measured_rad.size() != commanded_rad.size()) {
    return false;
  }
  if (scored) {
    const std::scoped_lock lock(mutex_);
    sum_of_squares_.resize(measured_rad.size());
    max_.resize(measured_rad.size());
    for (std::size_t i = 0; i < measured_rad.size(); ++i) {
      const double error = std::abs(measured_rad[i] - commanded_rad[i]);
      sum_of_squares_[i] += error * error;
      max_[i] = std::max(max_[i], error);
    }
    ++count_;
  }
  if (core::max_abs_difference(measured_rad, commanded_rad) <= options_.error_rad) {
    bad_since_ns_ = 0;
    return false;
  }
  if (bad_since_ns_ == 0) {
    bad_since_ns_ = now_ns;
  }
  return now_ns - bad_since_ns_ >= core::from_seconds(options_.error_for_s);
}

TrackingReport TrackingMonitor::report() const {
  const std::scoped_lock lock(mutex_);
  TrackingReport report;
  for (std::size_t i = 0; i < max_.size(); ++i) {
    report.rms_rad.push_back(std::sqrt(sum_of_squares_[i] / static_cast<double>(count_)));
    report.max_rad.push_back(max_[i]);
  }
  return report;
}

}  // namespace takt::teleop
