#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::teleop {

/// How far a follower was from what it was told, per joint.
struct TrackingReport {
  std::vector<double> rms_rad;
  std::vector<double> max_rad;
};
BOOST_DESCRIBE_STRUCT(TrackingReport, (), (rms_rad, max_rad))

struct TrackingOptions {
  double error_rad{0.5};    ///< a joint this far from its command …
  double error_for_s{0.5};  ///< … for this long is a tracking error
};

/// Compares a follower's measured positions with the command in force: statistics for the report, and the guard against
/// a follower that does not follow. `observe` runs on the follower's owner; reading the report from another thread is
/// safe.
class TrackingMonitor {
 public:
  explicit TrackingMonitor(TrackingOptions options) : options_(options) {}

  /// One comparison. @param scored  whether it counts for the report (not while aligning).
  /// @return true when the error has lasted too long; the caller stops the follower.
  [[nodiscard]] bool observe(const core::JointVector& measured_rad, const core::JointVector& commanded_rad,
                             core::Nanoseconds now_ns, bool scored) noexcept;

  /// Nothing is commanded now: an error that was running is forgotten.
  void pause() noexcept { bad_since_ns_ = 0; }

  [[nodiscard]] TrackingReport report() const;

 private:
  TrackingOptions options_;
  core::Nanoseconds bad_since_ns_{0};
  mutable std::mutex mutex_;  // between the owner and a reader of the report
  core::JointVector sum_of_squares_;
  core::JointVector max_;
  std::uint64_t count_{0};
};

}  // namespace takt::teleop
