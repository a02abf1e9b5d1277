#include "robot_bus.hpp"

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/registry/bus_uri.hpp"
#include "takt/registry/buses.hpp"

namespace takt::app {
namespace {

bool is_loopback_zmq(const std::string& text) {
  const registry::BusUri uri = registry::parse_bus_uri(text);
  return uri.scheme == "zmq+tcp" && !uri.host.empty() && uri.stays_on_this_host();
}

void keep_strangers_out(const std::string& uri, const std::string& what) {
  if (const auto strangers = registry::strangers_on(uri)) {
    throw ConfigError(fmt::format("'{}' lets {} move the {}: {}say --insecure when they may", uri, strangers->who, what,
                                  strangers->remedy.empty() ? "" : strangers->remedy + ", or "));
  }
}

std::shared_ptr<bus::Bus> open_all(const std::vector<std::string>& uris) {
  auto made = std::make_shared<bus::Bus>();
  for (const std::string& uri : uris) {
    made->add(registry::open_transport(uri));
  }
  return made;
}

}  // namespace

std::shared_ptr<bus::Bus> open_robot_bus(const std::vector<std::string>& uris, bool insecure, const std::string& what) {
  for (const std::string& uri : uris) {  // all of them before the first is opened
    if (!insecure) {
      keep_strangers_out(uri, what);
    }
  }
  return open_all(uris);
}

std::shared_ptr<bus::Bus> open_replay_bus(const std::vector<std::string>& uris, bool insecure,
                                          const std::string& what) {
  for (const std::string& uri : uris) {
    if (!insecure && !is_loopback_zmq(uri)) {
      keep_strangers_out(uri, what);
    }
  }
  return open_all(uris);
}

std::string binding(const std::string& text) {
  const registry::BusUri uri = registry::parse_bus_uri(text);
  const bool binds = !uri.scheme.starts_with("zmq+") || uri.host == "*" || uri.options.contains("bind");
  return binds ? text : text + (text.find('?') == std::string::npos ? "?bind" : "&bind");
}

}  // namespace takt::app
