#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <typeinfo>

#include "takt/bus/transport.hpp"
#include "takt/messages/cdr_form.hpp"

/// Internal to node: how a C++ type is called on a transport.
namespace takt::node::internal {

template <class T>
concept RosNamed = requires {
  { T::kRosName } -> std::convertible_to<std::string_view>;
};

/// "takt::bus::Qos", for people and for types that have no ROS name.
[[nodiscard]] std::string cpp_name(const std::type_info& type);

/// What two ends of a topic must agree on.
template <class T>
[[nodiscard]] bus::TypeId type_id() {
  bus::TypeId id;
  if constexpr (RosNamed<T>) {
    id.name = std::string_view(T::kRosName);
  } else {
    id.name = cpp_name(typeid(T));
  }
  return id;
}

/// What a node can send and receive: in this process, and over transports when it is CdrEncodable as well.
template <class T>
concept Message = std::copyable<T>;

/// A service: a type that only names two others. `struct SetBool { struct Request {…}; struct Response {…}; static
/// constexpr std::string_view kRosName = "std_srvs/srv/SetBool"; };`
template <class S>
concept ServiceType =
    Message<typename S::Request> && Message<typename S::Response> && std::default_initializable<typename S::Response>;

/// Both halves have a wire form.
template <class S>
concept EncodableService = messages::CdrEncodable<typename S::Request> && messages::CdrEncodable<typename S::Response>;

template <class S>
[[nodiscard]] std::string service_name() {
  if constexpr (RosNamed<S>) {
    return std::string(std::string_view(S::kRosName));
  } else {
    return cpp_name(typeid(S));
  }
}

template <class S>
[[nodiscard]] bus::TypeId request_id() {
  bus::TypeId id = type_id<typename S::Request>();
  if constexpr (!RosNamed<typename S::Request>) {
    id.name = service_name<S>() + "_Request";
  }
  return id;
}

template <class S>
[[nodiscard]] bus::TypeId response_id() {
  bus::TypeId id = type_id<typename S::Response>();
  if constexpr (!RosNamed<typename S::Response>) {
    id.name = service_name<S>() + "_Response";
  }
  return id;
}

}  // namespace takt::node::internal
