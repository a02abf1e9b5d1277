#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"

/// Log messages, and the services that set what is logged. Of the package rcl_interfaces of ROS 2.
namespace takt::rcl_interfaces {

struct Log {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/Log";
  static constexpr std::uint8_t DEBUG = 10;
  static constexpr std::uint8_t INFO = 20;
  static constexpr std::uint8_t WARN = 30;
  static constexpr std::uint8_t ERROR = 40;
  static constexpr std::uint8_t FATAL = 50;

  builtin_interfaces::Time stamp;
  std::uint8_t level{0};
  std::string name;
  std::string msg;
  std::string file;
  std::string function;
  std::uint32_t line{0};

  friend bool operator==(const Log&, const Log&) = default;
};
BOOST_DESCRIBE_STRUCT(Log, (), (DEBUG, INFO, WARN, ERROR, FATAL, stamp, level, name, msg, file, function, line))

struct LoggerLevel {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/LoggerLevel";
  static constexpr std::uint8_t LOG_LEVEL_UNKNOWN = 0;
  static constexpr std::uint8_t LOG_LEVEL_DEBUG = 10;
  static constexpr std::uint8_t LOG_LEVEL_INFO = 20;
  static constexpr std::uint8_t LOG_LEVEL_WARN = 30;
  static constexpr std::uint8_t LOG_LEVEL_ERROR = 40;
  static constexpr std::uint8_t LOG_LEVEL_FATAL = 50;

  std::string name;
  std::uint32_t level{0};

  friend bool operator==(const LoggerLevel&, const LoggerLevel&) = default;
};
BOOST_DESCRIBE_STRUCT(LoggerLevel, (),
                      (LOG_LEVEL_UNKNOWN, LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR,
                       LOG_LEVEL_FATAL, name, level))

struct SetLoggerLevelsResult {
  static constexpr std::string_view kRosName = "rcl_interfaces/msg/SetLoggerLevelsResult";

  bool successful{false};
  std::string reason;

  friend bool operator==(const SetLoggerLevelsResult&, const SetLoggerLevelsResult&) = default;
};
BOOST_DESCRIBE_STRUCT(SetLoggerLevelsResult, (), (successful, reason))

struct GetLoggerLevels {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetLoggerLevels";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetLoggerLevels_Request";

    std::vector<std::string> names;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetLoggerLevels_Response";

    std::vector<LoggerLevel> levels;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(GetLoggerLevels::Request, (), (names))
BOOST_DESCRIBE_STRUCT(GetLoggerLevels::Response, (), (levels))

struct SetLoggerLevels {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetLoggerLevels";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetLoggerLevels_Request";

    std::vector<LoggerLevel> levels;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetLoggerLevels_Response";

    std::vector<SetLoggerLevelsResult> results;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(SetLoggerLevels::Request, (), (levels))
BOOST_DESCRIBE_STRUCT(SetLoggerLevels::Response, (), (results))

}  // namespace takt::rcl_interfaces
