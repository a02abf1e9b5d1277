#pragma once

#include <cstdint>
#include <string>

#include "takt/messages/robot_state.hpp"

namespace takt::teleop {

enum class ControlMode : std::uint8_t;
enum class Phase : std::uint8_t;

/// Who looks on while a robot is commanded: a recorder. A RobotNode owns at most one, and without one looking costs a
/// test of a pointer. States need none: they are on the bus.
///
/// The values come on the thread of whoever commands, a real-time thread perhaps, between two steps of the command's
/// way: an implementation copies what it wants and returns; it is real-time safe. All carry the trace id of the state
/// they came from, and the last hop of each is its own stamp. Several threads at once, one value at a time from each.
class CommandTap {
 public:
  virtual ~CommandTap() = default;

  /// What is wanted, in the follower's joints, before alignment and guards: a leader's state after the joint map, last
  /// hop kConverted; a policy's or a motion's action as it came, last hop kEnter.
  virtual void mapped(const messages::RobotState& wanted) noexcept = 0;

  /// What the guards let through and is about to be published, with its mark; last hop kGuarded. What they refuse has
  /// no such value.
  virtual void guarded(const messages::RobotState& command) noexcept = 0;

  /// What the robot took; last hop kApplied. A command that was too late, or lost its lease, or was dropped by a queue
  /// has no such value.
  virtual void sent(const messages::RobotState& command) noexcept = 0;

  /// How the leader or policy stands to this follower now. Real-time safe as well.
  virtual void phase_changed(Phase phase) noexcept = 0;

  /// Who commands from now on. On the thread that changed it.
  virtual void mode_changed(ControlMode mode) noexcept = 0;

  /// The robot has a fault, its first. Any thread; may allocate, as the text did.
  virtual void failed(const std::string& fault) noexcept = 0;
};

}  // namespace takt::teleop
