#include "takt/node/logger.hpp"

namespace takt::node {

void Logger::log(core::LogLevel level, std::string_view text, std::source_location where) const {
  if (level < this->level() || level == core::LogLevel::kOff) {
    return;
  }
  const std::string line(text);
  core::log(level, name_ + ": " + line);
  if (sink_) {
    sink_(level, line, where);
  }
}

}  // namespace takt::node
