#include "takt/teleop/motion.hpp"

#include <algorithm>

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kArrival_ns = core::kNanosecondsPerSecond / 2;  ///< for an arm behind its commands

}  // namespace

std::optional<core::Nanoseconds> JointPathMotion::due_ns(core::Nanoseconds now_ns) noexcept {
  static const core::Nanoseconds period_ns = core::from_seconds(kMotionPeriod_s);
  if (now_ns > path_.end_ns() + kArrival_ns) {
    return std::nullopt;
  }
  core::Nanoseconds& next_ns = next_ns_.emplace(next_ns_.value_or(now_ns));
  next_ns += std::max<core::Nanoseconds>(0, (now_ns - next_ns) / period_ns) * period_ns;  // what passed is not made up
  return next_ns;
}

void JointPathMotion::fill(core::Nanoseconds due_ns, messages::RobotState& action) noexcept {
  const Reference wanted = path_.at(due_ns);
  action.joint_positions = wanted.q_rad;
  action.joint_velocities = wanted.dq_rad_s;
  next_ns_ = due_ns + core::from_seconds(kMotionPeriod_s);
}

}  // namespace takt::teleop
