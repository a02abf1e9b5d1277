#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/bus/bus.hpp"
#include "takt/bus/memory_transport.hpp"
#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/messages/packages/sensor_msgs.hpp"
#include "takt/messages/packages/trajectory_msgs.hpp"
#include "takt/node/node.hpp"

/// A robot's bus and an operator's desk, on two hosts of a network in memory.
namespace takt::bridge::testing {

using namespace std::chrono_literals;
using async::sleep_for;
using async::Task;
using sensor_msgs::JointState;
using trajectory_msgs::JointTrajectory;

struct Hosts {
  Hosts() {
    robot->add(network.join("robot"));
    desk->add(network.join("desk"));
  }
  bus::MemoryNetwork network;
  std::shared_ptr<bus::Bus> robot{std::make_shared<bus::Bus>()};
  std::shared_ptr<bus::Bus> desk{std::make_shared<bus::Bus>()};
};

/// Waits until it is so, with a limit for a test that would hang.
inline Task<bool> until(std::function<bool()> condition) {
  for (int i = 0; i < 20'000 && !condition(); ++i) {
    co_await sleep_for(1ms);
  }
  co_return condition();
}

/// One point, at rest.
inline JointTrajectory trajectory_to(std::vector<std::string> names, std::vector<double> positions, double t_s) {
  JointTrajectory made;
  made.joint_names = std::move(names);
  auto& point = made.points.emplace_back();
  point.positions = std::move(positions);
  const core::Nanoseconds t_ns = core::from_seconds(t_s);
  point.time_from_start.sec = static_cast<std::int32_t>(t_ns / core::kNanosecondsPerSecond);
  point.time_from_start.nanosec = static_cast<std::uint32_t>(t_ns % core::kNanosecondsPerSecond);
  return made;
}

/// A tool of somebody's at the desk: keeps the last state of a robot, and what its node says.
class Desk {
 public:
  Desk(std::shared_ptr<bus::Bus> bus, const std::string& robot)
      : node("desk", std::move(bus)), trajectories(node.publisher<JointTrajectory>("/" + robot + "/joint_trajectory")) {
    node.subscribe<JointState>("/" + robot + "/joint_states", [this](const JointState& state) {
      last = state;
      ++states;
    });
    node.subscribe<rcl_interfaces::Log>("/rosout", [this](const rcl_interfaces::Log& log) { said += log.msg + "\n"; });
  }

  node::Node node;
  node::Publisher<JointTrajectory> trajectories;
  std::optional<JointState> last;
  int states{0};
  std::string said;
};

}  // namespace takt::bridge::testing
