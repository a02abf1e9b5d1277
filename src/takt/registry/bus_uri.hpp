#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace takt::registry {

/// Where a bus reaches beyond its process: scheme://[host[:port]][/path][?name=value&…]. A value.
struct BusUri {
  std::string text;    ///< as it was written
  std::string scheme;  ///< "dds", "zmq+tcp", "zmq+ipc", "udp"
  std::string host;    ///< without brackets; empty when none is named
  std::optional<std::uint16_t> port;
  std::string path;                            ///< with its leading '/'; empty when there is none
  std::map<std::string, std::string> options;  ///< of the query; a name without '=' has an empty value

  /// Names this host only: no host, localhost, ::1 or 127.0.0.0/8.
  [[nodiscard]] bool stays_on_this_host() const;
};

/// @throws ConfigError naming the URI and the part of it that is at fault.
[[nodiscard]] BusUri parse_bus_uri(std::string_view text);

/// That this part of it is no good. @throws ConfigError always
[[noreturn]] void refuse_bus_uri(std::string_view text, const std::string& why);

}  // namespace takt::registry
