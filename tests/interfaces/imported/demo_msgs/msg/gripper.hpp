#pragma once

#include <string_view>

#include <boost/describe.hpp>

namespace demo_msgs {

struct Gripper {
  static constexpr std::string_view kRosName = "demo_msgs/msg/Gripper";

  /// m
  double width{0.0};

  friend bool operator==(const Gripper&, const Gripper&) = default;
};
BOOST_DESCRIBE_STRUCT(Gripper, (), (width))

}  // namespace demo_msgs
