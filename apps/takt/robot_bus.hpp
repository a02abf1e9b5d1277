#pragma once

#include <memory>
#include <string>
#include <vector>

#include "takt/bus/bus.hpp"

namespace takt::app {

/// A bus over these transports on which a robot may be moved. May resolve hosts' names, so before a loop runs.
/// @param what  may be commanded there, for messages
/// @throws ConfigError as registry::open_transport, and for one that has strangers on it (registry::strangers_on),
/// naming it, them and what to do, unless `insecure`
[[nodiscard]] std::shared_ptr<bus::Bus> open_robot_bus(const std::vector<std::string>& uris, bool insecure,
                                                       const std::string& what);

}  // namespace takt::app
