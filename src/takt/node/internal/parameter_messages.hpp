#pragma once

#include <optional>
#include <string>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/node/parameter.hpp"

/// Internal to node: parameters as ROS 2 sends them.
namespace takt::node::internal {

[[nodiscard]] rcl_interfaces::ParameterValue to_message(const ParameterValue& value);
[[nodiscard]] rcl_interfaces::Parameter to_message(const Parameter& parameter);
[[nodiscard]] std::vector<rcl_interfaces::Parameter> to_messages(const std::vector<Parameter>& parameters);
/// @param value  tells the type
[[nodiscard]] rcl_interfaces::ParameterDescriptor to_message(const std::string& name, const ParameterValue& value,
                                                             const ParameterDescriptor& descriptor);

/// Nothing for a type that there is not.
[[nodiscard]] std::optional<ParameterValue> from_message(const rcl_interfaces::ParameterValue& message);

[[nodiscard]] builtin_interfaces::Time to_message(core::Nanoseconds time_ns) noexcept;

}  // namespace takt::node::internal
