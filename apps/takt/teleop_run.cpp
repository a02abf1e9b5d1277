#include "teleop_run.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/bridge/teleop_on_bus.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"

#include "interrupt.hpp"
#include "robot_bus.hpp"

namespace takt::app {
namespace {

using teleop::Session;
using teleop::SessionProgress;
using teleop::TeleopConfig;
using teleop::TeleopReport;

bool on_terminal() {
  return isatty(STDOUT_FILENO) != 0;
}

async::Task<void> follow(Session& session, OnPoll on_poll) {
  using namespace std::chrono_literals;
  while (!session.finished() && !interrupted()) {
    co_await async::sleep_for(100ms);
    if (!on_poll(session.poll())) {
      co_return;
    }
  }
}

async::Task<void> follow_on_bus(Session& session, bool quiet, std::shared_ptr<bus::Bus> network, OnPoll on_poll) {
  bridge::TeleopOnBus on_bus(session.orchestrator(), std::move(network));
  co_await on_bus.run([&] { return follow(session, std::move(on_poll)); });
  if (!quiet) {
    for (std::size_t i = 0; i < on_bus.robots(); ++i) {
      const bridge::RobotOnBus& robot = on_bus.robot(i);
      fmt::print("\n{}: {} states shown, {} trajectories taken, {} refused", robot.name(), robot.counts().shown,
                 robot.counts().taken, robot.counts().refused);
    }
    fmt::print("\n");
  }
}

void show_report(const TeleopReport& report) {
  LiveLine::leave();
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

}  // namespace

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

bool LiveLine::due() noexcept {
  return ++polls_ % (on_terminal() ? 2 : 10) == 0;
}

void LiveLine::show(const std::string& text) {
  fmt::print("{}{}{}", on_terminal() ? "\r\x1b[K" : "", text, on_terminal() ? "" : "\n");
  std::fflush(stdout);
}

void LiveLine::leave() {
  if (on_terminal()) {
    fmt::print("\n");
  }
}

std::string progress_text(const SessionProgress& progress) {
  return fmt::format("{:6.1f} s  {:<9} {:7.1f} commands/s  {:8} commands  {:6} guards hit", progress.elapsed_s,
                     messages::enum_name(progress.phase).view(), progress.rate_hz, progress.commands,
                     progress.guards_hit);
}

int follow_to_the_end(Session& session, bool quiet, std::shared_ptr<bus::Bus> network, OnPoll on_poll) {
  async::Task<void> task = network == nullptr ? follow(session, std::move(on_poll))
                                              : follow_on_bus(session, quiet, std::move(network), std::move(on_poll));
  return async::run(std::move(task), {.name = "teleop", .handle_signals = false});  // they are caught, and polled
}

int finish_session(Session& session, const TeleopConfig& config, int code) {
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

}  // namespace takt::app
