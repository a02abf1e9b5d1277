#pragma once

#include <string>

#include "takt/transports/zmq/zmq_transport.hpp"

/// Internal to registry.
namespace takt::registry::internal {

/// The CURVE keys of a file in TOML: `public_key`, and on the binder's side `secret_key`, each 40 characters of Z85
/// (docs/formats/bus-uri.md). The file must be its owner's alone:
/// the public key, too, lets in who has it.
/// @throws ConfigError naming the file, and the key in it that is at fault.
[[nodiscard]] zmq::CurveKeys read_key_file(const std::string& path);

}  // namespace takt::registry::internal
