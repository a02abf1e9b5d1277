#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/motion/limits.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/timeline.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::teleop::replay::test {

inline constexpr core::Nanoseconds kMs = 1'000'000;

/// A made recording of two joints: from (from, 0) there and back by `way`, at rest at both ends, in `duration_s`.
inline trajectory::Trajectory recording(double rate_hz, double duration_s = 2.0, double way = 0.4, double from = 0.2) {
  trajectory::Trajectory made({.name = "wave", .joint_names = {"joint0", "joint1"}});
  const auto frames = static_cast<std::int64_t>(std::llround(duration_s * rate_hz));
  for (std::int64_t k = 0; k <= frames; ++k) {
    const double s = static_cast<double>(k) / static_cast<double>(frames);
    const double ease = s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
    const double swing = 0.5 * (1.0 - std::cos(2.0 * M_PI * ease));
    made.append({.t_ns = core::from_seconds(static_cast<double>(k) / rate_hz),
                 .q_rad = {from + way * swing, 0.5 * way * ease},
                 .dq_rad_s = {},
                 .gripper = {}});
  }
  return made;
}

inline control::JointLimits arm_limits() {
  control::JointLimits limits;
  limits.position_min_rad = -2.0;
  limits.position_max_rad = 2.0;
  limits.velocity_rad_s = 2.0;
  limits.acceleration_rad_s2 = 10.0;
  limits.jerk_rad_s3 = 1000.0;
  return limits;
}

inline std::shared_ptr<const trajectory::Timeline> timeline(const std::vector<trajectory::Trajectory>& sequence,
                                                            const core::JointVector& start_rad,
                                                            const trajectory::SequenceOptions& options = {}) {
  auto built = trajectory::Timeline::build(
      {.name = "arm", .joint_names = {"joint0", "joint1"}, .limits = {arm_limits(), arm_limits()}},
      {.q_rad = start_rad}, sequence, options);
  EXPECT_TRUE(built) << built.error();
  return std::make_shared<const trajectory::Timeline>(std::move(*built));
}

/// What an arm is told, and when; held against the limits by differences, as the arm would see it.
class Told {
 public:
  void add(core::Nanoseconds due_ns, const core::JointVector& q_rad) {
    due_ns_.push_back(due_ns);
    q_rad_.push_back(q_rad);
  }
  [[nodiscard]] std::size_t size() const { return due_ns_.size(); }
  [[nodiscard]] const core::JointVector& last() const { return q_rad_.back(); }

  /// No step: every change of the commanded position is one of an arm within its limits.
  void expect_within_limits(const char* what) const {
    for (std::size_t joint = 0; joint < 2; ++joint) {
      double before = 0.0;
      double step_s = 0.01;
      for (std::size_t k = 1; k < size(); ++k) {
        const double dt_s = core::to_seconds(due_ns_[k] - due_ns_[k - 1]);
        ASSERT_GT(dt_s, 0.0) << what << ": two actions at once, " << k;
        const double velocity = (q_rad_[k][joint] - q_rad_[k - 1][joint]) / dt_s;
        const double acceleration = (velocity - before) / (0.5 * (dt_s + step_s));
        ASSERT_LE(std::abs(velocity), 2.0 * 1.001) << what << ": action " << k;
        ASSERT_LE(std::abs(acceleration), 10.0 * 1.01) << what << ": action " << k << ", joint " << joint;
        before = velocity;
        step_s = dt_s;
      }
    }
  }

 private:
  std::vector<core::Nanoseconds> due_ns_;
  std::vector<core::JointVector> q_rad_;
};

}  // namespace takt::teleop::replay::test
