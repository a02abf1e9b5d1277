#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"
#include "takt/messages/packages/geometry_msgs/values.hpp"
#include "takt/messages/packages/std_msgs/header.hpp"

/// Motions of joints over time. Positions in rad or m, efforts in N·m or N. Of the package trajectory_msgs of ROS 2.
namespace takt::trajectory_msgs {

struct JointTrajectoryPoint {
  static constexpr std::string_view kRosName = "trajectory_msgs/msg/JointTrajectoryPoint";

  std::vector<double> positions;
  std::vector<double> velocities;
  std::vector<double> accelerations;
  std::vector<double> effort;
  builtin_interfaces::Duration time_from_start;

  friend bool operator==(const JointTrajectoryPoint&, const JointTrajectoryPoint&) = default;
};
BOOST_DESCRIBE_STRUCT(JointTrajectoryPoint, (), (positions, velocities, accelerations, effort, time_from_start))

struct JointTrajectory {
  static constexpr std::string_view kRosName = "trajectory_msgs/msg/JointTrajectory";

  std_msgs::Header header;
  std::vector<std::string> joint_names;
  std::vector<JointTrajectoryPoint> points;

  friend bool operator==(const JointTrajectory&, const JointTrajectory&) = default;
};
BOOST_DESCRIBE_STRUCT(JointTrajectory, (), (header, joint_names, points))

struct MultiDOFJointTrajectoryPoint {
  static constexpr std::string_view kRosName = "trajectory_msgs/msg/MultiDOFJointTrajectoryPoint";

  std::vector<geometry_msgs::Transform> transforms;
  std::vector<geometry_msgs::Twist> velocities;
  std::vector<geometry_msgs::Twist> accelerations;
  builtin_interfaces::Duration time_from_start;

  friend bool operator==(const MultiDOFJointTrajectoryPoint&, const MultiDOFJointTrajectoryPoint&) = default;
};
BOOST_DESCRIBE_STRUCT(MultiDOFJointTrajectoryPoint, (), (transforms, velocities, accelerations, time_from_start))

struct MultiDOFJointTrajectory {
  static constexpr std::string_view kRosName = "trajectory_msgs/msg/MultiDOFJointTrajectory";

  std_msgs::Header header;
  std::vector<std::string> joint_names;
  std::vector<MultiDOFJointTrajectoryPoint> points;

  friend bool operator==(const MultiDOFJointTrajectory&, const MultiDOFJointTrajectory&) = default;
};
BOOST_DESCRIBE_STRUCT(MultiDOFJointTrajectory, (), (header, joint_names, points))

}  // namespace takt::trajectory_msgs
