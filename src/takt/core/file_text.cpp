#include "takt/core/file_text.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "takt/core/error.hpp"

namespace takt::core {

std::string read_file_text(const std::filesystem::path& path, std::size_t at_most_bytes) {
  const std::string name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw ConfigError(name, 0, "", "is a directory, not a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw ConfigError(name, 0, "", std::string("cannot be read: ") + std::strerror(errno));
  }
  std::string text;
  for (std::string block(std::size_t{1} << 16, '\0'); file;) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<std::size_t>(file.gcount()));
    if (text.size() > at_most_bytes) {
      throw ConfigError(name, 0, "", "is larger than " + std::to_string(at_most_bytes >> 20U) + " MiB");
    }
  }
  if (file.bad()) {
    throw ConfigError(name, 0, "", std::string("cannot be read: ") + std::strerror(errno));
  }
  return text;
}

}  // namespace takt::core
