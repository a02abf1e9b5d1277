#include "takt/trajectory/gripper_joint.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory {
namespace {

std::size_t gripper_of(const ArmDescription& arm) {
  return static_cast<std::size_t>(std::ranges::find(arm.joint_names, kGripperJoint) - arm.joint_names.begin());
}

}  // namespace

bool lacks_gripper_joint(const Trajectory& trajectory, const ArmDescription& arm) {
  const std::vector<std::string>& names = trajectory.info().joint_names;
  return trajectory.has_gripper() && names.size() + 1 == arm.limits.size() &&
         gripper_of(arm) < arm.joint_names.size() && std::ranges::find(names, kGripperJoint) == names.end();
}

Trajectory with_gripper_joint(const Trajectory& trajectory, const ArmDescription& arm) {
  const std::size_t at = gripper_of(arm);
  const double closed_rad = arm.limits[at].position_min_rad;
  const double open_rad = arm.limits[at].position_max_rad;
  if (!std::isfinite(closed_rad) || !std::isfinite(open_rad)) {
    throw ConfigError(fmt::format("trajectory '{}': joint '{}' of '{}' has no range that an opening could be a part of",
                                  trajectory.info().name, kGripperJoint, arm.name));
  }
  TrajectoryInfo info = trajectory.info();
  info.joint_names.insert(info.joint_names.begin() + static_cast<std::ptrdiff_t>(at), kGripperJoint);
  Trajectory made(std::move(info));
  made.reserve(trajectory.size());
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    Frame frame = trajectory.frame(i);
    const core::JointVector arm_q_rad = frame.q_rad;
    frame.q_rad = core::JointVector::zero(made.joints());
    std::copy_n(arm_q_rad.begin(), at, frame.q_rad.begin());
    std::copy(arm_q_rad.begin() + at, arm_q_rad.end(), frame.q_rad.begin() + at + 1);
    frame.q_rad[at] = std::lerp(closed_rad, open_rad, std::clamp(*frame.gripper, 0.0, 1.0));
    frame.dq_rad_s = {};
    made.append(frame);
  }
  return made;
}

}  // namespace takt::trajectory
