#pragma once

#include <memory>
#include <string>

#include "takt/bus/bus.hpp"
#include "takt/robots/robot.hpp"
#include "takt/teleop/config.hpp"
#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/robot_node.hpp"
#include "takt/teleop/system_state.hpp"

namespace takt::teleop::replay {

struct ReplayOwnerOptions {
  std::string name{"follower"};  ///< of the robot, in topics and threads; a legal topic part
  double rate_hz{100.0};         ///< how often its state is read
  GuardConfig guards{};
  double alignment_fraction{0.3};  ///< of the limits, for approaches
  double aligned_within_rad{0.1};
  TwinOptions twin{};
};

/// All that a robot needs to be replayed on in its owner's process: its bus, its node, an orchestrator whose follower
/// it is without a leader, and its twin. A resource.
class ReplayOwner {
 public:
  /// Opens nothing further and starts nothing. @throws ConfigError for a robot that takes no commands; LogicError for
  /// impossible options
  ReplayOwner(std::unique_ptr<robots::Robot> robot, ReplayOwnerOptions options);
  /// stop().
  ~ReplayOwner();
  ReplayOwner(const ReplayOwner&) = delete;
  ReplayOwner& operator=(const ReplayOwner&) = delete;

  /// Starts the robot and reads its first state; it holds. @throws DeviceError.
  void start();
  /// Brings the robot to rest and puts it away. Idempotent.
  void stop() noexcept;

  [[nodiscard]] bus::Bus& bus() noexcept { return bus_; }
  [[nodiscard]] RobotNode& node() noexcept { return *node_; }
  [[nodiscard]] Orchestrator& orchestrator() noexcept { return orchestrator_; }
  [[nodiscard]] DigitalTwin& twin() noexcept { return *twin_; }

 private:
  bus::Bus bus_;
  SystemState system_state_{bus_};
  std::unique_ptr<RobotNode> node_;
  Orchestrator orchestrator_{system_state_};
  std::unique_ptr<DigitalTwin> twin_;
};

}  // namespace takt::teleop::replay
