#pragma once

#include <string>
#include <string_view>

/// Which names ROS allows, and which of them C++ does not:
/// https://design.ros2.org/articles/legacy_interface_definition.html
namespace takt::messages {

/// "joint_names": of packages and fields.
[[nodiscard]] bool is_snake(std::string_view name);
/// "STATE_OPEN": of constants.
[[nodiscard]] bool is_constant(std::string_view name);
/// "PointCloud2": of types.
[[nodiscard]] bool is_pascal(std::string_view name);
/// NAN, OVERFLOW, errno: a name that the standard library's headers have as a macro.
[[nodiscard]] bool is_standard_macro(std::string_view name);
/// What a package, type, field or constant of ROS is called in C++: its name, with a '_' behind it where C++ has taken
/// that for a word, a macro, or a namespace which takt's headers name. wire_name (described.hpp) is the way back.
[[nodiscard]] std::string cpp_name(std::string_view name);

}  // namespace takt::messages
