#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/async/tasks/run.hpp"
#include "takt/controller/server.hpp"
#include "takt/core/error.hpp"
#include "takt/registry/arms.hpp"
#include "takt/registry/buses.hpp"

#include "commands.hpp"
#include "realtime_wishes.hpp"
#include "robot_file.hpp"

namespace takt::app {
namespace {

struct ServeOptions {
  std::optional<std::string> arm;
  std::optional<std::string> robot;
  std::optional<std::string> name;
  std::optional<std::string> evidence;
  std::optional<int> cpu;
  std::optional<int> priority;
  bool ledger_sentinel{false};
  bool tolerate_host_stalls{false};
  std::optional<std::string> bus;
  bool insecure{false};
};

void schedule(control::CycleOptions& cycle, const ServeOptions& options) {
  if (options.cpu) {
    if (const std::string why = objection_to_cpu(*options.cpu); !why.empty()) {
      throw ConfigError("--cpu", 0, "", why);
    }
    cycle.cpu = options.cpu;
  }
  if (options.priority) {
    if (const std::string why = objection_to_priority(*options.priority); !why.empty()) {
      throw ConfigError("--priority", 0, "", why);
    }
    cycle.fifo_priority = options.priority;
  }
  cycle.sentinel = cycle.sentinel || options.ledger_sentinel;
}

ServedRobot robot_of(const ServeOptions& options) {
  if (options.arm.has_value() == options.robot.has_value()) {
    throw ConfigError("takt serve", 0, "", "wants either --arm URI or --robot FILE");
  }
  ServedRobot robot = options.robot ? load_robot_file(*options.robot) : default_robot(*options.arm);
  if (options.name) {
    robot.server.name = *options.name;
  }
  if (options.evidence) {
    robot.server.controller.evidence_folder = *options.evidence;
  }
  robot.arm_options.tolerate_host_stalls = robot.arm_options.tolerate_host_stalls || options.tolerate_host_stalls;
  schedule(robot.server.controller.cycle, options);
  return robot;
}

/// @throws ConfigError when it would let anybody on the network in, unless `insecure`; and else, since what a server
/// would say and take there does not exist yet.
[[noreturn]] void require_bus(const std::string& uri, bool insecure) {
  if (registry::is_open_to_network(uri) && !insecure) {
    throw ConfigError("--bus", 0, "",
                      "'" + uri +
                          "' lets everybody who reaches this network command the arm; give a key (?key=FILE), " +
                          "or say --insecure");
  }
  throw ConfigError("--bus", 0, "",
                    "a server does not open itself to a bus yet; clients on this host connect without --bus");
}

async::Task<void> serve(ServedRobot robot) {
  std::unique_ptr<control::Arm> arm = co_await registry::connect(robot.arm, robot.arm_options);
  controller::Server server(std::move(arm), std::move(robot.server));
  fmt::print("serving {} as '{}'; end it with Ctrl-C, or takt stop\n", robot.arm, server.name());
  std::fflush(stdout);
  co_await server.run();
}

int run_serve(const ServeOptions& options) {
  ServedRobot robot = robot_of(options);
  if (options.bus) {
    require_bus(*options.bus, options.insecure);
  }
  const int code = async::run(serve(std::move(robot)));
  const bool asked_to_end = code == 128 + SIGINT || code == 128 + SIGTERM;  // halted, brakes on: as it is meant to end
  return asked_to_end ? 0 : code;
}

}  // namespace

Command add_serve(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  app.add_option("--arm", options->arm, "sim:fr3");
  app.add_option("--robot", options->robot, "arm, law, tool, limits and more in a file")->type_name("FILE.toml");
  app.add_option("--name", options->name, "clients find it by this; default: the arm's");
  app.add_option(
         "--evidence", options->evidence,
         "each fault leaves a file in this folder; \"\": none. Default: $XDG_STATE_HOME/takt or ~/.local/state/takt")
      ->type_name("DIR");
  app.add_option("--cpu", options->cpu, "pin the cycle to this CPU");
  app.add_option("--priority", options->priority, "SCHED_FIFO priority of the cycle, 1 to 99; default: 80");
  app.add_flag("--ledger-sentinel", options->ledger_sentinel,
               "watch for the host taking the CPU away, so that the ledger can name it");
  app.add_flag("--tolerate-host-stalls", options->tolerate_host_stalls,
               "a simulated arm waits 200 periods for a command, not 20: for virtual machines");
  app.add_option("--bus", options->bus,
                 "open it to a network: zmq+tcp://*:5555?key=FILE, dds://, udp://… (docs/formats/bus-uri.md)")
      ->type_name("URI");
  app.add_flag("--insecure", options->insecure, "whoever reaches the network may command the arm");
  return [options] { return run_serve(*options); };
}

}  // namespace takt::app
