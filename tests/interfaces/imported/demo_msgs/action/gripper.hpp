#pragma once

#include <string_view>

#include <boost/describe.hpp>

#include "demo_msgs/msg/gripper.hpp"

namespace demo_msgs {

/// Close or open it.
struct GripperAction {
  static constexpr std::string_view kRosName = "demo_msgs/action/Gripper";

  struct Goal {
    static constexpr std::string_view kRosName = "demo_msgs/action/Gripper_Goal";

    Gripper target;

    friend bool operator==(const Goal&, const Goal&) = default;
  };

  struct Result {
    static constexpr std::string_view kRosName = "demo_msgs/action/Gripper_Result";

    bool reached{false};

    friend bool operator==(const Result&, const Result&) = default;
  };

  struct Feedback {
    static constexpr std::string_view kRosName = "demo_msgs/action/Gripper_Feedback";

    Gripper now;

    friend bool operator==(const Feedback&, const Feedback&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(GripperAction::Goal, (), (target))
BOOST_DESCRIBE_STRUCT(GripperAction::Result, (), (reached))
BOOST_DESCRIBE_STRUCT(GripperAction::Feedback, (), (now))

}  // namespace demo_msgs
