#pragma once

#include <optional>
#include <vector>

#include "takt/control/motion/limits.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/check.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

/// Where a bridge begins or ends; the acceleration there is 0.
struct BridgeEnd {
  core::JointVector q_rad{};
  core::JointVector dq_rad_s{};  ///< empty: at rest
  std::optional<double> gripper{};
};

struct BridgeOptions {
  double fraction{0.3};                     ///< of velocity, acceleration and jerk limits on the way; 0 < it ≤ 1
  double stopping_fraction{0.8};            ///< of acceleration and jerk, to stop from and to run up to a motion
  core::Nanoseconds period_ns{10'000'000};  ///< between two frames
};

/// What is done where a limit is not known, that is infinite: a walk that any arm can follow.
inline constexpr double kModestVelocity_rad_s = 0.5;
inline constexpr double kModestAcceleration_rad_s2 = 2.0;
inline constexpr double kModestJerk_rad_s3 = 20.0;

/// Limits for `joints` joints of which nothing is known: no range, and the modest walk above.
[[nodiscard]] std::vector<control::JointLimits> modest_limits(std::size_t joints);

/// The way between two states, as frames at multiples of the period, velocities included: the first is `from`, the last
/// `to`, bit for bit, at least one period apart. It stops, goes on a straight line of the joints, and runs up to `to`'s
/// velocity; what is not needed is left out. The jerk is constant between two frames and changes only at frames: the
/// natural spline through them is this way, exactly. Joints start and arrive together.
///
/// Where a joint has a velocity envelope and comes close to its end, the way is made slower until the envelope is kept.
/// Positions between are not limited by this: check() says whether stop and run-up stay inside the range.
///
/// `info` is the result's; its joint names must be as many as the joints.
/// @throws LogicError for sizes that differ, numbers that are not finite, a fraction outside 0 … 1, no period, or a
/// limit not above 0.
[[nodiscard]] Trajectory bridge(const TrajectoryInfo& info, const BridgeEnd& from, const BridgeEnd& to, Limits limits,
                                const BridgeOptions& options = {});

/// The way from a motion to rest, wherever that is; one frame when `from` rests. Otherwise like bridge().
[[nodiscard]] Trajectory run_out(const TrajectoryInfo& info, const BridgeEnd& from, Limits limits,
                                 const BridgeOptions& options = {});

}  // namespace takt::trajectory
