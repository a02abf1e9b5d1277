#include "takt/trajectory/trajectory.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory {
namespace {

void require_joints(const TrajectoryInfo& info) {
  const std::size_t joints = info.joint_names.size();
  if (joints == 0 || joints > core::kMaxJoints) {
    throw ConfigError(
        fmt::format("trajectory '{}' has {} joints, must have 1 … {}", info.name, joints, core::kMaxJoints));
  }
  std::set<std::string> seen;
  for (const std::string& name : info.joint_names) {
    if (!seen.insert(name).second) {
      throw ConfigError(fmt::format("trajectory '{}' has two joints '{}'", info.name, name));
    }
  }
}

core::JointVector part(const std::vector<double>& numbers, std::size_t index, std::size_t joints) noexcept {
  return core::JointVector(std::span(numbers).subspan(index * joints, joints));
}

/// Why this frame cannot follow; "" when it can.
std::string objection(const Trajectory& trajectory, const Frame& frame) {
  const std::size_t joints = trajectory.joints();
  if (frame.q_rad.size() != joints) {
    return fmt::format("has {} joints, the trajectory {}", frame.q_rad.size(), joints);
  }
  if (!frame.dq_rad_s.empty() && frame.dq_rad_s.size() != joints) {
    return fmt::format("has {} velocities, the trajectory {} joints", frame.dq_rad_s.size(), joints);
  }
  if (!frame.q_rad.all_finite() || !frame.dq_rad_s.all_finite() || !std::isfinite(frame.gripper.value_or(0.0))) {
    return "holds a number that is not finite";
  }
  if (trajectory.empty()) {
    return frame.t_ns == 0 ? ""
                           : fmt::format("is the first and at {:.6f} s, must be at 0", core::to_seconds(frame.t_ns));
  }
  if (frame.t_ns <= trajectory.duration_ns()) {
    return fmt::format("is at {:.9f} s, not after the one before it at {:.9f} s", core::to_seconds(frame.t_ns),
                       core::to_seconds(trajectory.duration_ns()));
  }
  if (frame.t_ns > kLongest_ns) {
    return fmt::format("is at {:.3f} s, a trajectory lasts at most {:.0f} s", core::to_seconds(frame.t_ns),
                       core::to_seconds(kLongest_ns));
  }
  if (trajectory.has_velocities() == frame.dq_rad_s.empty() || trajectory.has_gripper() != frame.gripper.has_value()) {
    return "has a velocity or a gripper where others have none, or the other way round";
  }
  return "";
}

}  // namespace

Trajectory::Trajectory(TrajectoryInfo info) : info_(std::move(info)) {
  require_joints(info_);
}

void Trajectory::append(const Frame& frame) {
  if (const std::string why = objection(*this, frame); !why.empty()) {
    throw ConfigError(fmt::format("trajectory '{}': frame {} {}", info_.name, size(), why));
  }
  times_ns_.push_back(frame.t_ns);
  positions_.insert(positions_.end(), frame.q_rad.data(), frame.q_rad.data() + frame.q_rad.size());
  velocities_.insert(velocities_.end(), frame.dq_rad_s.data(), frame.dq_rad_s.data() + frame.dq_rad_s.size());
  if (frame.gripper) {
    grippers_.push_back(*frame.gripper);
  }
}

void Trajectory::reserve(std::size_t frames) {
  times_ns_.reserve(frames);
  positions_.reserve(frames * joints());
}

void Trajectory::set_info(TrajectoryInfo info) {
  require_joints(info);
  if (!empty() && info.joint_names.size() != joints()) {
    throw LogicError(
        fmt::format("trajectory '{}': {} joint names for {} joints", info_.name, info.joint_names.size(), joints()));
  }
  info_ = std::move(info);
}

Frame Trajectory::frame(std::size_t index) const noexcept {
  Frame frame{.t_ns = times_ns_[index], .q_rad = q_rad(index)};
  if (has_velocities()) {
    frame.dq_rad_s = part(velocities_, index, joints());
  }
  if (has_gripper()) {
    frame.gripper = grippers_[index];
  }
  return frame;
}

core::JointVector Trajectory::q_rad(std::size_t index) const noexcept {
  return part(positions_, index, joints());
}

std::size_t Trajectory::index_at(core::Nanoseconds t_ns) const noexcept {
  const auto after = std::ranges::upper_bound(times_ns_, t_ns);
  return after == times_ns_.begin() ? 0 : static_cast<std::size_t>(after - times_ns_.begin()) - 1;
}

}  // namespace takt::trajectory
