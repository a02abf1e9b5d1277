#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "takt/trajectory/check.hpp"
#include "takt/trajectory/curve.hpp"
#include "takt/trajectory/internal/frames_between.hpp"
#include "takt/trajectory/timeline.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::internal {

/// What of a trajectory is played, as the arm's joints.
class RecordedPart {
 public:
  /// The frames from `from_s` to `to_s`. Refers to the trajectory. @throws ConfigError that
  /// names it: no frames, none there, other joints than the arm's, another robot's.
  RecordedPart(const Trajectory& trajectory, const ArmDescription& arm, double smooth_s, std::optional<double> from_s,
               std::optional<double> to_s);

  /// Its curve with times stretched, from 0, inside the range of the arm's joints where the frames are (in_range.hpp).
  [[nodiscard]] Curve bake(double stretch, Limits limits) const;
  [[nodiscard]] std::vector<double> grippers() const;
  /// At a frame of the curve; nothing when it has none.
  [[nodiscard]] std::optional<double> gripper(std::size_t knot) const {
    return frames().frame(range_.first + knot).gripper;
  }

  /// Between two of its frames, unstretched; 10 ms when there is but one. 1 … 100 ms.
  [[nodiscard]] double mean_period_s() const;

  /// What the limits refuse, with the recording's own times, and what would help; "" nothing.
  [[nodiscard]] std::string objection(CheckReport report, const ArmDescription& arm, double stretch) const;

  [[nodiscard]] const TrajectoryInfo& info() const { return frames().info(); }
  [[nodiscard]] std::size_t first() const { return range_.first; }
  [[nodiscard]] core::Nanoseconds duration_ns() const {
    return frames().time_ns(range_.first + range_.count - 1) - begin_ns();
  }
  [[nodiscard]] core::Nanoseconds begin_ns() const { return frames().time_ns(range_.first); }

 private:
  [[nodiscard]] const Trajectory& frames() const { return altered_ ? *altered_ : source_; }

  const Trajectory& source_;
  std::optional<Trajectory> altered_{};  // smoothed, or with the arm's jaw for a joint
  std::vector<std::size_t> order_{};     // of the arm's joints in the trajectory
  FrameRange range_{};
};

}  // namespace takt::trajectory::internal
