#include "takt/core/error.hpp"

#include <cstring>

namespace takt {
namespace {

std::string locate(const std::string& file, std::size_t line, const std::string& field, const std::string& what) {
  std::string text = file;
  if (line > 0) {
    text += ":" + std::to_string(line);
  }
  if (!field.empty()) {
    text += ": " + field;
  }
  return text + ": " + what;
}

}  // namespace

ConfigError::ConfigError(const std::string& file, std::size_t line, const std::string& field, const std::string& what)
    : Error(locate(file, line, field, what)) {}

SystemError::SystemError(const std::string& what, int error_number)
    : Error(what + ": " + std::strerror(error_number)) {}

}  // namespace takt
