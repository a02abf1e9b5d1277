#pragma once

#include <string_view>

/// Which names ROS allows: https://design.ros2.org/articles/legacy_interface_definition.html
namespace takt::messages {

/// "joint_names": of packages and fields.
[[nodiscard]] bool is_snake(std::string_view name);
/// "STATE_OPEN": of constants.
[[nodiscard]] bool is_constant(std::string_view name);
/// "PointCloud2": of types.
[[nodiscard]] bool is_pascal(std::string_view name);
/// Not what ROS asks, but what a member can be called in C++.
[[nodiscard]] bool is_cpp_keyword(std::string_view name);

}  // namespace takt::messages
