#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/bridge/teleop_on_bus.hpp"
#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/registry/robots.hpp"
#include "takt/teleop/config.hpp"
#include "takt/teleop/session.hpp"

#include "commands.hpp"
#include "interrupt.hpp"
#include "robot_bus.hpp"

namespace takt::app {
namespace {

using teleop::Delivery;
using teleop::PairConfig;
using teleop::Session;
using teleop::SessionProgress;
using teleop::TeleopConfig;
using teleop::TeleopReport;

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

void show_progress(const SessionProgress& progress) {
  const char* lead = isatty(STDOUT_FILENO) != 0 ? "\r\x1b[K" : "";
  const char* end = isatty(STDOUT_FILENO) != 0 ? "" : "\n";
  fmt::print("{}{:6.1f} s  {:<9} {:7.1f} commands/s  {:8} commands  {:6} guards hit{}", lead, progress.elapsed_s,
             messages::enum_name(progress.phase).view(), progress.rate_hz, progress.commands, progress.guards_hit, end);
  std::fflush(stdout);
}

async::Task<void> follow(Session& session, bool quiet) {
  using namespace std::chrono_literals;
  // A terminal gets a living line, a file or pipe a line per second.
  const int polls_per_line = isatty(STDOUT_FILENO) != 0 ? 2 : 10;
  for (int i = 1; !session.finished() && !interrupted(); ++i) {
    co_await async::sleep_for(100ms);
    const SessionProgress progress = session.poll();
    if (!quiet && i % polls_per_line == 0) {
      show_progress(progress);
    }
  }
}

/// What the robots are shown on; nothing without a bus. Before anything moves.
std::shared_ptr<bus::Bus> open_network(const TeleopConfig& config) {
  if (config.bus.empty()) {
    return nullptr;
  }
  try {
    return open_robot_bus(config.bus, config.insecure, "followers");
  } catch (const ConfigError& error) {
    const teleop::ConfigPlace& place = config.bus_place;
    throw ConfigError(place.file, place.line, place.field, error.what());
  }
}

async::Task<void> follow_on_bus(Session& session, bool quiet, std::shared_ptr<bus::Bus> network) {
  bridge::TeleopOnBus on_bus(session.orchestrator(), std::move(network));
  co_await on_bus.run([&session, quiet] { return follow(session, quiet); });
  if (!quiet) {
    for (std::size_t i = 0; i < on_bus.robots(); ++i) {
      const bridge::RobotOnBus& robot = on_bus.robot(i);
      fmt::print("\n{}: {} states shown, {} trajectories taken, {} refused", robot.name(), robot.counts().shown,
                 robot.counts().taken, robot.counts().refused);
    }
    fmt::print("\n");
  }
}

/// On an event loop, until the session has ended or somebody interrupts it. @return what async::run gives
int follow_to_the_end(Session& session, bool quiet, std::shared_ptr<bus::Bus> network) {
  async::Task<void> task =
      network == nullptr ? follow(session, quiet) : follow_on_bus(session, quiet, std::move(network));
  return async::run(std::move(task), {.name = "teleop", .handle_signals = false});  // they are caught, and polled
}

void show_report(const TeleopReport& report) {
  if (isatty(STDOUT_FILENO) != 0) {
    fmt::print("\n");
  }
  for (const auto& pair : report.pairs) {
    fmt::print("\n{}", teleop::hop_table(pair));
    fmt::print("  commands: {} published, {} applied, {} clamped, {} rejected, {} stale, {} aligning\n",
               pair.commands.published, pair.commands.applied, pair.commands.clamped, pair.commands.rejected,
               pair.commands.stale, pair.commands.aligning);
    std::string hit;
    for (const auto& [name, count] : pair.guards) {
      hit += count == 0 ? "" : fmt::format(" {} {}", name, count);
    }
    fmt::print("  guards hit:{}\n", hit.empty() ? " none" : hit);
    fmt::print("  tracking error rms/max [mrad]:");
    for (std::size_t i = 0; i < pair.tracking.rms_rad.size(); ++i) {
      fmt::print(" {:.1f}/{:.1f}", pair.tracking.rms_rad[i] * 1e3, pair.tracking.max_rad[i] * 1e3);
    }
    fmt::print("\n");
  }
}

/// Before anything moves: a report that cannot be written after the run is a run lost.
void require_writable(const char* option, const std::filesystem::path& path) {
  std::error_code ignored;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const bool there = std::filesystem::exists(path, ignored);
  if (path.empty() || std::filesystem::is_directory(path, ignored) ||
      access((there ? path : folder).c_str(), W_OK) != 0) {
    throw ConfigError(option, 0, "", "'" + path.string() + "' cannot be written");
  }
}

void require_outputs(const TeleopConfig& config) {
  std::vector<std::pair<const char*, std::filesystem::path>> outputs;
  if (config.report) {
    outputs.emplace_back("--report", *config.report);
  }
  if (config.trace) {
    outputs.emplace_back("--trace", *config.trace);
  }
  for (const auto& [option, path] : outputs) {
    require_writable(option, path);
    std::error_code ignored;
    for (const PairConfig& pair : config.pairs) {
      const auto colon = pair.leader.find(':');
      if (colon != std::string::npos && std::filesystem::equivalent(path, pair.leader.substr(colon + 1), ignored)) {
        throw ConfigError(option, 0, "", "'" + path.string() + "' is the recording that leads");
      }
    }
  }
  if (outputs.size() == 2 && outputs[0].second.lexically_normal() == outputs[1].second.lexically_normal()) {
    throw ConfigError("--trace", 0, "", "'" + outputs[1].second.string() + "' is the report's file too");
  }
}

int run_teleop(const TeleopOptions& options) {
  const TeleopConfig config = config_of(options);
  require_outputs(config);
  registry::Robots robots;
  std::shared_ptr<bus::Bus> network = open_network(config);
  catch_interrupts();
  Session session(config, robots);
  session.start();
  const int code = follow_to_the_end(session, config.quiet, std::move(network));
  session.rest();  // a leader that hangs must not keep the report from being written
  const TeleopReport report = session.report();
  if (config.report) {
    teleop::write_report(report, *config.report);
  }
  if (!config.quiet) {
    show_report(report);
  }
  if (!report.fault.empty()) {
    fmt::print(stderr, "takt: fault: {}\n", report.fault);
  }
  if (!session.trace_error().empty()) {
    fmt::print(stderr, "takt: {}\n", session.trace_error());
  }
  session.stop();
  return report.fault.empty() && session.trace_error().empty() ? code : 1;
}

}  // namespace

Command add_teleop(CLI::App& app) {
  const auto options = std::make_shared<TeleopOptions>();
  app.add_option("config", options->config, "TOML file; the options below override it")->type_name("CONFIG.toml");
  app.add_option("--leader", options->leader, "synthetic[:MODEL] or playback:FILE.csv");
  app.add_option("--follower", options->follower, "sim:fr3 or sim:so101");
  app.add_option("--columns", options->columns, "column group of a recording: target, command, ...");
  app.add_option("--duration", options->duration_s, "seconds; default: until the leader finishes or Ctrl-C");
  app.add_option("--speed", options->speed, "of a recording: 0.5 is half as fast");
  app.add_option("--delivery", options->delivery, "inline (default), fifo, mailbox or drain-newest");
  app.add_option("--report", options->report, "write a report, takt.teleop.report/1")->type_name("FILE.json");
  app.add_option("--trace", options->trace, "write every command's hops for chrome://tracing or Perfetto")
      ->type_name("FILE.json");
  app.add_option("--bus", options->bus,
                 "show the robots to ROS 2, and let it move followers that nobody leads: dds://?domain=3, "
                 "zmq+tcp://host:5555, ...; several: say it again")
      ->type_name("URI")
      ->allow_extra_args(false)
      ->take_all();
  app.add_flag("--insecure", options->insecure,
               "whoever reaches the bus may move the followers, other users of this host too");
  app.add_flag("--quiet", options->quiet, "no live line, no table");
  return [options] { return run_teleop(*options); };
}

}  // namespace takt::app
