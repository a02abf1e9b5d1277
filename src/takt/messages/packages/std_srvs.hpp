#pragma once

#include <string>
#include <string_view>

#include <boost/describe.hpp>

/// Services of a bool or nothing. Of the package std_srvs of ROS 2.
namespace takt::std_srvs {

struct Empty {
  static constexpr std::string_view kRosName = "std_srvs/srv/Empty";

  struct Request {
    static constexpr std::string_view kRosName = "std_srvs/srv/Empty_Request";

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "std_srvs/srv/Empty_Response";

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(Empty::Request, (), ())
BOOST_DESCRIBE_STRUCT(Empty::Response, (), ())

struct SetBool {
  static constexpr std::string_view kRosName = "std_srvs/srv/SetBool";

  struct Request {
    static constexpr std::string_view kRosName = "std_srvs/srv/SetBool_Request";

    bool data{false};

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "std_srvs/srv/SetBool_Response";

    bool success{false};
    std::string message;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(SetBool::Request, (), (data))
BOOST_DESCRIBE_STRUCT(SetBool::Response, (), (success, message))

struct Trigger {
  static constexpr std::string_view kRosName = "std_srvs/srv/Trigger";

  struct Request {
    static constexpr std::string_view kRosName = "std_srvs/srv/Trigger_Request";

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "std_srvs/srv/Trigger_Response";

    bool success{false};
    std::string message;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(Trigger::Request, (), ())
BOOST_DESCRIBE_STRUCT(Trigger::Response, (), (success, message))

}  // namespace takt::std_srvs
