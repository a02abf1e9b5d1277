#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"
#include "takt/messages/packages/geometry_msgs/stamped.hpp"

/// Frames and the transforms between them. Of the package tf2_msgs of ROS 2.
namespace takt::tf2_msgs {

struct TF2Error {
  static constexpr std::string_view kRosName = "tf2_msgs/msg/TF2Error";
  static constexpr std::uint8_t NO_ERROR = 0;
  static constexpr std::uint8_t LOOKUP_ERROR = 1;
  static constexpr std::uint8_t CONNECTIVITY_ERROR = 2;
  static constexpr std::uint8_t EXTRAPOLATION_ERROR = 3;
  static constexpr std::uint8_t INVALID_ARGUMENT_ERROR = 4;
  static constexpr std::uint8_t TIMEOUT_ERROR = 5;
  static constexpr std::uint8_t TRANSFORM_ERROR = 6;

  std::uint8_t error{0};
  std::string error_string;

  friend bool operator==(const TF2Error&, const TF2Error&) = default;
};
BOOST_DESCRIBE_STRUCT(TF2Error, (),
                      (NO_ERROR, LOOKUP_ERROR, CONNECTIVITY_ERROR, EXTRAPOLATION_ERROR, INVALID_ARGUMENT_ERROR,
                       TIMEOUT_ERROR, TRANSFORM_ERROR, error, error_string))

struct TFMessage {
  static constexpr std::string_view kRosName = "tf2_msgs/msg/TFMessage";

  std::vector<geometry_msgs::TransformStamped> transforms;

  friend bool operator==(const TFMessage&, const TFMessage&) = default;
};
BOOST_DESCRIBE_STRUCT(TFMessage, (), (transforms))

struct FrameGraph {
  static constexpr std::string_view kRosName = "tf2_msgs/srv/FrameGraph";

  struct Request {
    static constexpr std::string_view kRosName = "tf2_msgs/srv/FrameGraph_Request";

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "tf2_msgs/srv/FrameGraph_Response";

    std::string frame_yaml;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(FrameGraph::Request, (), ())
BOOST_DESCRIBE_STRUCT(FrameGraph::Response, (), (frame_yaml))

struct LookupTransform {
  static constexpr std::string_view kRosName = "tf2_msgs/action/LookupTransform";

  struct Goal {
    static constexpr std::string_view kRosName = "tf2_msgs/action/LookupTransform_Goal";

    std::string target_frame;
    std::string source_frame;
    builtin_interfaces::Time source_time;
    builtin_interfaces::Duration timeout;
    builtin_interfaces::Time target_time;
    std::string fixed_frame;
    bool advanced{false};

    friend bool operator==(const Goal&, const Goal&) = default;
  };

  struct Result {
    static constexpr std::string_view kRosName = "tf2_msgs/action/LookupTransform_Result";

    geometry_msgs::TransformStamped transform;
    TF2Error error;

    friend bool operator==(const Result&, const Result&) = default;
  };

  struct Feedback {
    static constexpr std::string_view kRosName = "tf2_msgs/action/LookupTransform_Feedback";

    friend bool operator==(const Feedback&, const Feedback&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(LookupTransform::Goal, (),
                      (target_frame, source_frame, source_time, timeout, target_time, fixed_frame, advanced))
BOOST_DESCRIBE_STRUCT(LookupTransform::Result, (), (transform, error))
BOOST_DESCRIBE_STRUCT(LookupTransform::Feedback, (), ())

}  // namespace takt::tf2_msgs
