#include "takt/teleop/replay/trajectory_columns.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::teleop::replay {
namespace {

void require_length(const TrajectoryColumns& columns, const std::string& column, std::size_t length) {
  if (length != columns.t_ns.size()) {
    throw ConfigError(
        fmt::format("trajectory '{}': {} has {} numbers, t_ns {}", columns.name, column, length, columns.t_ns.size()));
  }
}

void require_columns(const TrajectoryColumns& columns, const char* what,
                     const std::vector<std::vector<double>>& per_joint) {
  if (per_joint.size() != columns.joints.size()) {
    throw ConfigError(fmt::format("trajectory '{}': {} has {} columns, there are {} joints", columns.name, what,
                                  per_joint.size(), columns.joints.size()));
  }
  for (std::size_t joint = 0; joint < per_joint.size(); ++joint) {
    require_length(columns, fmt::format("{}[{}]", what, joint), per_joint[joint].size());
  }
}

void require_rectangle(const TrajectoryColumns& columns) {
  require_columns(columns, "q_rad", columns.q_rad);
  if (!columns.dq_rad_s.empty()) {
    require_columns(columns, "dq_rad_s", columns.dq_rad_s);
  }
  if (!columns.gripper.empty()) {
    require_length(columns, "gripper", columns.gripper.size());
  }
}

core::JointVector row(const std::vector<std::vector<double>>& per_joint, std::size_t frame) {
  core::JointVector values = core::JointVector::zero(per_joint.size());
  for (std::size_t joint = 0; joint < per_joint.size(); ++joint) {
    values[joint] = per_joint[joint][frame];
  }
  return values;
}

void append_row(std::vector<std::vector<double>>& per_joint, const core::JointVector& values) {
  for (std::size_t joint = 0; joint < per_joint.size(); ++joint) {
    per_joint[joint].push_back(values[joint]);
  }
}

TrajectoryColumns without_frames(const trajectory::TrajectoryInfo& info) {
  TrajectoryColumns columns;
  columns.name = info.name;
  columns.robot = info.robot;
  columns.robot_type = info.robot_type;
  columns.task = info.task;
  columns.success = info.success;
  columns.start_wall_ns = info.start_wall_ns;
  columns.source = info.source;
  columns.joints = info.joint_names;
  return columns;
}

trajectory::TrajectoryInfo info_of(const TrajectoryColumns& columns) {
  return {.name = columns.name,
          .robot = columns.robot,
          .robot_type = columns.robot_type,
          .joint_names = columns.joints,
          .task = columns.task,
          .success = columns.success,
          .start_wall_ns = columns.start_wall_ns,
          .source = columns.source};
}

}  // namespace

TrajectoryColumns to_columns(const trajectory::Trajectory& trajectory) {
  return to_columns(trajectory, 0, trajectory.size());
}

TrajectoryColumns to_columns(const trajectory::Trajectory& trajectory, std::size_t first, std::size_t count) {
  TrajectoryColumns columns = without_frames(trajectory.info());
  columns.q_rad.resize(trajectory.joints());
  columns.dq_rad_s.resize(trajectory.has_velocities() ? trajectory.joints() : 0);
  const std::size_t begin = std::min(first, trajectory.size());
  const std::size_t end = begin + std::min(count, trajectory.size() - begin);
  columns.t_ns.reserve(end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    const trajectory::Frame frame = trajectory.frame(i);
    columns.t_ns.push_back(frame.t_ns);
    append_row(columns.q_rad, frame.q_rad);
    append_row(columns.dq_rad_s, frame.dq_rad_s);
    if (frame.gripper) {
      columns.gripper.push_back(*frame.gripper);
    }
  }
  return columns;
}

trajectory::Trajectory to_trajectory(const TrajectoryColumns& columns) {
  if (columns.joints.size() > core::kMaxJoints) {
    throw ConfigError(fmt::format("trajectory '{}': {} joints, at most {} are possible", columns.name,
                                  columns.joints.size(), core::kMaxJoints));
  }
  require_rectangle(columns);
  trajectory::Trajectory made(info_of(columns));
  made.reserve(columns.t_ns.size());
  for (std::size_t i = 0; i < columns.t_ns.size(); ++i) {
    trajectory::Frame frame;
    frame.t_ns = columns.t_ns[i];
    frame.q_rad = row(columns.q_rad, i);
    frame.dq_rad_s = row(columns.dq_rad_s, i);
    frame.gripper = columns.gripper.empty() ? std::nullopt : std::optional(columns.gripper[i]);
    made.append(frame);
  }
  return made;
}

}  // namespace takt::teleop::replay
