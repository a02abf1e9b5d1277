#include "takt/messages/interfaces/internal/known_type_of.hpp"
#include "takt/messages/packages/action_msgs.hpp"
#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/messages/packages/rmw_dds_common.hpp"
#include "takt/messages/packages/rosgraph_msgs.hpp"
#include "takt/messages/packages/service_msgs.hpp"
#include "takt/messages/packages/type_description_interfaces.hpp"

namespace takt::messages {

void add_node_types(std::vector<KnownType>& types) {
  add_all_known<
      rcl_interfaces::FloatingPointRange, rcl_interfaces::IntegerRange, rcl_interfaces::ListParametersResult,
      rcl_interfaces::Log, rcl_interfaces::LoggerLevel, rcl_interfaces::Parameter, rcl_interfaces::ParameterDescriptor,
      rcl_interfaces::ParameterEvent, rcl_interfaces::ParameterEventDescriptors, rcl_interfaces::ParameterType,
      rcl_interfaces::ParameterValue, rcl_interfaces::SetLoggerLevelsResult, rcl_interfaces::SetParametersResult,
      rcl_interfaces::DescribeParameters, rcl_interfaces::GetLoggerLevels, rcl_interfaces::GetParameterTypes,
      rcl_interfaces::GetParameters, rcl_interfaces::ListParameters, rcl_interfaces::SetLoggerLevels,
      rcl_interfaces::SetParameters, rcl_interfaces::SetParametersAtomically, rosgraph_msgs::Clock,
      service_msgs::ServiceEventInfo, type_description_interfaces::Field, type_description_interfaces::FieldType,
      type_description_interfaces::IndividualTypeDescription, type_description_interfaces::KeyValue,
      type_description_interfaces::TypeDescription, type_description_interfaces::TypeSource,
      type_description_interfaces::GetTypeDescription, rmw_dds_common::Gid, rmw_dds_common::NodeEntitiesInfo,
      rmw_dds_common::ParticipantEntitiesInfo, action_msgs::GoalInfo, action_msgs::GoalStatus,
      action_msgs::GoalStatusArray, action_msgs::CancelGoal>(types);
}

}  // namespace takt::messages
