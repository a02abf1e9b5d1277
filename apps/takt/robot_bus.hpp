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

/// The same for who replays on a robot, and on whom: on this host's own loopback, zmq needs no key.
[[nodiscard]] std::shared_ptr<bus::Bus> open_replay_bus(const std::vector<std::string>& uris, bool insecure,
                                                        const std::string& what);

/// The URI of a zmq bus as the side that others connect to has it: it binds there. Others as they are.
/// @throws ConfigError when it is no URI
[[nodiscard]] std::string binding(const std::string& uri);

}  // namespace takt::app
