#pragma once

#include <optional>
#include <span>
#include <vector>

#include "takt/trajectory/bridge.hpp"
#include "takt/trajectory/check.hpp"
#include "takt/trajectory/trajectory.hpp"

/// Editing: what comes in stays as it is, what comes out is new. Times are seconds of the trajectory's own time. What
/// cannot be is a ConfigError that names the trajectory. Any thread.
namespace takt::trajectory {

/// The frames from `from_s` to `to_s`, both included; nothing: from the first, to the last. The first of them is at 0
/// then, and start_wall_ns moves along. @throws ConfigError when no frame is left, or a time is not a number.
[[nodiscard]] Trajectory trim(const Trajectory& trajectory, std::optional<double> from_s, std::optional<double> to_s);

/// What is left when the frames from `from_s` to `to_s` are taken out: what was before, and what was after, where that
/// has frames. join() makes one of them. @throws ConfigError when nothing is left or nothing was taken out.
[[nodiscard]] std::vector<Trajectory> cut(const Trajectory& trajectory, double from_s, double to_s);

/// One after the other, with jerk-limited bridges between them whose period is the mean of the frames' before. The info
/// is the first one's; recorded velocities are dropped. Joints must have the same names in the same order; a gripper
/// that one has and another has not is dropped. @throws ConfigError for none, an empty one, other joints, or a bridge
/// that leaves a limit.
[[nodiscard]] Trajectory join(std::span<const Trajectory> trajectories, Limits limits,
                              const BridgeOptions& options = {});

/// Without the noise of encoders and stamps: each position becomes the value of the parabola that fits the frames up to
/// `width_s` before and after best, near ones more than far ones (local regression, Cleveland 1979, tricube weights),
/// and each velocity its slope, when there are velocities. Times, number of frames and gripper stay. A motion that
/// takes less than `width_s` is flattened. @throws ConfigError unless 0 < width_s ≤ 10.
[[nodiscard]] Trajectory smooth(const Trajectory& trajectory, double width_s);

struct RetimeOptions {
  double stretch{1.0};              ///< of all times: 2 takes twice as long; 0.01 … 100
  std::optional<double> rate_hz{};  ///< frames at this rate instead, of the curve (curve.hpp); 1 … 10000
};

/// Other times, the same way. @throws ConfigError for options out of range.
[[nodiscard]] Trajectory retime(const Trajectory& trajectory, const RetimeOptions& options);

/// The least stretch ≥ 1 at which the trajectory keeps velocity, acceleration and, where asked for, jerk limits.
/// Nothing: none does, a position is outside the range or a joint moves where its envelope allows no motion.
[[nodiscard]] std::optional<double> stretch_to_fit(const Trajectory& trajectory, Limits limits, bool jerk = false);

}  // namespace takt::trajectory
