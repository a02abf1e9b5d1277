#include "serve_follower.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/bridge/teleop_on_bus.hpp"
#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"
#include "takt/registry/robots.hpp"
#include "takt/robots/options.hpp"
#include "takt/teleop/replay/replay_owner.hpp"
#include "takt/teleop/replay/twin_on_bus.hpp"

#include "robot_bus.hpp"
#include "traj/shelf.hpp"

namespace takt::app {
namespace {

using teleop::replay::ReplayOwner;
using teleop::replay::TwinOnBus;

std::shared_ptr<bus::Bus> open_network(std::vector<std::string> uris, bool insecure) {
  if (uris.empty()) {
    throw ConfigError("takt serve", 0, "",
                      "a follower is served on a bus: say --bus URI, such as zmq+tcp://127.0.0.1:5601");
  }
  try {
    for (std::string& uri : uris) {
      uri = binding(uri);
    }
    return open_replay_bus(uris, insecure, "follower");
  } catch (const ConfigError& error) {
    throw ConfigError("--bus", 0, "", error.what());
  }
}

/// A fault ends nothing: what it is can be asked.
async::Task<void> watch(ReplayOwner& owner) {
  bool said = false;
  for (;;) {
    co_await async::sleep_for(std::chrono::milliseconds(100));
    if (owner.node().faulted() && !std::exchange(said, true)) {
      core::log(core::LogLevel::kError, owner.node().name() + ": " + owner.node().fault());
    }
  }
}

async::Task<void> show(ReplayOwner& owner, std::shared_ptr<bus::Bus> network) {
  bridge::TeleopOnBus on_bus(owner.orchestrator(), std::move(network));
  co_await on_bus.run([&owner] { return watch(owner); });
}

}  // namespace

int serve_follower(ServedFollower served, std::vector<std::string> bus, bool insecure) {
  auto shelf = served.library ? traj::open_shelf(*served.library, true) : teleop::replay::TrajectoryShelf{};
  const std::shared_ptr<bus::Bus> network = open_network(std::move(bus), insecure);
  robots::RobotOptions how;
  how.freshness = served.options.guards.freshness;
  ReplayOwner owner(registry::open_robot(served.follower, how), served.options);
  owner.start();
  int code = 0;
  {
    const TwinOnBus on_bus(owner.twin(), *network, std::move(shelf));
    fmt::print("serving {} as '{}'; end it with Ctrl-C\n", served.follower, owner.node().name());
    std::fflush(stdout);
    code = async::run(show(owner, network), {.name = "serve"});
  }
  const bool faulted = owner.node().faulted();
  owner.stop();
  const bool asked_to_end = code == 128 + SIGINT || code == 128 + SIGTERM;
  return faulted ? 1 : (asked_to_end ? 0 : code);
}

}  // namespace takt::app
