#pragma once

#include <concepts>
#include <optional>
#include <string_view>

#include <boost/describe.hpp>

#include "takt/messages/packages/service_msgs.hpp"
#include "takt/messages/ros_message.hpp"
#include "takt/messages/ros_name.hpp"

namespace takt::messages {

/// A service: a struct with two messages in it, no message itself.
///
///   struct SetBool {
///     static constexpr std::string_view kRosName = "std_srvs/srv/SetBool";
///     struct Request { static constexpr std::string_view kRosName = "std_srvs/srv/SetBool_Request"; … };
///     struct Response { … "std_srvs/srv/SetBool_Response"; … };
///   };
template <class T>
concept RosService =
    !Described<T> && RosMessage<typename T::Request> && RosMessage<typename T::Response> &&
    T::Request::kRosName == kRosNameWith<T, "_Request"> && T::Response::kRosName == kRosNameWith<T, "_Response">;

/// What ROS publishes of a call for those who look on.
template <RosService S>
struct ServiceEvent {
  static constexpr std::string_view kRosName = kRosNameWith<S, "_Event">;

  service_msgs::ServiceEventInfo info;
  std::optional<typename S::Request> request;
  std::optional<typename S::Response> response;

  friend bool operator==(const ServiceEvent&, const ServiceEvent&) = default;
  BOOST_DESCRIBE_CLASS(ServiceEvent, (), (info, request, response), (), ())
};

/// A service as its type description has it. Never sent.
template <RosService S>
struct ServiceMessages {
  static constexpr std::string_view kRosName = S::kRosName;

  typename S::Request request_message;
  typename S::Response response_message;
  ServiceEvent<S> event_message;

  BOOST_DESCRIBE_CLASS(ServiceMessages, (), (request_message, response_message, event_message), (), ())
};

}  // namespace takt::messages
