#include "takt/messages/interfaces/internal/known_type_of.hpp"
#include "takt/messages/packages/control_msgs.hpp"
#include "takt/messages/packages/trajectory_msgs.hpp"

namespace takt::messages {

void add_robot_types(std::vector<KnownType>& types) {
  add_all_known<trajectory_msgs::JointTrajectory, trajectory_msgs::JointTrajectoryPoint,
                trajectory_msgs::MultiDOFJointTrajectory, trajectory_msgs::MultiDOFJointTrajectoryPoint,
                control_msgs::JointTolerance, control_msgs::JointComponentTolerance,
                control_msgs::FollowJointTrajectory, control_msgs::GripperCommand, control_msgs::GripperCommandAction,
                control_msgs::ParallelGripperCommand, control_msgs::JointJog,
                control_msgs::JointTrajectoryControllerState, control_msgs::QueryTrajectoryState>(types);
}

}  // namespace takt::messages
