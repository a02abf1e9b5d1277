#pragma once

#include <string_view>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"

/// Simulated time. Of the package rosgraph_msgs of ROS 2.
namespace takt::rosgraph_msgs {

struct Clock {
  static constexpr std::string_view kRosName = "rosgraph_msgs/msg/Clock";

  builtin_interfaces::Time clock;

  friend bool operator==(const Clock&, const Clock&) = default;
};
BOOST_DESCRIBE_STRUCT(Clock, (), (clock))

}  // namespace takt::rosgraph_msgs
