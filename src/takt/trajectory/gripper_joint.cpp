#include "takt/trajectory/gripper_joint.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory {
namespace {

std::string name_in(const ArmDescription& arm) {
  return arm.joint_names.empty() ? "gripper" : arm.joint_names[*arm.gripper_joint];
}

}  // namespace

bool lacks_gripper_joint(const Trajectory& trajectory, const ArmDescription& arm) {
  if (!arm.gripper_joint || !trajectory.has_gripper() || trajectory.joints() + 1 != arm.limits.size()) {
    return false;
  }
  return std::ranges::find(trajectory.info().joint_names, name_in(arm)) == trajectory.info().joint_names.end();
}

Trajectory with_gripper_joint(const Trajectory& trajectory, const ArmDescription& arm) {
  const std::size_t at = *arm.gripper_joint;
  const double closed_rad = arm.limits[at].position_min_rad;
  const double open_rad = arm.limits[at].position_max_rad;
  if (!std::isfinite(closed_rad) || !std::isfinite(open_rad)) {
    throw ConfigError(fmt::format("trajectory '{}': joint '{}' of '{}' has no range that an opening could be a part of",
                                  trajectory.info().name, name_in(arm), arm.name));
  }
  TrajectoryInfo info = trajectory.info();
  info.joint_names.insert(info.joint_names.begin() + static_cast<std::ptrdiff_t>(at), name_in(arm));
  Trajectory made(std::move(info));
  made.reserve(trajectory.size());
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    Frame frame = trajectory.frame(i);
    const core::JointVector arm_q_rad = frame.q_rad;
    frame.q_rad = core::JointVector::zero(made.joints());
    std::copy_n(arm_q_rad.begin(), at, frame.q_rad.begin());
    std::copy(arm_q_rad.begin() + at, arm_q_rad.end(), frame.q_rad.begin() + at + 1);
    frame.q_rad[at] = closed_rad + std::clamp(*frame.gripper, 0.0, 1.0) * (open_rad - closed_rad);
    frame.dq_rad_s = {};
    made.append(frame);
  }
  return made;
}

}  // namespace takt::trajectory
