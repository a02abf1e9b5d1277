#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "takt/async/tasks/mutex.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/bridge/joint_trajectory.hpp"
#include "takt/control/motion/joint_path.hpp"
#include "takt/core/log.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/packages/sensor_msgs.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/node/node.hpp"

namespace takt::bridge {

/// How often a state is looked at, and so published at most; a robot that has new states less often is shown as often
/// as it has them.
inline constexpr async::Duration kShowPeriod = std::chrono::milliseconds(10);

/// What a bus sees of a robot and asks of it. Loop thread; nothing here waits for the robot's own threads.
class VisibleRobot {
 public:
  virtual ~VisibleRobot() = default;

  /// Constant.
  [[nodiscard]] virtual const Joints& joints() const noexcept = 0;
  /// The newest; nothing when there is none yet, or no more.
  [[nodiscard]] virtual std::optional<messages::RobotState> state() = 0;
};

/// One that can be moved.
class MovableRobot : public VisibleRobot {
 public:
  /// A path from where the robot stands. @throws Error saying why there is none
  using Plan = std::function<control::JointPath(const control::JointPath::Reference& from)>;

  /// Where a path would begin now. Nothing: that is not known.
  [[nodiscard]] virtual std::optional<control::JointPath::Reference> standing() = 0;

  /// Takes command, plans from where it stands then, begins to go along the path, and returns. A path that it is on
  /// ends. `plan` is called once, on any thread.
  /// @throws Error saying why it does not, what the plan throws, too; command is given back, and nothing has changed.
  /// Cancellation: Cancelled.
  [[nodiscard]] virtual async::Task<void> follow(Plan plan) = 0;

  /// Ends the path that it is on, and what follow() is about to begin; it halts. False: it was on none. Cancellation:
  /// Cancelled.
  [[nodiscard]] virtual async::Task<bool> halt() = 0;
};

/// A state as ROS 2 has it: names, positions, and what there is of velocities and efforts; stamped with the wall time
/// at which it was measured.
[[nodiscard]] sensor_msgs::JointState joint_state(const messages::RobotState& state, const Joints& joints,
                                                  const Instant& now);

/// A robot as the tools of ROS 2 know one: sensor_msgs/JointState on /<name>/joint_states, and, of one that can be
/// moved, trajectory_msgs/JointTrajectory on /<name>/joint_trajectory and std_srvs/Trigger at /<name>/halt, which ends
/// a trajectory, as one without points does. A trajectory that is refused is counted, and the node says why (to /rosout
/// as well), twenty times per second at most.
///
/// A resource, on its node's loop; it must outlive the node's block, the robot and the node must outlive it.
class RobotOnBus {
 public:
  struct Counts {
    std::uint64_t shown{0};
    std::uint64_t unsent{0};   ///< states that some transport had no room for
    std::uint64_t taken{0};    ///< trajectories
    std::uint64_t refused{0};  ///< trajectories
  };

  /// @param clock  of the robot's stamps. @throws LogicError when the name is no part of a topic
  RobotOnBus(node::Node& node, std::string name, VisibleRobot& robot, core::Clock& clock = core::steady_clock());
  RobotOnBus(node::Node& node, std::string name, MovableRobot& robot, core::Clock& clock = core::steady_clock());
  RobotOnBus(const RobotOnBus&) = delete;
  RobotOnBus& operator=(const RobotOnBus&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

  /// Ends the trajectory that it moves along, and those that have come and not begun. False: it moves along none.
  /// @pre it can be moved. Cancellation: Cancelled.
  [[nodiscard]] async::Task<bool> halt();

 private:
  void show();
  [[nodiscard]] async::Task<void> take(const trajectory_msgs::JointTrajectory& message, core::Nanoseconds received_ns);
  [[nodiscard]] async::Task<void> move(const trajectory_msgs::JointTrajectory& message, core::Nanoseconds received_ns);

  node::Node& node_;
  std::string name_;
  VisibleRobot& robot_;
  MovableRobot* movable_{nullptr};
  core::Clock& clock_;
  node::Publisher<sensor_msgs::JointState> states_;
  core::Nanoseconds shown_ns_{0};
  core::RateGate said_;
  async::Mutex turns_{"trajectories"};  // one after the other
  core::Nanoseconds halted_ns_{0};      // one that came before counts no more
  Counts counts_;
};

}  // namespace takt::bridge
