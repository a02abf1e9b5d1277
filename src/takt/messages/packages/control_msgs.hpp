#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"
#include "takt/messages/packages/sensor_msgs/joints.hpp"
#include "takt/messages/packages/std_msgs/header.hpp"
#include "takt/messages/packages/trajectory_msgs.hpp"

/// What ROS tools ask of the controllers of arms and grippers. Not the whole package: what arms need. Of the package
/// control_msgs of ROS 2.
namespace takt::control_msgs {

struct JointTolerance {
  static constexpr std::string_view kRosName = "control_msgs/msg/JointTolerance";

  std::string name;
  double position{0.0};
  double velocity{0.0};
  double acceleration{0.0};

  friend bool operator==(const JointTolerance&, const JointTolerance&) = default;
};
BOOST_DESCRIBE_STRUCT(JointTolerance, (), (name, position, velocity, acceleration))

struct JointComponentTolerance {
  static constexpr std::string_view kRosName = "control_msgs/msg/JointComponentTolerance";
  static constexpr std::uint16_t X_AXIS = 1;
  static constexpr std::uint16_t Y_AXIS = 2;
  static constexpr std::uint16_t Z_AXIS = 3;
  static constexpr std::uint16_t TRANSLATION = 4;
  static constexpr std::uint16_t ROTATION = 5;

  std::string joint_name;
  std::uint16_t component{0};
  double position{0.0};
  double velocity{0.0};
  double acceleration{0.0};

  friend bool operator==(const JointComponentTolerance&, const JointComponentTolerance&) = default;
};
BOOST_DESCRIBE_STRUCT(JointComponentTolerance, (),
                      (X_AXIS, Y_AXIS, Z_AXIS, TRANSLATION, ROTATION, joint_name, component, position, velocity,
                       acceleration))

struct FollowJointTrajectory {
  static constexpr std::string_view kRosName = "control_msgs/action/FollowJointTrajectory";

  struct Goal {
    static constexpr std::string_view kRosName = "control_msgs/action/FollowJointTrajectory_Goal";

    trajectory_msgs::JointTrajectory trajectory;
    trajectory_msgs::MultiDOFJointTrajectory multi_dof_trajectory;
    std::vector<JointTolerance> path_tolerance;
    std::vector<JointComponentTolerance> component_path_tolerance;
    std::vector<JointTolerance> goal_tolerance;
    std::vector<JointComponentTolerance> component_goal_tolerance;
    builtin_interfaces::Duration goal_time_tolerance;

    friend bool operator==(const Goal&, const Goal&) = default;
  };

  struct Result {
    static constexpr std::string_view kRosName = "control_msgs/action/FollowJointTrajectory_Result";
    static constexpr std::int32_t SUCCESSFUL = 0;
    static constexpr std::int32_t INVALID_GOAL = -1;
    static constexpr std::int32_t INVALID_JOINTS = -2;
    static constexpr std::int32_t OLD_HEADER_TIMESTAMP = -3;
    static constexpr std::int32_t PATH_TOLERANCE_VIOLATED = -4;
    static constexpr std::int32_t GOAL_TOLERANCE_VIOLATED = -5;

    std::int32_t error_code{0};
    std::string error_string;

    friend bool operator==(const Result&, const Result&) = default;
  };

  struct Feedback {
    static constexpr std::string_view kRosName = "control_msgs/action/FollowJointTrajectory_Feedback";

    std_msgs::Header header;
    std::vector<std::string> joint_names;
    trajectory_msgs::JointTrajectoryPoint desired;
    trajectory_msgs::JointTrajectoryPoint actual;
    trajectory_msgs::JointTrajectoryPoint error;
    std::int32_t index{0};
    std::vector<std::string> multi_dof_joint_names;
    trajectory_msgs::MultiDOFJointTrajectoryPoint multi_dof_desired;
    trajectory_msgs::MultiDOFJointTrajectoryPoint multi_dof_actual;
    trajectory_msgs::MultiDOFJointTrajectoryPoint multi_dof_error;
    std::int32_t multi_dof_index{0};

    friend bool operator==(const Feedback&, const Feedback&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(FollowJointTrajectory::Goal, (),
                      (trajectory, multi_dof_trajectory, path_tolerance, component_path_tolerance, goal_tolerance,
                       component_goal_tolerance, goal_time_tolerance))
BOOST_DESCRIBE_STRUCT(FollowJointTrajectory::Result, (),
                      (SUCCESSFUL, INVALID_GOAL, INVALID_JOINTS, OLD_HEADER_TIMESTAMP, PATH_TOLERANCE_VIOLATED,
                       GOAL_TOLERANCE_VIOLATED, error_code, error_string))
BOOST_DESCRIBE_STRUCT(FollowJointTrajectory::Feedback, (),
                      (header, joint_names, desired, actual, error, index, multi_dof_joint_names, multi_dof_desired,
                       multi_dof_actual, multi_dof_error, multi_dof_index))

struct GripperCommand {
  static constexpr std::string_view kRosName = "control_msgs/msg/GripperCommand";

  double position{0.0};
  double max_effort{0.0};

  friend bool operator==(const GripperCommand&, const GripperCommand&) = default;
};
BOOST_DESCRIBE_STRUCT(GripperCommand, (), (position, max_effort))

struct GripperCommandAction {
  static constexpr std::string_view kRosName = "control_msgs/action/GripperCommand";

  struct Goal {
    static constexpr std::string_view kRosName = "control_msgs/action/GripperCommand_Goal";

    GripperCommand command;

    friend bool operator==(const Goal&, const Goal&) = default;
  };

  struct Result {
    static constexpr std::string_view kRosName = "control_msgs/action/GripperCommand_Result";

    double position{0.0};
    double effort{0.0};
    bool stalled{false};
    bool reached_goal{false};

    friend bool operator==(const Result&, const Result&) = default;
  };

  struct Feedback {
    static constexpr std::string_view kRosName = "control_msgs/action/GripperCommand_Feedback";

    double position{0.0};
    double effort{0.0};
    bool stalled{false};
    bool reached_goal{false};

    friend bool operator==(const Feedback&, const Feedback&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(GripperCommandAction::Goal, (), (command))
BOOST_DESCRIBE_STRUCT(GripperCommandAction::Result, (), (position, effort, stalled, reached_goal))
BOOST_DESCRIBE_STRUCT(GripperCommandAction::Feedback, (), (position, effort, stalled, reached_goal))

struct ParallelGripperCommand {
  static constexpr std::string_view kRosName = "control_msgs/action/ParallelGripperCommand";

  struct Goal {
    static constexpr std::string_view kRosName = "control_msgs/action/ParallelGripperCommand_Goal";

    sensor_msgs::JointState command;

    friend bool operator==(const Goal&, const Goal&) = default;
  };

  struct Result {
    static constexpr std::string_view kRosName = "control_msgs/action/ParallelGripperCommand_Result";

    sensor_msgs::JointState state;
    bool stalled{false};
    bool reached_goal{false};

    friend bool operator==(const Result&, const Result&) = default;
  };

  struct Feedback {
    static constexpr std::string_view kRosName = "control_msgs/action/ParallelGripperCommand_Feedback";

    sensor_msgs::JointState state;

    friend bool operator==(const Feedback&, const Feedback&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(ParallelGripperCommand::Goal, (), (command))
BOOST_DESCRIBE_STRUCT(ParallelGripperCommand::Result, (), (state, stalled, reached_goal))
BOOST_DESCRIBE_STRUCT(ParallelGripperCommand::Feedback, (), (state))

struct JointJog {
  static constexpr std::string_view kRosName = "control_msgs/msg/JointJog";

  std_msgs::Header header;
  std::vector<std::string> joint_names;
  std::vector<double> displacements;
  std::vector<double> velocities;
  double duration{0.0};

  friend bool operator==(const JointJog&, const JointJog&) = default;
};
BOOST_DESCRIBE_STRUCT(JointJog, (), (header, joint_names, displacements, velocities, duration))

struct JointTrajectoryControllerState {
  static constexpr std::string_view kRosName = "control_msgs/msg/JointTrajectoryControllerState";

  std_msgs::Header header;
  std::vector<std::string> joint_names;
  trajectory_msgs::JointTrajectoryPoint reference;
  trajectory_msgs::JointTrajectoryPoint feedback;
  trajectory_msgs::JointTrajectoryPoint error;
  trajectory_msgs::JointTrajectoryPoint output;
  std::vector<std::string> multi_dof_joint_names;
  trajectory_msgs::MultiDOFJointTrajectoryPoint multi_dof_reference;
  trajectory_msgs::MultiDOFJointTrajectoryPoint multi_dof_feedback;
  trajectory_msgs::MultiDOFJointTrajectoryPoint multi_dof_error;
  trajectory_msgs::MultiDOFJointTrajectoryPoint multi_dof_output;
  double speed_scaling_factor{0.0};

  friend bool operator==(const JointTrajectoryControllerState&, const JointTrajectoryControllerState&) = default;
};
BOOST_DESCRIBE_STRUCT(JointTrajectoryControllerState, (),
                      (header, joint_names, reference, feedback, error, output, multi_dof_joint_names,
                       multi_dof_reference, multi_dof_feedback, multi_dof_error, multi_dof_output,
                       speed_scaling_factor))

struct QueryTrajectoryState {
  static constexpr std::string_view kRosName = "control_msgs/srv/QueryTrajectoryState";

  struct Request {
    static constexpr std::string_view kRosName = "control_msgs/srv/QueryTrajectoryState_Request";

    builtin_interfaces::Time time;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "control_msgs/srv/QueryTrajectoryState_Response";

    bool success{false};
    std::string message;
    std::vector<std::string> name;
    std::vector<double> position;
    std::vector<double> velocity;
    std::vector<double> acceleration;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(QueryTrajectoryState::Request, (), (time))
BOOST_DESCRIBE_STRUCT(QueryTrajectoryState::Response, (), (success, message, name, position, velocity, acceleration))

}  // namespace takt::control_msgs
