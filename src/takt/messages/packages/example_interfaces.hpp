#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

/// For trying out. Of the package example_interfaces of ROS 2.
namespace takt::example_interfaces {

struct AddTwoInts {
  static constexpr std::string_view kRosName = "example_interfaces/srv/AddTwoInts";

  struct Request {
    static constexpr std::string_view kRosName = "example_interfaces/srv/AddTwoInts_Request";

    std::int64_t a{0};
    std::int64_t b{0};

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "example_interfaces/srv/AddTwoInts_Response";

    std::int64_t sum{0};

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(AddTwoInts::Request, (), (a, b))
BOOST_DESCRIBE_STRUCT(AddTwoInts::Response, (), (sum))

struct SetBool {
  static constexpr std::string_view kRosName = "example_interfaces/srv/SetBool";

  struct Request {
    static constexpr std::string_view kRosName = "example_interfaces/srv/SetBool_Request";

    bool data{false};

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "example_interfaces/srv/SetBool_Response";

    bool success{false};
    std::string message;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(SetBool::Request, (), (data))
BOOST_DESCRIBE_STRUCT(SetBool::Response, (), (success, message))

struct Trigger {
  static constexpr std::string_view kRosName = "example_interfaces/srv/Trigger";

  struct Request {
    static constexpr std::string_view kRosName = "example_interfaces/srv/Trigger_Request";

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "example_interfaces/srv/Trigger_Response";

    bool success{false};
    std::string message;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(Trigger::Request, (), ())
BOOST_DESCRIBE_STRUCT(Trigger::Response, (), (success, message))

struct Fibonacci {
  static constexpr std::string_view kRosName = "example_interfaces/action/Fibonacci";

  struct Goal {
    static constexpr std::string_view kRosName = "example_interfaces/action/Fibonacci_Goal";

    std::int32_t order{0};

    friend bool operator==(const Goal&, const Goal&) = default;
  };

  struct Result {
    static constexpr std::string_view kRosName = "example_interfaces/action/Fibonacci_Result";

    std::vector<std::int32_t> sequence;

    friend bool operator==(const Result&, const Result&) = default;
  };

  struct Feedback {
    static constexpr std::string_view kRosName = "example_interfaces/action/Fibonacci_Feedback";

    std::vector<std::int32_t> sequence;

    friend bool operator==(const Feedback&, const Feedback&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(Fibonacci::Goal, (), (order))
BOOST_DESCRIBE_STRUCT(Fibonacci::Result, (), (sequence))
BOOST_DESCRIBE_STRUCT(Fibonacci::Feedback, (), (sequence))

}  // namespace takt::example_interfaces
