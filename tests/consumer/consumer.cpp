#include <cstdio>

#include "takt/bus/bus.hpp"
#include "takt/core/log.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"

int main() {
  takt::bus::Bus bus;
  auto& topic = bus.topic<takt::messages::RobotState>("/leader/state");
  std::size_t joints = 0;
  const auto subscription = topic.subscribe("consumer", [&](const takt::messages::RobotState& state) {
    joints = state.joint_positions.size();
    takt::core::log(takt::core::LogLevel::kInfo, "the consumer got a state");
  });

  takt::messages::RobotState state;
  state.stamp_ns = takt::core::monotonic_now_ns();
  state.joint_positions = {0.1, 0.2};
  takt::messages::stamp_hop(state, takt::messages::HopPoint::kGotState);
  topic.publish(state);
  std::printf("joints %zu hops %zu\n", joints, state.hops.size());
}
