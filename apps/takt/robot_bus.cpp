#include "robot_bus.hpp"

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/registry/buses.hpp"

namespace takt::app {

std::shared_ptr<bus::Bus> open_robot_bus(const std::vector<std::string>& uris, bool insecure, const std::string& what) {
  for (const std::string& uri : uris) {  // all of them before the first is opened
    if (registry::is_open_to_network(uri) && !insecure) {
      throw ConfigError(
          fmt::format("'{}' lets everybody who reaches this network command the {}; "
                      "give a key (?key=FILE), or say --insecure",
                      uri, what));
    }
  }
  auto made = std::make_shared<bus::Bus>();
  for (const std::string& uri : uris) {
    made->add(registry::open_transport(uri));
  }
  return made;
}

}  // namespace takt::app
