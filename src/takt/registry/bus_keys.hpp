#pragma once

#include <string>
#include <vector>

namespace takt::registry {

/// Who a key file is for, beyond its own pair of keys. A value.
struct KeyFileOptions {
  std::string server_key;            ///< of who connects: the public key of who binds
  std::vector<std::string> clients;  ///< of who binds: the public keys of who may connect; none: whoever has its own
};

/// Makes a pair of CURVE keys and writes it to a new file that only its owner may read, for `zmq+…://…?key=FILE`
/// (docs/formats/bus-uri.md).
/// @return the public key, for the other side's file
/// @throws ConfigError when the file is there, or a key is none, or this build has no ZeroMQ; SystemError when it
/// cannot be written
std::string make_key_file(const std::string& path, const KeyFileOptions& options = {});

}  // namespace takt::registry
