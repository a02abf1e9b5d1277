#pragma once

#include <string>
#include <vector>

#include "takt/transports/zmq/zmq_transport.hpp"

/// Internal to registry.
namespace takt::registry::internal {

/// A file in TOML of who binds or connects (docs/formats/bus-uri.md).
struct KeyFile {
  zmq::CurveKeys keys;               ///< the secret one may be missing
  std::string server_key;            ///< of who connects: the binder's; empty: it is public_key
  std::vector<std::string> clients;  ///< of who binds: who may connect; none: whoever knows its public key
};

/// The file must be its owner's alone: the public key, too, may let in who has it.
/// @throws ConfigError naming the file, and the key in it that is at fault.
[[nodiscard]] KeyFile read_key_file(const std::string& path);

}  // namespace takt::registry::internal
