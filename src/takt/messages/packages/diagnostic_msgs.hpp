#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/std_msgs/header.hpp"

/// How devices are. Of the package diagnostic_msgs of ROS 2.
namespace takt::diagnostic_msgs {

struct KeyValue {
  static constexpr std::string_view kRosName = "diagnostic_msgs/msg/KeyValue";

  std::string key;
  std::string value;

  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};
BOOST_DESCRIBE_STRUCT(KeyValue, (), (key, value))

struct DiagnosticStatus {
  static constexpr std::string_view kRosName = "diagnostic_msgs/msg/DiagnosticStatus";
  static constexpr std::byte OK = std::byte{0};
  static constexpr std::byte WARN = std::byte{1};
  static constexpr std::byte ERROR = std::byte{2};
  static constexpr std::byte STALE = std::byte{3};

  std::byte level{};
  std::string name;
  std::string message;
  std::string hardware_id;
  std::vector<KeyValue> values;

  friend bool operator==(const DiagnosticStatus&, const DiagnosticStatus&) = default;
};
BOOST_DESCRIBE_STRUCT(DiagnosticStatus, (), (OK, WARN, ERROR, STALE, level, name, message, hardware_id, values))

struct DiagnosticArray {
  static constexpr std::string_view kRosName = "diagnostic_msgs/msg/DiagnosticArray";

  std_msgs::Header header;
  std::vector<DiagnosticStatus> status;

  friend bool operator==(const DiagnosticArray&, const DiagnosticArray&) = default;
};
BOOST_DESCRIBE_STRUCT(DiagnosticArray, (), (header, status))

struct AddDiagnostics {
  static constexpr std::string_view kRosName = "diagnostic_msgs/srv/AddDiagnostics";

  struct Request {
    static constexpr std::string_view kRosName = "diagnostic_msgs/srv/AddDiagnostics_Request";

    std::string load_namespace;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "diagnostic_msgs/srv/AddDiagnostics_Response";

    bool success{false};
    std::string message;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(AddDiagnostics::Request, (), (load_namespace))
BOOST_DESCRIBE_STRUCT(AddDiagnostics::Response, (), (success, message))

struct SelfTest {
  static constexpr std::string_view kRosName = "diagnostic_msgs/srv/SelfTest";

  struct Request {
    static constexpr std::string_view kRosName = "diagnostic_msgs/srv/SelfTest_Request";

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "diagnostic_msgs/srv/SelfTest_Response";

    std::string id;
    std::byte passed{};
    std::vector<DiagnosticStatus> status;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(SelfTest::Request, (), ())
BOOST_DESCRIBE_STRUCT(SelfTest::Response, (), (id, passed, status))

}  // namespace takt::diagnostic_msgs
