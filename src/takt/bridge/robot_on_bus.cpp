#include "takt/bridge/robot_on_bus.hpp"

#include <utility>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/service.hpp"

namespace takt::bridge {
namespace {

/// A flood of bad trajectories shall not be one of lines.
constexpr core::Nanoseconds kBetweenLines_ns = core::kNanosecondsPerSecond / 20;

builtin_interfaces::Time time_of(core::Nanoseconds wall_ns) {
  builtin_interfaces::Time time;
  time.sec = static_cast<std::int32_t>(wall_ns / core::kNanosecondsPerSecond);
  time.nanosec = static_cast<std::uint32_t>(wall_ns % core::kNanosecondsPerSecond);
  return time;
}

}  // namespace

sensor_msgs::JointState joint_state(const messages::RobotState& state, const Joints& joints, const Instant& now) {
  sensor_msgs::JointState shown;
  shown.header.stamp = time_of(now.wall_ns - (now.monotonic_ns - state.stamp_ns));
  shown.name = joints.names;
  shown.position.assign(state.joint_positions.begin(), state.joint_positions.end());
  shown.velocity.assign(state.joint_velocities.begin(), state.joint_velocities.end());
  shown.effort.assign(state.joint_efforts.begin(), state.joint_efforts.end());
  return shown;
}

// What a transport cannot do of the default quality of service (reliable, the last ten) it does without.
RobotOnBus::RobotOnBus(node::Node& node, std::string name, VisibleRobot& robot, core::Clock& clock)
    : node_(node),
      name_(std::move(name)),
      robot_(robot),
      clock_(clock),
      states_(node.publisher<sensor_msgs::JointState>("/" + name_ + "/joint_states", {.weaken = true})),
      said_(kBetweenLines_ns) {
  node.timer(kShowPeriod, [this] { show(); });
}

RobotOnBus::RobotOnBus(node::Node& node, std::string name, MovableRobot& robot, core::Clock& clock)
    : RobotOnBus(node, std::move(name), static_cast<VisibleRobot&>(robot), clock) {
  movable_ = &robot;
  node.subscribe<trajectory_msgs::JointTrajectory>(
      "/" + name_ + "/joint_trajectory",
      [this](const trajectory_msgs::JointTrajectory& message, const bus::MessageInfo& info) {
        return take(message, info.received_ns);
      },
      {.delivery = node::Delivery::kConcurrent});  // one may wait for the robot, and a halt shall not
  node.serve<std_srvs::Trigger>("/" + name_ + "/halt",
                                [this](const std_srvs::Trigger::Request&) -> async::Task<std_srvs::Trigger::Response> {
                                  std_srvs::Trigger::Response response;
                                  response.success = co_await halt();
                                  response.message = response.success ? "it halts" : "it moves along no trajectory";
                                  co_return response;
                                });
}

void RobotOnBus::show() {
  const auto state = robot_.state();
  if (!state || state->stamp_ns == shown_ns_) {
    return;
  }
  shown_ns_ = state->stamp_ns;
  const auto sent = states_.publish(joint_state(*state, robot_.joints(), now(clock_)));
  ++(sent ? counts_.shown : counts_.unsent);
}

async::Task<void> RobotOnBus::take(const trajectory_msgs::JointTrajectory& message, core::Nanoseconds received_ns) {
  if (message.points.empty()) {
    static_cast<void>(co_await halt());
    co_return;
  }
  std::string why;
  try {
    co_await move(message, received_ns);
  } catch (const Error& error) {
    why = error.what();
  }
  if (why.empty()) {
    ++counts_.taken;
    node_.logger().log(core::LogLevel::kInfo,
                       name_ + ": moves along a trajectory of " + std::to_string(message.points.size()) + " points");
  } else {
    ++counts_.refused;
    if (said_.pass(clock_.now_ns())) {
      node_.logger().log(core::LogLevel::kError, name_ + ": trajectory refused: " + why);
    }
  }
}

async::Task<bool> RobotOnBus::halt() {
  halted_ns_ = core::monotonic_now_ns();
  const bool moved = co_await movable_->halt();
  if (moved) {
    node_.logger().log(core::LogLevel::kInfo, name_ + ": halts, as it is told");
  }
  co_return moved;
}

// It is read twice: a bad one shall not take command, and what counts is where the robot stands under command.
async::Task<void> RobotOnBus::move(const trajectory_msgs::JointTrajectory& message, core::Nanoseconds received_ns) {
  const auto turn = co_await turns_.lock();
  if (received_ns <= halted_ns_) {  // also one that no handler had taken yet
    throw TrajectoryError("it came before the robot was halted");
  }
  const auto here = movable_->standing();
  if (!here) {
    throw TrajectoryError("where the robot stands is not known: it does not run");
  }
  static_cast<void>(read_trajectory(message, robot_.joints(), *here, now(clock_)));
  co_await movable_->follow([this, &message](const control::JointPath::Reference& from) {
    return read_trajectory(message, robot_.joints(), from, now(clock_));
  });
}

}  // namespace takt::bridge
