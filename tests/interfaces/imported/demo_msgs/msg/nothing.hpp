#pragma once

#include <string_view>

#include <boost/describe.hpp>

namespace demo_msgs {

struct Nothing {
  static constexpr std::string_view kRosName = "demo_msgs/msg/Nothing";

  friend bool operator==(const Nothing&, const Nothing&) = default;
};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

}  // namespace demo_msgs
