#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/async/tasks/task.hpp"
#include "takt/bus/bus.hpp"
#include "takt/bus/transport.hpp"

/// From a URI to what carries a bus beyond its process. docs/formats/bus-uri.md has every part and option.
///
///   dds://?domain=3&range=subnet&peers=a,b     the wire of ROS 2; what is not said is as in ROS's environment, else on
///                                              this host only
///   zmq+tcp://robot:5555                       ZeroMQ, connects; zmq+tcp://*:5555 binds, or ?bind with an own address
///   zmq+ipc:///run/user/1000/robot?bind        the same through a local socket; …?key=robot.toml encrypted (CURVE)
///   udp://239.255.0.7:7400?interface=&hops=    UDP to a multicast group or a host; udp://*:7400 listens
namespace takt::registry {

/// Opens the transport; may resolve a host's name, so not on a loop.
/// @throws ConfigError for a URI that is none, an unknown scheme, option or value, or a transport that this build
/// lacks, each named; SystemError when the transport fails.
[[nodiscard]] std::shared_ptr<bus::Transport> open_transport(const std::string& uri);

/// Who may speak on a bus, and so command what listens there, besides this user and whom a key file names. A value.
struct Strangers {
  std::string who;     ///< "every user of this host", …
  std::string remedy;  ///< what would keep them out; empty: nothing does
};

/// Strangers on what this URI opens; nothing where there are none. dds and udp know neither users nor keys. Where it
/// cannot be told, there are some: a dds with a CYCLONEDDS_URI is on a network, a binder with a key that names no
/// clients lets in whoever has learned its public key, a zmq+ipc outside a folder of this user alone every user. Opens
/// nothing. @throws ConfigError as open_transport
[[nodiscard]] std::optional<Strangers> strangers_on(const std::string& uri);

/// A bus over dds on this host, as ROS's environment variables have it; nothing leaves the host unless they say so.
/// Opened on another thread; the loop goes on meanwhile. Cancellation: waits for that, then Cancelled.
/// @throws as open_transport
[[nodiscard]] async::Task<std::shared_ptr<bus::Bus>> open_bus();

/// A bus over each of these; of none: this process alone. Every URI is read before the first is opened.
[[nodiscard]] async::Task<std::shared_ptr<bus::Bus>> open_bus(std::vector<std::string> uris);

/// open_bus("dds://?domain=3"), open_bus("dds://", "zmq+tcp://*:5555")
template <std::convertible_to<std::string>... Uri>
  requires(sizeof...(Uri) > 0)
[[nodiscard]] async::Task<std::shared_ptr<bus::Bus>> open_bus(Uri&&... uri) {
  std::vector<std::string> uris;
  (uris.emplace_back(std::forward<Uri>(uri)), ...);
  return open_bus(std::move(uris));
}

}  // namespace takt::registry

namespace takt {

using registry::open_bus;

}  // namespace takt
