#pragma once

#include <string>

namespace takt::app {

/// Where a server would open itself to a network: transport:[host[:port]][?key=FILE].
struct BusUri {
  std::string transport;
  std::string host;  ///< without brackets; empty: this host
  std::string key;   ///< file with the key that peers must know; empty: none

  [[nodiscard]] bool stays_on_this_host() const;
};

/// @throws ConfigError for what is no such URI.
[[nodiscard]] BusUri parse_bus_uri(const std::string& uri);

/// @throws ConfigError when it would let anybody on the network in, unless `insecure`; and when this takt has no such
/// transport, which today holds for all of them.
void require_bus(const std::string& uri, bool insecure);

}  // namespace takt::app
