#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "takt/async/tasks/task.hpp"
#include "takt/bridge/robot_on_bus.hpp"
#include "takt/bus/bus.hpp"
#include "takt/node/node.hpp"
#include "takt/teleop/orchestrator.hpp"

namespace takt::bridge {

/// A teleoperation's robots on a bus that reaches beyond its process, as node /teleop:
///
///   /<robot>/joint_states      of each robot, leaders too (RobotOnBus)
///   /<robot>/joint_trajectory  of each follower: moves it while nobody leads it, else it is refused; a leader that
///   leads
///                              again ends it, and so does an opened clutch (Orchestrator::begin_motion)
///   /<follower>/halt           std_srvs/Trigger: ends its trajectory (RobotOnBus)
///   /<follower>/clutch         std_srvs/SetBool: false opens the clutch of its pair and halts it; true is refused: a
///   leader is let lead where the arm is seen (Orchestrator::set_clutch)
///   /<robot>/state, /<follower>/action   teleoperation's own topics, for other programs of takt; best effort, the
///   newest
///
/// All of it is looked at from the loop (kShowPeriod): the robots' threads and a command's way publish nothing beyond
/// the process, wait for nothing, and do not know of the bus; the loop waits for no write to a robot. Each follower has
/// a thread "play.<follower>" for trajectories.
///
/// A resource, on the loop's thread. Its end halts followers that move along a trajectory.
class TeleopOnBus {
 public:
  /// Robots that have not started yet are shown when they have. All but `network` must outlive this.
  /// @param network  not the bus that the robots' own topics are on
  TeleopOnBus(teleop::Orchestrator& orchestrator, std::shared_ptr<bus::Bus> network);
  ~TeleopOnBus();
  TeleopOnBus(const TeleopOnBus&) = delete;
  TeleopOnBus& operator=(const TeleopOnBus&) = delete;

  /// Works as long as `body()` runs. Once. Cancellation: of the body, too, then Cancelled.
  [[nodiscard]] async::Task<void> run(std::function<async::Task<void>()> body);

  /// In the order of the pairs, a leader before its follower, each robot once: one that leads in a pair and follows in
  /// another as the follower that it is.
  [[nodiscard]] std::size_t robots() const noexcept;
  [[nodiscard]] const RobotOnBus& robot(std::size_t index) const;

 private:
  class Shown;
  class Moved;
  class Mirror;

  [[nodiscard]] bool is_shown(const std::string& name) const;
  void add(teleop::Orchestrator& orchestrator, std::size_t pair);
  void add_leader(teleop::Orchestrator& orchestrator, teleop::RobotNode& leader);
  void serve_clutch(teleop::Orchestrator& orchestrator, std::size_t pair, RobotOnBus& follower);

  node::Node node_;
  std::vector<std::unique_ptr<VisibleRobot>> views_;
  std::vector<std::unique_ptr<Mirror>> mirrors_;
  std::vector<std::unique_ptr<RobotOnBus>> robots_;
};

}  // namespace takt::bridge
