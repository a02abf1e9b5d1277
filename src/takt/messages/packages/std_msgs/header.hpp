#pragma once

#include <string>
#include <string_view>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"

/// Where and when: the first member of most messages. Of the package std_msgs of ROS 2.
namespace takt::std_msgs {

struct Header {
  static constexpr std::string_view kRosName = "std_msgs/msg/Header";

  builtin_interfaces::Time stamp;
  std::string frame_id;

  friend bool operator==(const Header&, const Header&) = default;
};
BOOST_DESCRIBE_STRUCT(Header, (), (stamp, frame_id))

}  // namespace takt::std_msgs
