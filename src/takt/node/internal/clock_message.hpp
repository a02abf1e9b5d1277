#pragma once

#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>

/// Internal to node.
namespace takt::node::internal {

struct TimeMessage {
  static constexpr std::string_view kRosName = "builtin_interfaces/msg/Time";
  std::int32_t sec{0};
  std::uint32_t nanosec{0};
};
BOOST_DESCRIBE_STRUCT(TimeMessage, (), (sec, nanosec))

struct ClockMessage {
  static constexpr std::string_view kRosName = "rosgraph_msgs/msg/Clock";
  TimeMessage clock;
};
BOOST_DESCRIBE_STRUCT(ClockMessage, (), (clock))

}  // namespace takt::node::internal
