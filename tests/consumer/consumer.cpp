#include <cstdio>

#include "takt/core/log.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"

int main() {
  takt::messages::RobotState state;
  state.stamp_ns = takt::core::monotonic_now_ns();
  state.joint_positions = {0.1, 0.2};
  takt::messages::stamp_hop(state, takt::messages::HopPoint::kGotState);
  takt::core::log(takt::core::LogLevel::kInfo, "the consumer runs");
  std::printf("joints %zu hops %zu\n", state.joint_positions.size(), state.hops.size());
  return state.hops[0].stamp_ns >= state.stamp_ns ? 0 : 1;
}
