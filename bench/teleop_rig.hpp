#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/teleop/hop_trace.hpp"
#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/robot_node.hpp"
#include "takt/teleop/system_state.hpp"

namespace takt::bench {

/// Leader → follower with everything between them that a teleoperation has, seven joints, and robots without hardware.
/// Everything runs on the thread that calls `run`: the nodes' own threads are never started.
class TeleopRig {
 public:
  /// Builds the chain and lets the follower align to the leader. @throws SystemError when it does not.
  TeleopRig();

  /// Forgets earlier commands, then takes one leader turn per command, `pause_ns` apart; a follower turn now and then,
  /// as its own thread would take it.
  /// @throws SystemError when a command did not arrive, or a guard was hit: then this was not the path that is asked
  /// about.
  void run(std::uint64_t commands, core::Nanoseconds pause_ns);

  /// Of the last run.
  [[nodiscard]] teleop::HopRow end_to_end() { return follower_->trace().end_to_end(); }
  [[nodiscard]] std::vector<teleop::HopRow> hops() { return follower_->trace().rows(); }

 private:
  void turn(core::Nanoseconds due_ns, std::uint64_t count) noexcept;
  void settle();
  void expect_untouched(std::uint64_t applied, std::uint64_t guards);
  [[nodiscard]] std::uint64_t guards_hit() { return follower_->guards().total(); }

  bus::Bus bus_;
  teleop::SystemState system_state_{bus_};
  std::unique_ptr<teleop::RobotNode> leader_;
  std::unique_ptr<teleop::RobotNode> follower_;
  teleop::Orchestrator orchestrator_{system_state_};
};

}  // namespace takt::bench
