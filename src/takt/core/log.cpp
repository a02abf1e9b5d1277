#include "takt/core/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace takt::core {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

/// Never destroyed: a detached thread may log while the process ends.
spdlog::logger& logger() {
  static spdlog::logger& instance = [] -> spdlog::logger& {
    auto* made = new spdlog::logger("takt", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%H:%M:%S.%e %^%l%$ %v");
    return *made;
  }();
  return instance;
}

}  // namespace

void log(LogLevel level, std::string_view text) {
  logger().log(to_spdlog(level), "{}", text);
}

void set_log_level(LogLevel level) {
  logger().set_level(to_spdlog(level));
}

}  // namespace takt::core
