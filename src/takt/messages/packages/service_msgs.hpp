#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"

/// What is published of the calls of a service. Of the package service_msgs of ROS 2.
namespace takt::service_msgs {

struct ServiceEventInfo {
  static constexpr std::string_view kRosName = "service_msgs/msg/ServiceEventInfo";
  static constexpr std::uint8_t REQUEST_SENT = 0;
  static constexpr std::uint8_t REQUEST_RECEIVED = 1;
  static constexpr std::uint8_t RESPONSE_SENT = 2;
  static constexpr std::uint8_t RESPONSE_RECEIVED = 3;

  std::uint8_t event_type{0};
  builtin_interfaces::Time stamp;
  std::array<std::uint8_t, 16> client_gid{};
  std::int64_t sequence_number{0};

  friend bool operator==(const ServiceEventInfo&, const ServiceEventInfo&) = default;
};
BOOST_DESCRIBE_STRUCT(ServiceEventInfo, (),
                      (REQUEST_SENT, REQUEST_RECEIVED, RESPONSE_SENT, RESPONSE_RECEIVED, event_type, stamp, client_gid,
                       sequence_number))

}  // namespace takt::service_msgs
