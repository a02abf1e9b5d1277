#pragma once

#include <atomic>
#include <functional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include "takt/core/log.hpp"

namespace takt::node {

/// A node's voice: lines to standard error, and to /rosout when the node has it. Any thread.
class Logger {
 public:
  /// What else a line goes to.
  using Sink = std::function<void(core::LogLevel, const std::string& text, const std::source_location&)>;

  /// @param name  as ROS 2 calls it: "ns.node"
  Logger(std::string name, Sink sink) : name_(std::move(name)), sink_(std::move(sink)) {}
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void log(core::LogLevel level, std::string_view text,
           std::source_location where = std::source_location::current()) const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Lines below are dropped. Default kInfo.
  void set_level(core::LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
  [[nodiscard]] core::LogLevel level() const noexcept { return level_.load(std::memory_order_relaxed); }

 private:
  const std::string name_;
  const Sink sink_;
  std::atomic<core::LogLevel> level_{core::LogLevel::kInfo};
};

}  // namespace takt::node
