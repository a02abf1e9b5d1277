#pragma once

#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>

/// Time and durations. Of the package builtin_interfaces of ROS 2.
namespace takt::builtin_interfaces {

struct Duration {
  static constexpr std::string_view kRosName = "builtin_interfaces/msg/Duration";

  std::int32_t sec{0};
  std::uint32_t nanosec{0};

  friend bool operator==(const Duration&, const Duration&) = default;
};
BOOST_DESCRIBE_STRUCT(Duration, (), (sec, nanosec))

struct Time {
  static constexpr std::string_view kRosName = "builtin_interfaces/msg/Time";

  std::int32_t sec{0};
  std::uint32_t nanosec{0};

  friend bool operator==(const Time&, const Time&) = default;
};
BOOST_DESCRIBE_STRUCT(Time, (), (sec, nanosec))

}  // namespace takt::builtin_interfaces
