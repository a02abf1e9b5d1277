// What asks a server to do something: move, home, halt, stop.

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/control/fault.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/core/error.hpp"
#include "takt/core/geometry.hpp"

#include "commands.hpp"

namespace takt::app {
namespace {

using async::Task;
using controller::RemoteController;
using controller::RemoteOptions;
using controller::Target;

struct ClientOptions {
  std::optional<std::string> robot;
  bool take_over{false};
};

struct MoveWishes : ClientOptions {
  std::vector<double> joints;
  std::vector<double> pose;
  double speed{1.0};
  bool recover{false};
};

/// The server that is meant: the one named, or the only one.
std::string server_of(const ClientOptions& options) {
  if (options.robot) {
    return *options.robot;
  }
  const std::vector<std::string> running = controller::running_servers();
  if (running.empty()) {
    throw DeviceError("no controller runs; start one with takt serve");
  }
  if (running.size() > 1) {
    throw ConfigError("--robot", 0, "",
                      fmt::format("several controllers run, say which: {}", fmt::join(running, ", ")));
  }
  return running.front();
}

std::string joints_text(const core::JointVector& values) {
  return fmt::format("{:.4f}", fmt::join(values.begin(), values.end(), " "));
}

/// In command of an arm that runs.
Task<std::unique_ptr<RemoteController>> take_command(ClientOptions options, bool recover) {
  auto arm = co_await RemoteController::connect(server_of(options), {.take_over = options.take_over});
  if (recover && arm->fault().fault != control::Fault::kNone) {
    co_await arm->recover();
  } else if (arm->state().mode == control::CycleMode::kStopped) {
    co_await arm->start();
  }
  co_return std::move(arm);
}

Task<void> move_to(MoveWishes wishes, std::function<Target(const RemoteController&)> where) {
  const auto arm = co_await take_command(wishes, wishes.recover);
  co_await arm->move(where(*arm), {.speed = wishes.speed});
  fmt::print("{} is at {} rad\n", arm->name(), joints_text(arm->state().measured.q_rad));
}

Target target_of(const MoveWishes& wishes) {
  if (wishes.joints.empty() == wishes.pose.empty()) {
    throw ConfigError("takt move", 0, "", "wants either --joints or --pose");
  }
  if (!wishes.joints.empty()) {
    if (wishes.joints.size() > core::kMaxJoints) {
      throw ConfigError("--joints", 0, "",
                        fmt::format("{} numbers, the most is {}", wishes.joints.size(), core::kMaxJoints));
    }
    return core::JointVector(std::span<const double>(wishes.joints));
  }
  if (wishes.pose.size() != 3 && wishes.pose.size() != 7) {
    throw ConfigError("--pose", 0, "",
                      fmt::format("{} numbers; x,y,z or x,y,z,qx,qy,qz,qw are needed", wishes.pose.size()));
  }
  std::array<double, 7> values{0, 0, 0, 0, 0, 0, 1};
  std::copy(wishes.pose.begin(), wishes.pose.end(), values.begin());
  try {
    return core::pose_from_array(values);
  } catch (const LogicError& error) {
    throw ConfigError("--pose", 0, "", error.what());
  }
}

int run_move(const MoveWishes& wishes) {
  const Target target = target_of(wishes);
  const bool turned = wishes.pose.size() != 3;
  return async::run(move_to(wishes, [target, turned](const RemoteController& arm) -> Target {
    if (turned) {
      return Target(target);
    }
    core::Pose X_BE = arm.model().tool_pose(arm.state().setpoint.q_rad);  // turned as it is
    X_BE.translation() = std::get<controller::ToolPose>(target.variant()).X_BE.translation();
    return X_BE;
  }));
}

int run_home(const MoveWishes& wishes) {
  return async::run(move_to(wishes, [](const RemoteController& arm) -> Target { return arm.model().home_rad(); }));
}

/// An operator's halt: whoever commands does so no longer, or the next of its targets would move the arm again.
Task<void> halt(ClientOptions options) {
  const auto arm = co_await RemoteController::connect(server_of(options), {.take_over = true});
  while (arm->state().mode == control::CycleMode::kHalting ||
         (arm->state().mode == control::CycleMode::kRunning && !arm->state().at_rest)) {
    co_await async::sleep_for(std::chrono::milliseconds(1));
  }
  fmt::print("{} {}\n", arm->name(), arm->state().mode == control::CycleMode::kStopped ? "was stopped" : "is held");
}

Task<void> stop(ClientOptions options) {
  const auto arm = co_await RemoteController::connect(server_of(options), {.observe = true});
  co_await arm->shut_down();
  fmt::print("{} has halted, its brakes are on, its process ends\n", arm->name());
}

template <class Options>
std::shared_ptr<Options> add_robot(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--robot", options->robot, "name of the server; default: the only one that runs")->type_name("NAME");
  return options;
}

void add_wishes(CLI::App& app, MoveWishes& wishes) {
  app.add_option("--speed", wishes.speed, "0.001 to 1 of the limits' budget");
  app.add_flag("--take-over", wishes.take_over, "also when somebody else commands the arm");
  app.add_flag("--recover", wishes.recover, "clear a fault first");
}

}  // namespace

Command add_move(CLI::App& app) {
  const auto wishes = add_robot<MoveWishes>(app);
  app.add_option("--joints", wishes->joints, "a,b,... [rad]")->delimiter(',');
  app.add_option("--pose", wishes->pose, "x,y,z[,qx,qy,qz,qw] of the tool in the base's frame [m]")->delimiter(',');
  add_wishes(app, *wishes);
  return [wishes] { return run_move(*wishes); };
}

Command add_home(CLI::App& app) {
  const auto wishes = add_robot<MoveWishes>(app);
  add_wishes(app, *wishes);
  return [wishes] { return run_home(*wishes); };
}

Command add_halt(CLI::App& app) {
  const auto options = add_robot<ClientOptions>(app);
  return [options] { return async::run(halt(*options)); };
}

Command add_stop(CLI::App& app) {
  const auto options = add_robot<ClientOptions>(app);
  return [options] { return async::run(stop(*options)); };
}

}  // namespace takt::app
