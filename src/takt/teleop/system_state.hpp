#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "takt/bus/bus.hpp"
#include "takt/messages/robot_state.hpp"

namespace takt::teleop {

/// What is known of every robot of a process: follows their state topics and tells those who act on a change, on the
/// publisher's thread, with a copy that carries the hop "state_updated" and may be changed on its way to a command.
///
/// Not a store of its own: the topics keep the latest states. `track` at set-up only; `latest` from any thread.
class SystemState {
 public:
  using OnChange = std::move_only_function<void(messages::RobotState&)>;

  explicit SystemState(bus::Bus& bus) : bus_(bus) {}

  /// Follows /<robot>/state from now on. `on_change` runs inside the publish, on the robot's own thread.
  /// @throws LogicError when the robot is tracked already.
  void track(const std::string& robot, OnChange on_change);

  /// Ends all tracking; returns when no callback runs any more.
  void stop() noexcept { subscriptions_.clear(); }

  /// The newest state of a robot; nothing when it was never published.
  [[nodiscard]] std::optional<messages::RobotState> latest(const std::string& robot);

 private:
  static void update(const messages::RobotState& state, OnChange& on_change);

  bus::Bus& bus_;
  std::map<std::string, bus::Subscription> subscriptions_;
};

}  // namespace takt::teleop
