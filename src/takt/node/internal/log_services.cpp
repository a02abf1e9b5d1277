#include "takt/node/internal/log_services.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "takt/messages/type_description.hpp"
#include "takt/node/internal/make_entity.hpp"
#include "takt/node/internal/parameter_messages.hpp"
#include "takt/node/internal/service_core.hpp"
#include "takt/node/internal/type_id.hpp"

namespace takt::node::internal {
namespace {

using rcl_interfaces::GetLoggerLevels;
using rcl_interfaces::Log;
using rcl_interfaces::LoggerLevel;
using rcl_interfaces::SetLoggerLevels;
using type_description_interfaces::GetTypeDescription;

std::uint8_t number_of(core::LogLevel level) noexcept {
  switch (level) {
    case core::LogLevel::kDebug:
      return Log::DEBUG;
    case core::LogLevel::kInfo:
      return Log::INFO;
    case core::LogLevel::kWarning:
      return Log::WARN;
    case core::LogLevel::kError:
      return Log::ERROR;
    case core::LogLevel::kOff:
      break;
  }
  return Log::FATAL;
}

/// Lines of less than that are dropped; nothing for a number that ROS 2 does not have.
std::optional<core::LogLevel> level_of(std::uint32_t number) noexcept {
  switch (number) {
    case LoggerLevel::LOG_LEVEL_DEBUG:
      return core::LogLevel::kDebug;
    case LoggerLevel::LOG_LEVEL_UNKNOWN:  // not set: the default
    case LoggerLevel::LOG_LEVEL_INFO:
      return core::LogLevel::kInfo;
    case LoggerLevel::LOG_LEVEL_WARN:
      return core::LogLevel::kWarning;
    case LoggerLevel::LOG_LEVEL_ERROR:
      return core::LogLevel::kError;
    case LoggerLevel::LOG_LEVEL_FATAL:
      return core::LogLevel::kOff;
    default:
      return std::nullopt;
  }
}

rcl_interfaces::SetLoggerLevelsResult set_level(Logger& logger, const LoggerLevel& wanted) {
  const auto level = level_of(wanted.level);
  if (wanted.name != logger.name()) {
    return {.successful = false, .reason = "there is no logger '" + wanted.name + "' here, only " + logger.name()};
  }
  if (!level) {
    return {.successful = false, .reason = "there is no level " + std::to_string(wanted.level)};
  }
  logger.set_level(*level);
  return {.successful = true, .reason = {}};
}

template <class S, class F>
void serve_below(const std::shared_ptr<NodeCore>& node, const char* name, F handler) {
  using Core = ServiceCore<S>;
  make_entity<Core>(node, node->name() + "/" + name, typename Core::Function(std::move(handler)), ServiceOptions{});
}

/// The type, then all it is made of, as .msg files.
std::vector<type_description_interfaces::TypeSource> sources_of(const messages::RosType& type) {
  std::vector<type_description_interfaces::TypeSource> sources;
  const auto add = [&](const type_description_interfaces::IndividualTypeDescription& one) {
    type_description_interfaces::TypeSource source;
    source.type_name = one.type_name.view();
    source.encoding = "msg";
    source.raw_file_contents = messages::msg_text(one);
    sources.push_back(std::move(source));
  };
  add(type.description.type_description);
  std::ranges::for_each(type.description.referenced_type_descriptions, add);
  return sources;
}

GetTypeDescription::Response describe_type(const GetTypeDescription::Request& request) {
  GetTypeDescription::Response response;
  const messages::RosType* type = find_type(request.type_name);
  if (type == nullptr) {
    response.failure_reason = "no endpoint of this process has the type " + request.type_name;
    return response;
  }
  const std::string hash = messages::rihs01_text(type->hash);
  if (!request.type_hash.empty() && request.type_hash != hash) {
    response.failure_reason = request.type_name + " is " + hash + " here, not " + request.type_hash;
    return response;
  }
  response.successful = true;
  response.type_description = type->description;
  if (request.include_type_sources) {
    response.type_sources = sources_of(*type);
  }
  return response;
}

}  // namespace

std::string logger_name(const std::string& node) {
  std::string name = node.substr(1);
  std::ranges::replace(name, '/', '.');
  return name;
}

Rosout::Rosout(const std::shared_ptr<NodeCore>& node) : node_(node) {
  PublisherOptions options;
  options.qos = bus::Qos::latched();
  options.qos.depth = 1000;
  options.qos.lifespan_ns = 10 * core::kNanosecondsPerSecond;
  options.weaken = true;
  publisher_ = make_entity<PublisherCore<Log>>(node_, "/rosout", options);
}

// What throws is dropped: the publisher may be destroyed at this moment, on another thread, and a line of a log, which
// stands in the process's own anyway, must not end who writes it.
void Rosout::publish(const std::string& logger, core::LogLevel level, const std::string& text,
                     const std::source_location& where) noexcept {
  try {
    if (!publisher_->destroyed()) {
      [[maybe_unused]] const auto sent = publisher_->publish({.stamp = to_message(node_->clock().now_ns()),
                                                              .level = number_of(level),
                                                              .name = logger,
                                                              .msg = text,
                                                              .file = where.file_name(),
                                                              .function = where.function_name(),
                                                              .line = where.line()});
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch)
  }
}

void serve_logger_levels(const std::shared_ptr<NodeCore>& node, Logger& logger) {
  serve_below<GetLoggerLevels>(node, "get_logger_levels", [&logger](const GetLoggerLevels::Request& request) {
    GetLoggerLevels::Response response;
    for (const std::string& name : request.names) {
      const bool own = name == logger.name();
      response.levels.push_back(
          {.name = name,
           .level = own ? std::uint32_t{number_of(logger.level())} : std::uint32_t{LoggerLevel::LOG_LEVEL_UNKNOWN}});
    }
    return response;
  });
  serve_below<SetLoggerLevels>(node, "set_logger_levels", [&logger](const SetLoggerLevels::Request& request) {
    SetLoggerLevels::Response response;
    for (const LoggerLevel& wanted : request.levels) {
      response.results.push_back(set_level(logger, wanted));
    }
    return response;
  });
}

void serve_type_descriptions(const std::shared_ptr<NodeCore>& node) {
  serve_below<GetTypeDescription>(node, "get_type_description", describe_type);
}

}  // namespace takt::node::internal
