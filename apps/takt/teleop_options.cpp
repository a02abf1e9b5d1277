#include "teleop_options.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"

namespace takt::app {
namespace {

using teleop::Delivery;
using teleop::PairConfig;
using teleop::TeleopConfig;

Delivery delivery_of(std::string name) {
  for (char& c : name) {
    c = c == '-' ? '_' : c;
  }
  const auto found = messages::enum_from_name<Delivery>(name);
  if (!found) {
    throw ConfigError("--delivery", 0, "", "'" + name + "' is none of inline, fifo, mailbox, drain-newest");
  }
  return *found;
}

void require_positive(const char* option, const std::optional<double>& value) {
  if (value && !(*value > 0.0 && *value < 1e9)) {
    throw ConfigError(option, 0, "", fmt::format("must be a positive number, is {}", *value));
  }
}

/// The options override the file, in every pair.
void override_pair(const TeleopOptions& options, PairConfig& pair) {
  if (options.leader) {
    pair.leader = *options.leader;
    pair.places["leader"] = {.file = "--leader", .line = 0, .field = ""};
  }
  if (options.follower) {
    pair.follower = *options.follower;
    pair.places["follower"] = {.file = "--follower", .line = 0, .field = ""};
  }
  if ((options.columns || options.speed) && !pair.leader.starts_with("playback:")) {
    throw ConfigError(options.columns ? "--columns" : "--speed", 0, "",
                      "is for a playback leader; this one is " + pair.leader);
  }
  pair.columns = options.columns.value_or(pair.columns);
  pair.speed = options.speed.value_or(pair.speed);
  if (options.delivery) {
    pair.delivery = delivery_of(*options.delivery);
  }
}

void require_writable(const char* option, const std::filesystem::path& path) {
  std::error_code ignored;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const bool there = std::filesystem::exists(path, ignored);
  if (path.empty() || std::filesystem::is_directory(path, ignored) ||
      access((there ? path : folder).c_str(), W_OK) != 0) {
    throw ConfigError(option, 0, "", "'" + path.string() + "' cannot be written");
  }
}

/// The recording that leads must not be written over.
void require_no_leader(const TeleopConfig& config, const OutputFile& output) {
  std::error_code ignored;
  for (const PairConfig& pair : config.pairs) {
    const auto colon = pair.leader.find(':');
    if (colon != std::string::npos &&
        std::filesystem::equivalent(output.path, pair.leader.substr(colon + 1), ignored)) {
      throw ConfigError(output.option, 0, "", "'" + output.path.string() + "' is the recording that leads");
    }
  }
}

}  // namespace

void add_teleop_options(CLI::App& app, TeleopOptions& options) {
  app.add_option("config", options.config, "TOML file; the options below override it")->type_name("CONFIG.toml");
  app.add_option("--leader", options.leader, "synthetic[:MODEL] or playback:FILE.csv");
  app.add_option("--follower", options.follower, "sim:fr3 or sim:so101");
  app.add_option("--columns", options.columns, "column group of a recording: target, command, ...");
  app.add_option("--duration", options.duration_s, "seconds; default: until the leader finishes or Ctrl-C");
  app.add_option("--speed", options.speed, "of a recording: 0.5 is half as fast");
  app.add_option("--delivery", options.delivery, "inline (default), fifo, mailbox or drain-newest");
  app.add_option("--report", options.report, "write a report, takt.teleop.report/1")->type_name("FILE.json");
  app.add_option("--trace", options.trace, "write every command's hops for chrome://tracing or Perfetto")
      ->type_name("FILE.json");
  app.add_option("--bus", options.bus,
                 "show the robots to ROS 2, and let it move followers that nobody leads: dds://?domain=3, "
                 "zmq+tcp://host:5555, ...; several: say it again")
      ->type_name("URI")
      ->allow_extra_args(false)
      ->take_all();
  app.add_flag("--insecure", options.insecure,
               "whoever reaches the bus may move the followers, other users of this host too");
  app.add_flag("--quiet", options.quiet, "no live line, no table");
}

TeleopConfig config_of(const TeleopOptions& options) {
  require_positive("--duration", options.duration_s);
  require_positive("--speed", options.speed);
  TeleopConfig config;
  if (!options.config) {
    config.pairs.emplace_back();
  } else {
    config = teleop::load_teleop_config(*options.config);
  }
  for (PairConfig& pair : config.pairs) {
    override_pair(options, pair);
  }
  if (options.duration_s) {
    config.duration_s = options.duration_s;
  }
  if (options.report) {
    config.report = *options.report;
  }
  if (options.trace) {
    config.trace = *options.trace;
  }
  if (!options.bus.empty()) {
    config.bus = options.bus;
    config.bus_place = {.file = "--bus", .line = 0, .field = ""};
  }
  config.insecure = config.insecure || options.insecure;
  config.quiet = config.quiet || options.quiet;
  return config;
}

void require_outputs(const TeleopConfig& config, std::vector<OutputFile> more) {
  std::vector<OutputFile> outputs;
  if (config.report) {
    outputs.push_back({.option = "--report", .path = *config.report});
  }
  if (config.trace) {
    outputs.push_back({.option = "--trace", .path = *config.trace});
  }
  std::ranges::move(more, std::back_inserter(outputs));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    require_writable(outputs[i].option, outputs[i].path);
    require_no_leader(config, outputs[i]);
    for (std::size_t j = 0; j < i; ++j) {
      if (outputs[i].path.lexically_normal() == outputs[j].path.lexically_normal()) {
        throw ConfigError(outputs[i].option, 0, "",
                          fmt::format("'{}' is {}'s file too", outputs[i].path.string(), outputs[j].option));
      }
    }
  }
}

}  // namespace takt::app
