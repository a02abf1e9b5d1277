#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/bounded_vector.hpp"
#include "takt/messages/packages/builtin_interfaces.hpp"

/// Parameters of nodes. Of the package rcl_interfaces of ROS 2.
namespace takt::rcl_interfaces {

struct FloatingPointRange {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/FloatingPointRange";

  double from_value{0.0};
  double to_value{0.0};
  double step{0.0};

  friend bool operator==(const FloatingPointRange&, const FloatingPointRange&) = default;
};
BOOST_DESCRIBE_STRUCT(FloatingPointRange, (), (from_value, to_value, step))

struct IntegerRange {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/IntegerRange";

  std::int64_t from_value{0};
  std::int64_t to_value{0};
  std::uint64_t step{0};

  friend bool operator==(const IntegerRange&, const IntegerRange&) = default;
};
BOOST_DESCRIBE_STRUCT(IntegerRange, (), (from_value, to_value, step))

struct ListParametersResult {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/ListParametersResult";

  std::vector<std::string> names;
  std::vector<std::string> prefixes;

  friend bool operator==(const ListParametersResult&, const ListParametersResult&) = default;
};
BOOST_DESCRIBE_STRUCT(ListParametersResult, (), (names, prefixes))

struct ParameterValue {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/ParameterValue";

  std::uint8_t type{0};
  bool bool_value{false};
  std::int64_t integer_value{0};
  double double_value{0.0};
  std::string string_value;
  std::vector<std::byte> byte_array_value;
  std::vector<bool> bool_array_value;
  std::vector<std::int64_t> integer_array_value;
  std::vector<double> double_array_value;
  std::vector<std::string> string_array_value;

  friend bool operator==(const ParameterValue&, const ParameterValue&) = default;
};
BOOST_DESCRIBE_STRUCT(ParameterValue, (),
                      (type, bool_value, integer_value, double_value, string_value, byte_array_value, bool_array_value,
                       integer_array_value, double_array_value, string_array_value))

struct Parameter {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/Parameter";

  std::string name;
  ParameterValue value;

  friend bool operator==(const Parameter&, const Parameter&) = default;
};
BOOST_DESCRIBE_STRUCT(Parameter, (), (name, value))

struct ParameterDescriptor {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/ParameterDescriptor";

  std::string name;
  std::uint8_t type{0};
  std::string description;
  std::string additional_constraints;
  bool read_only{false};
  bool dynamic_typing{false};
  core::BoundedVector<FloatingPointRange, 1> floating_point_range;
  core::BoundedVector<IntegerRange, 1> integer_range;

  friend bool operator==(const ParameterDescriptor&, const ParameterDescriptor&) = default;
};
BOOST_DESCRIBE_STRUCT(ParameterDescriptor, (),
                      (name, type, description, additional_constraints, read_only, dynamic_typing, floating_point_range,
                       integer_range))

struct ParameterEvent {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/ParameterEvent";

  builtin_interfaces::Time stamp;
  std::string node;
  std::vector<Parameter> new_parameters;
  std::vector<Parameter> changed_parameters;
  std::vector<Parameter> deleted_parameters;

  friend bool operator==(const ParameterEvent&, const ParameterEvent&) = default;
};
BOOST_DESCRIBE_STRUCT(ParameterEvent, (), (stamp, node, new_parameters, changed_parameters, deleted_parameters))

struct ParameterEventDescriptors {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/ParameterEventDescriptors";

  std::vector<ParameterDescriptor> new_parameters;
  std::vector<ParameterDescriptor> changed_parameters;
  std::vector<ParameterDescriptor> deleted_parameters;

  friend bool operator==(const ParameterEventDescriptors&, const ParameterEventDescriptors&) = default;
};
BOOST_DESCRIBE_STRUCT(ParameterEventDescriptors, (), (new_parameters, changed_parameters, deleted_parameters))

struct ParameterType {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/ParameterType";
  static constexpr std::uint8_t PARAMETER_NOT_SET = 0;
  static constexpr std::uint8_t PARAMETER_BOOL = 1;
  static constexpr std::uint8_t PARAMETER_INTEGER = 2;
  static constexpr std::uint8_t PARAMETER_DOUBLE = 3;
  static constexpr std::uint8_t PARAMETER_STRING = 4;
  static constexpr std::uint8_t PARAMETER_BYTE_ARRAY = 5;
  static constexpr std::uint8_t PARAMETER_BOOL_ARRAY = 6;
  static constexpr std::uint8_t PARAMETER_INTEGER_ARRAY = 7;
  static constexpr std::uint8_t PARAMETER_DOUBLE_ARRAY = 8;
  static constexpr std::uint8_t PARAMETER_STRING_ARRAY = 9;

  friend bool operator==(const ParameterType&, const ParameterType&) = default;
};
BOOST_DESCRIBE_STRUCT(ParameterType, (),
                      (PARAMETER_NOT_SET, PARAMETER_BOOL, PARAMETER_INTEGER, PARAMETER_DOUBLE, PARAMETER_STRING,
                       PARAMETER_BYTE_ARRAY, PARAMETER_BOOL_ARRAY, PARAMETER_INTEGER_ARRAY, PARAMETER_DOUBLE_ARRAY,
                       PARAMETER_STRING_ARRAY))

struct SetParametersResult {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/SetParametersResult";

  bool successful{false};
  std::string reason;

  friend bool operator==(const SetParametersResult&, const SetParametersResult&) = default;
};
BOOST_DESCRIBE_STRUCT(SetParametersResult, (), (successful, reason))

}  // namespace takt::rcl_interfaces
