#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/sensor_msgs.hpp"

namespace demo_msgs {

/// Asks for readings.
struct Measure {
  static constexpr std::string_view kRosName = "demo_msgs/srv/Measure";

  struct Request {
    static constexpr std::string_view kRosName = "demo_msgs/srv/Measure_Request";
    static constexpr std::uint8_t FAST = 0;
    static constexpr std::uint8_t SLOW = 1;

    std::uint8_t mode{1};

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "demo_msgs/srv/Measure_Response";

    std::vector<takt::sensor_msgs::JointState> readings;
    std::string error;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(Measure::Request, (), (FAST, SLOW, mode))
BOOST_DESCRIBE_STRUCT(Measure::Response, (), (readings, error))

}  // namespace demo_msgs
