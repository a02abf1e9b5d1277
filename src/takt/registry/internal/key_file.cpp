#include "takt/registry/internal/key_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <sys/stat.h>
#include <toml++/toml.h>

#include "takt/core/error.hpp"

namespace takt::registry::internal {
namespace {

constexpr std::size_t kKeySize = 40;

bool is_z85(char c) {
  constexpr std::string_view kOthers = ".-:+=^!/*?&<>()[]{}@%$#";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kOthers.contains(c);
}

std::string key_of(const toml::table& table, const std::string& path, std::string_view name) {
  const toml::node* const node = table.get(name);
  if (node == nullptr) {
    return {};
  }
  const auto key = node->value<std::string>();
  if (!node->is_string() || key->size() != kKeySize || !std::ranges::all_of(*key, is_z85)) {
    throw ConfigError(path, node->source().begin.line, std::string(name), "must be 40 characters of Z85");
  }
  return *key;
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

zmq::CurveKeys read_key_file(const std::string& path) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    throw ConfigError(path, error.source().begin.line, "", std::string(error.description()));
  }
  for (const auto& [name, node] : table) {
    if (name != "public_key" && name != "secret_key") {
      throw ConfigError(path, node.source().begin.line, std::string(name.str()),
                        "unknown: want public_key and secret_key");
    }
  }
  zmq::CurveKeys keys{.public_key = key_of(table, path, "public_key"), .secret_key = key_of(table, path, "secret_key")};
  if (keys.public_key.empty()) {
    throw ConfigError(path, 0, "public_key", "is missing");
  }
  require_private(path);
  return keys;
}

}  // namespace takt::registry::internal
