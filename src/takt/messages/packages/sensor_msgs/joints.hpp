#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/geometry_msgs/values.hpp"
#include "takt/messages/packages/std_msgs/header.hpp"

/// Joints, and the joysticks of operators. Positions in rad or m, efforts in N·m or N. Of the package sensor_msgs of
/// ROS 2.
namespace takt::sensor_msgs {

struct JointState {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/JointState";

  std_msgs::Header header;
  std::vector<std::string> name;
  std::vector<double> position;
  std::vector<double> velocity;
  std::vector<double> effort;

  friend bool operator==(const JointState&, const JointState&) = default;
};
BOOST_DESCRIBE_STRUCT(JointState, (), (header, name, position, velocity, effort))

struct Joy {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/Joy";

  std_msgs::Header header;
  std::vector<float> axes;
  std::vector<std::int32_t> buttons;

  friend bool operator==(const Joy&, const Joy&) = default;
};
BOOST_DESCRIBE_STRUCT(Joy, (), (header, axes, buttons))

struct JoyFeedback {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/JoyFeedback";
  static constexpr std::uint8_t TYPE_LED = 0;
  static constexpr std::uint8_t TYPE_RUMBLE = 1;
  static constexpr std::uint8_t TYPE_BUZZER = 2;

  std::uint8_t type{0};
  std::uint8_t id{0};
  float intensity{0.0F};

  friend bool operator==(const JoyFeedback&, const JoyFeedback&) = default;
};
BOOST_DESCRIBE_STRUCT(JoyFeedback, (), (TYPE_LED, TYPE_RUMBLE, TYPE_BUZZER, type, id, intensity))

struct JoyFeedbackArray {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/JoyFeedbackArray";

  std::vector<JoyFeedback> array;

  friend bool operator==(const JoyFeedbackArray&, const JoyFeedbackArray&) = default;
};
BOOST_DESCRIBE_STRUCT(JoyFeedbackArray, (), (array))

struct MultiDOFJointState {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/MultiDOFJointState";

  std_msgs::Header header;
  std::vector<std::string> joint_names;
  std::vector<geometry_msgs::Transform> transforms;
  std::vector<geometry_msgs::Twist> twist;
  std::vector<geometry_msgs::Wrench> wrench;

  friend bool operator==(const MultiDOFJointState&, const MultiDOFJointState&) = default;
};
BOOST_DESCRIBE_STRUCT(MultiDOFJointState, (), (header, joint_names, transforms, twist, wrench))

}  // namespace takt::sensor_msgs
