#include "takt/messages/interfaces/internal/known_type_of.hpp"
#include "takt/messages/packages/builtin_interfaces.hpp"
#include "takt/messages/packages/example_interfaces.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/messages/packages/unique_identifier_msgs.hpp"

namespace takt::messages {

void add_basic_types(std::vector<KnownType>& types) {
  add_all_known<builtin_interfaces::Duration, builtin_interfaces::Time, unique_identifier_msgs::UUID, std_msgs::Bool,
                std_msgs::Byte, std_msgs::ByteMultiArray, std_msgs::Char, std_msgs::ColorRGBA, std_msgs::Empty,
                std_msgs::Float32, std_msgs::Float32MultiArray, std_msgs::Float64, std_msgs::Float64MultiArray,
                std_msgs::Header, std_msgs::Int16, std_msgs::Int16MultiArray, std_msgs::Int32,
                std_msgs::Int32MultiArray, std_msgs::Int64, std_msgs::Int64MultiArray, std_msgs::Int8,
                std_msgs::Int8MultiArray, std_msgs::MultiArrayDimension, std_msgs::MultiArrayLayout, std_msgs::String,
                std_msgs::UInt16, std_msgs::UInt16MultiArray, std_msgs::UInt32, std_msgs::UInt32MultiArray,
                std_msgs::UInt64, std_msgs::UInt64MultiArray, std_msgs::UInt8, std_msgs::UInt8MultiArray,
                std_srvs::Empty, std_srvs::SetBool, std_srvs::Trigger, example_interfaces::AddTwoInts,
                example_interfaces::SetBool, example_interfaces::Trigger, example_interfaces::Fibonacci>(types);
}

}  // namespace takt::messages
