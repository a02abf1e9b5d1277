#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "takt/teleop/config.hpp"

namespace CLI {
class App;
}

namespace takt::app {

/// What the commands that run a teleoperation take on their command lines: a configuration file, and what overrides it.
struct TeleopOptions {
  std::optional<std::string> config;
  std::optional<std::string> leader;
  std::optional<std::string> follower;
  std::optional<std::string> columns;
  std::optional<double> duration_s;
  std::optional<double> speed;
  std::optional<std::string> delivery;
  std::optional<std::string> report;
  std::optional<std::string> trace;
  std::vector<std::string> bus;
  bool insecure{false};
  bool quiet{false};
};

/// `options` is filled when the line is parsed, and must be there until then.
void add_teleop_options(CLI::App& app, TeleopOptions& options);

/// The configuration in force. @throws ConfigError naming the option, or file, line and field.
[[nodiscard]] teleop::TeleopConfig config_of(const TeleopOptions& options);

/// A file that a run is to write.
struct OutputFile {
  const char* option;
  std::filesystem::path path;
};

/// Before anything moves: a report that cannot be written after the run is a run lost. Of the configuration's own
/// outputs and `more`: that each can be written, is no recording that leads, and is not another's file.
/// @throws ConfigError naming the option.
void require_outputs(const teleop::TeleopConfig& config, std::vector<OutputFile> more = {});

}  // namespace takt::app
