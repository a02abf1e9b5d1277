#pragma once

#include <string>
#include <vector>

#include "takt/control/motion/joint_path.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/packages/trajectory_msgs.hpp"

namespace takt::bridge {

/// What a trajectory is held against.
struct Joints {
  std::vector<std::string> names;            ///< base to tip
  std::vector<control::JointLimits> limits;  ///< one per joint: positions and velocities count here
};

/// One instant on two clocks.
struct Instant {
  core::Nanoseconds monotonic_ns{0};
  core::Nanoseconds wall_ns{0};
};

/// The instant it is. Not one: two clocks are read one after the other.
[[nodiscard]] Instant now(core::Clock& clock = core::steady_clock()) noexcept;

/// A trajectory that is not moved along; nothing has moved.
class TrajectoryError : public Error {
 public:
  using Error::Error;
};

/// A trajectory of ROS 2 as a path, from where the joints are to its last point; the checks of ros2_control's
/// joint_trajectory_controller with its default settings, and the robot's limits beside them:
///
///  * `joint_names` are the robot's, all of them, in any order.
///  * Every point has a position for each, and velocities for each or for none; efforts and accelerations are not used.
///    Numbers are finite. `time_from_start` rises strictly, to an hour at most. The last point is at rest.
///  * `header.stamp` 0 means now; else it is the wall time at which the trajectory begins: a minute ahead at most, and
///    not so long ago that all of it is over. Points that are due already are left out; until the first that is not,
///    the joints go there from where they are.
///  * On the whole way, not in the points alone, no joint leaves its range or is faster than its limit. A joint that
///    stands outside its range may come back.
///
/// @param from  where the path begins: the joints' setpoint now.
/// @throws TrajectoryError saying what is wrong, in one line with the joint or the point, counted from 0.
[[nodiscard]] control::JointPath read_trajectory(const trajectory_msgs::JointTrajectory& message, const Joints& joints,
                                                 const control::JointPath::Reference& from, const Instant& now);

}  // namespace takt::bridge
