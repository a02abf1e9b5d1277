#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <typeinfo>

#include "takt/bus/transport.hpp"
#include "takt/messages/cdr_form.hpp"
#include "takt/messages/type_description.hpp"

/// Internal to node: how a C++ type is called on a transport.
namespace takt::node::internal {

template <class T>
concept RosNamed = requires {
  { T::kRosName } -> std::convertible_to<std::string_view>;
};

/// "takt::bus::Qos", for people and for types that have no ROS name.
[[nodiscard]] std::string cpp_name(const std::type_info& type);

/// Remembers a type for get_type_description. Thread safe. @param type  lives as long as the program
void remember(const messages::RosType& type);
/// The type of that name that an endpoint of this process has had; null when there was none. Thread safe.
[[nodiscard]] const messages::RosType* find_type(std::string_view name);

/// What two ends of a topic must agree on.
template <class T>
[[nodiscard]] bus::TypeId type_id() {
  if constexpr (messages::RosMessage<T>) {
    const messages::RosType& type = messages::ros_type<T>();
    remember(type);
    return {.name = type.name, .hash = type.hash};
  } else if constexpr (RosNamed<T>) {
    return {.name = std::string(std::string_view(T::kRosName)), .hash = {}};
  } else {
    return {.name = cpp_name(typeid(T)), .hash = {}};
  }
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
  if constexpr (messages::RosService<S>) {
    remember(messages::ros_type<S>());
  }
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
