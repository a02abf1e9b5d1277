#include "takt/registry/internal/key_file.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <sys/stat.h>
#include <toml++/toml.h>

#include "takt/core/error.hpp"

namespace takt::registry::internal {
namespace {

std::string key_of(const toml::node& node, const std::string& path, std::string_view name) {
  const auto key = node.value<std::string>();
  if (!node.is_string() || !zmq::is_curve_key(*key)) {
    throw ConfigError(path, node.source().begin.line, std::string(name), "must be 40 characters of Z85");
  }
  return *key;
}

std::vector<std::string> keys_of(const toml::node& node, const std::string& path, std::string_view name) {
  const toml::array* const array = node.as_array();
  if (array == nullptr || array->empty()) {  // nobody is not everybody
    throw ConfigError(path, node.source().begin.line, std::string(name), "must be an array of keys, of one at least");
  }
  std::vector<std::string> keys;
  for (const toml::node& one : *array) {
    keys.push_back(key_of(one, path, name));
  }
  return keys;
}

void require_private(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    throw ConfigError(path, 0, "",
                      std::string("cannot be read: ") + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw ConfigError(path, 0, "", "others may read it, and with its keys whoever can is let in: chmod 600 " + path);
  }
}

}  // namespace

KeyFile read_key_file(const std::string& path) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    throw ConfigError(path, error.source().begin.line, "", std::string(error.description()));
  }
  KeyFile file;
  for (const auto& [name, node] : table) {
    if (name == "public_key") {
      file.keys.public_key = key_of(node, path, name);
    } else if (name == "secret_key") {
      file.keys.secret_key = key_of(node, path, name);
    } else if (name == "server_key") {
      file.server_key = key_of(node, path, name);
    } else if (name == "clients") {
      file.clients = keys_of(node, path, name);
    } else {
      throw ConfigError(path, node.source().begin.line, std::string(name.str()),
                        "unknown: want public_key, secret_key, server_key and clients");
    }
  }
  if (file.keys.public_key.empty()) {
    throw ConfigError(path, 0, "public_key", "is missing");
  }
  if (!file.keys.secret_key.empty() && zmq::public_key_of(file.keys.secret_key) != file.keys.public_key) {
    throw ConfigError(path, 0, "public_key", "is not that of the secret_key");
  }
  require_private(path);
  return file;
}

}  // namespace takt::registry::internal
