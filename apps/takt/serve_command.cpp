#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/run.hpp"
#include "takt/bridge/arm_on_bus.hpp"
#include "takt/bus/bus.hpp"
#include "takt/controller/server.hpp"
#include "takt/core/error.hpp"
#include "takt/registry/arms.hpp"

#include "commands.hpp"
#include "realtime_wishes.hpp"
#include "robot_bus.hpp"
#include "robot_file.hpp"
#include "serve_follower.hpp"

namespace takt::app {
namespace {

constexpr int kTolerantTimeouts = 10;  // each of 20 periods

struct ServeOptions {
  std::optional<std::string> arm;
  std::optional<std::string> robot;
  std::optional<std::string> name;
  std::optional<std::string> evidence;
  std::optional<int> cpu;
  std::optional<int> priority;
  bool ledger_sentinel{false};
  bool tolerate_host_stalls{false};
  std::vector<std::string> bus;
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

std::variant<ServedRobot, ServedFollower> what_to_serve(const ServeOptions& options) {
  if (options.arm.has_value() == options.robot.has_value()) {
    throw ConfigError("takt serve", 0, "", "wants either --arm URI or --robot FILE");
  }
  return options.robot ? load_robot_file(*options.robot) : default_robot(*options.arm);
}

ServedRobot robot_of(ServedRobot robot, const ServeOptions& options) {
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

/// What the arm is shown on; nothing without a bus. Before anything is opened.
std::shared_ptr<bus::Bus> open_network(const ServeOptions& options) {
  if (options.bus.empty()) {
    return nullptr;
  }
  try {
    return open_robot_bus(options.bus, options.insecure, "arm");
  } catch (const ConfigError& error) {
    throw ConfigError("--bus", 0, "", error.what());
  }
}

async::Task<void> serve(ServedRobot robot, std::shared_ptr<bus::Bus> network) {
  if (robot.arm_options.tolerate_host_stalls) {
    robot.server.controller.cycle.max_timeouts = kTolerantTimeouts;
  }
  std::unique_ptr<control::Arm> arm = co_await registry::connect(robot.arm, robot.arm_options);
  controller::Server server(std::move(arm), std::move(robot.server));
  if (network != nullptr && !bus::is_legal_topic_name("/" + server.name())) {
    throw ConfigError("--name", 0, "", "'" + server.name() + "' is no part of a topic: letters, digits and '_'");
  }
  fmt::print("serving {} as '{}'; end it with Ctrl-C, or takt stop\n", robot.arm, server.name());
  std::fflush(stdout);
  const auto body = [&](async::Nursery& nursery) -> async::Task<async::Join> {
    if (network != nullptr) {
      nursery.start("bus", bridge::show_arm(server.name(), network));
    }
    co_await server.run();
    co_return async::kCancel;
  };
  co_await async::with_nursery(body);
}

/// What is said of a 1 kHz arm alone.
void refuse_options_of_arms(const ServeOptions& options) {
  const bool said =
      options.evidence || options.cpu || options.priority || options.ledger_sentinel || options.tolerate_host_stalls;
  if (said) {
    throw ConfigError("takt serve", 0, "",
                      "a follower has no --evidence, --cpu, --priority, --ledger-sentinel or --tolerate-host-stalls");
  }
}

int run_serve(const ServeOptions& options) {
  auto served = what_to_serve(options);
  if (auto* follower = std::get_if<ServedFollower>(&served)) {
    refuse_options_of_arms(options);
    follower->options.name = options.name.value_or(follower->options.name);
    return serve_follower(std::move(*follower), options.bus, options.insecure);
  }
  ServedRobot robot = robot_of(std::get<ServedRobot>(std::move(served)), options);
  std::shared_ptr<bus::Bus> network = open_network(options);
  const int code = async::run(serve(std::move(robot), std::move(network)));
  const bool asked_to_end = code == 128 + SIGINT || code == 128 + SIGTERM;  // halted, brakes on: as it is meant to end
  return asked_to_end ? 0 : code;
}

}  // namespace

Command add_serve(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  app.add_option("--arm", options->arm, "sim:fr3");
  app.add_option("--robot", options->robot, "an arm with its law, tool, limits and more, or a follower, in a file")
      ->type_name("FILE.toml");
  app.add_option("--name", options->name, "clients find it by this; default: the arm's");
  app.add_option(
         "--evidence", options->evidence,
         "each fault leaves a file in this folder; \"\": none. Default: $XDG_STATE_HOME/takt or ~/.local/state/takt")
      ->type_name("DIR");
  app.add_option("--cpu", options->cpu, "pin the cycle to this CPU");
  app.add_option("--priority", options->priority, "SCHED_FIFO priority of the cycle, 1 to 99; default: 80");
  app.add_flag("--ledger-sentinel", options->ledger_sentinel,
               "watch for the host taking the CPU away, so that the ledger can name it");
  app.add_flag(
      "--tolerate-host-stalls", options->tolerate_host_stalls,
      "a simulated arm waits 200 periods for a command, not 20, and is waited for as long: for virtual machines");
  app.add_option("--bus", options->bus,
                 "show it to ROS 2, and let it move the arm: dds://, zmq+tcp://*:5555?key=FILE, … "
                 "(docs/formats/bus-uri.md); several: say it again")
      ->type_name("URI")
      ->allow_extra_args(false)
      ->take_all();
  app.add_flag("--insecure", options->insecure,
               "whoever reaches the bus may command the arm, other users of this host too");
  return [options] { return run_serve(*options); };
}

}  // namespace takt::app
