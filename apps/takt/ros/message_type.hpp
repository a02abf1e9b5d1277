#pragma once

#include <functional>
#include <string>
#include <vector>

#include "takt/async/tasks/task.hpp"
#include "takt/bus/transport.hpp"
#include "takt/messages/interfaces/dynamic_type.hpp"

#include "bus_session.hpp"

namespace takt::app {

/// A type by its name: one that takt ships, else as it is described by a node that has it.
struct TypeQuery {
  std::string name;  ///< "std_msgs/msg/String", "std_msgs/String"; of a service "std_srvs/srv/SetBool"
  std::string part;  ///< of a service: "_Request" or "_Response"
  std::function<std::vector<bus::EndpointInfo>(const node::Graph&)> endpoints;  ///< whose nodes may be asked
};

/// Whether takt has this type itself.
[[nodiscard]] bool is_shipped(const std::string& name);

/// Gives such a node two seconds to show. Cancellation: Cancelled.
/// @throws ConfigError naming the type when nobody can describe it
[[nodiscard]] async::Task<messages::DynamicType> find_type(BusSession& session, TypeQuery query);

/// Publishers and subscriptions.
[[nodiscard]] std::vector<bus::EndpointInfo> endpoints_of(const node::Graph& graph, const std::string& topic);

[[nodiscard]] bus::TypeId id_of(const messages::DynamicType& type);

/// What these endpoints carry. @throws ConfigError when they disagree, naming all
[[nodiscard]] std::string common_type(const std::string& name, const std::vector<bus::EndpointInfo>& endpoints);

/// The bytes of `values`, JSON. @throws ConfigError that names the member at fault
[[nodiscard]] std::vector<std::byte> bytes_of(const messages::DynamicType& type, const std::string& values);

}  // namespace takt::app
