#pragma once

#include <memory>
#include <string>

#include "takt/async/tasks/task.hpp"
#include "takt/bridge/robot_on_bus.hpp"
#include "takt/bus/bus.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/node/node.hpp"

namespace takt::bridge {

/// A served arm on a bus: /<name>/joint_states while its cycle runs, /<name>/joint_trajectory and /<name>/halt
/// (RobotOnBus), as node /<name>.
///
/// The bus is a client of the server like any other, and has no more rights: for each trajectory it asks for the lease,
/// which is refused while somebody commands; who takes over ends the trajectory; at its end the lease is given back,
/// and the arm is held. It neither starts the arm nor recovers it.
///
/// A trajectory is played ahead as chunks (ArmController::play) of three seconds at most, renewed twice a second: a
/// loop that hangs for less does not show. What the arm's server checks beyond read_trajectory (workspace,
/// self-collision) it checks of what is played ahead; what it refuses later halts the arm.
///
/// A resource, on the arm's loop.
class ArmOnBus {
 public:
  /// @param arm  that observes: RemoteOptions::observe; outlives this. @param clock  of the arm's stamps. @throws
  /// LogicError when its name is no part of a topic
  ArmOnBus(controller::RemoteController& arm, std::shared_ptr<bus::Bus> network,
           core::Clock& clock = core::steady_clock());
  ~ArmOnBus();
  ArmOnBus(const ArmOnBus&) = delete;
  ArmOnBus& operator=(const ArmOnBus&) = delete;

  /// Works until it is cancelled. Once. Cancellation: Cancelled; the lease stays with `arm`, and goes with it.
  [[nodiscard]] async::Task<void> run();

  [[nodiscard]] const RobotOnBus& robot() const noexcept { return robot_; }

 private:
  class Commanded;

  node::Node node_;
  std::unique_ptr<Commanded> arm_;
  RobotOnBus robot_;
};

/// Shows the served arm of that name on a bus, as one more client of its server, until it is cancelled. A failure of
/// the bus, or of this client, is logged and ends this alone: the arm is served on, and who commands it goes on.
/// Cancellation: Cancelled.
[[nodiscard]] async::Task<void> show_arm(std::string server, std::shared_ptr<bus::Bus> network);

}  // namespace takt::bridge
