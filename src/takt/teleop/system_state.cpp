#include "takt/teleop/system_state.hpp"

#include "takt/core/error.hpp"

namespace takt::teleop {

void SystemState::track(const std::string& robot, OnChange on_change) {
  if (subscriptions_.contains(robot)) {
    throw LogicError("SystemState: robot '" + robot + "' is tracked already");
  }
  auto& topic = bus_.topic<messages::RobotState>("/" + robot + "/state");
  subscriptions_[robot] = topic.subscribe(
      "system_state",
      [on_change = std::move(on_change)](const messages::RobotState& state) mutable { update(state, on_change); });
}

void SystemState::update(const messages::RobotState& state, OnChange& on_change) {
  messages::RobotState updated = state;
  messages::stamp_hop(updated, messages::HopPoint::kStateUpdated);
  on_change(updated);
}

std::optional<messages::RobotState> SystemState::latest(const std::string& robot) {
  return bus_.topic<messages::RobotState>("/" + robot + "/state").latest();
}

}  // namespace takt::teleop
