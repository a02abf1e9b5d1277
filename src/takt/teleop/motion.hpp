#pragma once

#include <optional>
#include <string>
#include <utility>

#include "takt/control/motion/joint_path.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/teleop/orchestrator.hpp"

namespace takt::teleop {

/// What moves a follower while neither leader nor policy does: a row of actions, each due at an instant that the motion
/// itself names. A MotionPlayer plays it on its thread; the members without "any thread" are called there, one at a
/// time. An interface.
class Motion {
 public:
  using Reference = control::JointPath::Reference;

  virtual ~Motion() = default;

  /// How close together and how far apart its actions are due, for the guards. May change from one to the
  /// next.
  [[nodiscard]] virtual MotionPace pace() const noexcept { return {}; }

  /// When the next action is due; now or before: at once. Nothing: the motion is over. Asked again after every action
  /// and now and then in between (MotionPlayer::nudge), and may say another instant then.
  [[nodiscard]] virtual std::optional<core::Nanoseconds> due_ns(core::Nanoseconds now_ns) noexcept = 0;

  /// The action that due_ns() said is due: joint_positions, and what else the motion has. Its stamp and its trace are
  /// the player's.
  virtual void fill(core::Nanoseconds due_ns, messages::RobotState& action) noexcept = 0;

  /// That action, as it was published: guarded and marked.
  virtual void sent(const messages::RobotState& action) noexcept { static_cast<void>(action); }

  /// Where it is now, for one that takes its place. Any thread.
  [[nodiscard]] virtual Reference at(core::Nanoseconds now_ns) const noexcept = 0;

  /// Where the follower shall be when it is over; empty: no matter where. Any thread.
  [[nodiscard]] virtual core::JointVector goal_rad() const noexcept { return {}; }

  /// Why it is over before its end; "" when it is not. Any thread.
  [[nodiscard]] virtual std::string left() const { return {}; }
};

/// A JointPath as a motion: an action every kMotionPeriod_s, with the path's velocity, and half a second at its end for
/// the follower to arrive.
class JointPathMotion final : public Motion {
 public:
  explicit JointPathMotion(control::JointPath path) : path_(std::move(path)) {}

  [[nodiscard]] std::optional<core::Nanoseconds> due_ns(core::Nanoseconds now_ns) noexcept override;
  void fill(core::Nanoseconds due_ns, messages::RobotState& action) noexcept override;
  [[nodiscard]] Reference at(core::Nanoseconds now_ns) const noexcept override { return path_.at(now_ns); }
  [[nodiscard]] core::JointVector goal_rad() const noexcept override { return path_.at(path_.end_ns()).q_rad; }

 private:
  control::JointPath path_;
  std::optional<core::Nanoseconds> next_ns_;
};

}  // namespace takt::teleop
