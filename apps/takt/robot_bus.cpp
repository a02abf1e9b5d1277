#include "robot_bus.hpp"

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/registry/buses.hpp"

namespace takt::app {

std::shared_ptr<bus::Bus> open_robot_bus(const std::vector<std::string>& uris, bool insecure, const std::string& what) {
  for (const std::string& uri : uris) {  // all of them before the first is opened
    const auto strangers = registry::strangers_on(uri);
    if (strangers && !insecure) {
      throw ConfigError(fmt::format("'{}' lets {} move the {}: {}say --insecure when they may", uri, strangers->who,
                                    what, strangers->remedy.empty() ? "" : strangers->remedy + ", or "));
    }
  }
  auto made = std::make_shared<bus::Bus>();
  for (const std::string& uri : uris) {
    made->add(registry::open_transport(uri));
  }
  return made;
}

}  // namespace takt::app
