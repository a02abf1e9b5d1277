#include "takt/registry/bus_keys.hpp"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#if TAKT_HAS_ZMQ
#include "takt/core/file_descriptor.hpp"
#include "takt/transports/zmq/zmq_transport.hpp"
#endif

namespace takt::registry {

#if TAKT_HAS_ZMQ
namespace {

void require_key(const char* name, const std::string& key) {
  if (!zmq::is_curve_key(key)) {
    throw ConfigError(name, 0, "", "'" + key + "' is no key: want 40 characters of Z85, as this command prints them");
  }
}

/// As TOML's literal string: Z85 has no apostrophe.
std::string quoted(const std::string& key) {
  return "'" + key + "'";
}

std::string text_of(const zmq::CurveKeys& keys, const KeyFileOptions& options) {
  std::string text = "public_key = " + quoted(keys.public_key) + "\nsecret_key = " + quoted(keys.secret_key) + "\n";
  if (!options.server_key.empty()) {
    text += "server_key = " + quoted(options.server_key) + "\n";
  }
  std::string clients;
  for (const std::string& client : options.clients) {
    clients += "  " + quoted(client) + ",\n";
  }
  return clients.empty() ? text : text + "clients = [\n" + clients + "]\n";
}

void write_new(const std::string& path, std::string_view text) {
  const core::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) {
    if (errno == EEXIST) {
      throw ConfigError(path, 0, "", "is there already: keys that others know are not overwritten");
    }
    throw SystemError("cannot write " + path, errno);
  }
  const ssize_t written = write(file.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    const int why = written < 0 ? errno : ENOSPC;
    unlink(path.c_str());
    throw SystemError("cannot write " + path, why);
  }
}

}  // namespace

std::string make_key_file(const std::string& path, const KeyFileOptions& options) {
  if (!options.server_key.empty()) {
    require_key("the key of who binds", options.server_key);
  }
  for (const std::string& client : options.clients) {
    require_key("the key of a client", client);
  }
  const zmq::CurveKeys keys = zmq::make_curve_keys();
  write_new(path, text_of(keys, options));
  return keys.public_key;
}
#else
std::string make_key_file(const std::string& path, const KeyFileOptions& /*options*/) {
  throw ConfigError(path, 0, "", "this takt was built without ZeroMQ, whose keys these are");
}
#endif

}  // namespace takt::registry
