#pragma once

#include <string>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/messages/type_description.hpp"

#include "bus_session.hpp"
#include "raw_endpoints.hpp"

/// Calls of services that takt knows: those that every node has.
namespace takt::app {

template <messages::RosMessage T>
bus::TypeId type_id() {
  const messages::RosType& type = messages::ros_type<T>();
  return {.name = type.name, .hash = type.hash};
}

template <messages::RosService S>
bus::ServiceEndpoint endpoint_of(const BusSession& session, std::string name) {
  bus::ServiceEndpoint service;
  service.name = std::move(name);
  service.request = type_id<typename S::Request>();
  service.reply = type_id<typename S::Response>();
  service.node = session.node();
  return service;
}

/// As call_raw. @throws DeviceError, too, when the reply is none
template <messages::RosService S>
async::Task<typename S::Response> call_service(const BusSession& session, std::string name,
                                               typename S::Request request) {
  auto service = endpoint_of<S>(session, name);
  const auto bytes = co_await call_raw(session, std::move(service), messages::to_cdr(request));
  auto response = messages::from_cdr<typename S::Response>(bytes);
  if (!response) {
    throw DeviceError(name + " replied what is no " + std::string(S::Response::kRosName) + ": " +
                      response.error().text());
  }
  co_return std::move(*response);
}

}  // namespace takt::app
