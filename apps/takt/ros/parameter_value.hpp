#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/messages/packages/rcl_interfaces/parameters.hpp"

#include "yaml_scalar.hpp"

/// Values of parameters as people and files write them: YAML, as far as parameter files of ROS have it. A bool, an
/// integer, a double (".inf" and ".nan", too), a text with or without quotes, null, or a list of one of these.
namespace takt::app {

using rcl_interfaces::ParameterType;
using rcl_interfaces::ParameterValue;

/// "double array"
[[nodiscard]] std::string type_text(std::uint8_t type);

/// An empty list is one of texts; `converted` makes it what it is for. Integers among doubles are doubles.
[[nodiscard]] Expected<ParameterValue, std::string> list_of(const std::vector<YamlScalar>& elements);
/// A scalar, or a list in brackets, in one line without a comment.
[[nodiscard]] Expected<ParameterValue, std::string> parse_parameter(std::string_view text);

/// As a parameter of this type takes it: integers where doubles are wanted or bytes, an empty list of any type. What
/// does not fit stays as it is, for the node to refuse. @param type  PARAMETER_NOT_SET: unknown
[[nodiscard]] ParameterValue converted(ParameterValue value, std::uint8_t type);

/// In one line; parse_parameter reads it back, and so do ROS's tools.
[[nodiscard]] std::string yaml_of(const ParameterValue& value);
[[nodiscard]] std::string yaml_of(const std::string& text);
[[nodiscard]] std::string json_of(const ParameterValue& value);

}  // namespace takt::app
