#pragma once

#include <string_view>
#include <type_traits>

#include <boost/describe.hpp>

namespace takt::messages {

/// A struct whose members are named with Boost.Describe: every codec can be derived for it.
template <class T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

/// What a member is called where names travel, in ROS and in JSON: "class" of `class_`. A '_' at the end stands behind
/// names that C++ does not let a member have; ROS has none there.
[[nodiscard]] constexpr std::string_view wire_name(std::string_view member) noexcept {
  return member.ends_with('_') && member.size() > 1 ? member.substr(0, member.size() - 1) : member;
}

}  // namespace takt::messages
