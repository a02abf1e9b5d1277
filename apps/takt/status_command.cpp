// What asks servers how they stand: status.

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/async/tasks/run.hpp"
#include "takt/control/fault.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/core/error.hpp"
#include "takt/realtime/deadline_ledger.hpp"

#include "commands.hpp"

namespace takt::app {
namespace {

using async::Task;
using controller::RemoteController;

std::string latency_text(const core::LatencySummary& latency) {
  return fmt::format("p50 {:.0f}, p99 {:.0f}, p99.9 {:.0f}, max {:.0f} us", latency.p50_us, latency.p99_us,
                     latency.p999_us, latency.max_us);
}

void show_ledger(const realtime::DeadlineSummary& ledger, bool host_watched) {
  using realtime::MissCause;
  fmt::print("  woken:     {} late\n", latency_text(ledger.wake_lateness));
  fmt::print("  computed:  {} from reading to writing\n", latency_text(ledger.read_to_write));
  fmt::print("  gaps:      {} between commands; the longest that the host does not explain {:.0f} us\n",
             latency_text(ledger.gap), ledger.longest_gap_without_host_us);
  const std::string host =
      host_watched ? fmt::to_string(ledger.missed(MissCause::kHost)) : "not watched (takt serve --ledger-sentinel)";
  fmt::print("  misses:    {}: arm {}, slow {}, woken late {}, host {}\n", ledger.missed(),
             ledger.missed(MissCause::kArm), ledger.missed(MissCause::kSlow), ledger.missed(MissCause::kWake), host);
}

void show_thread(const control::CycleStats& stats) {
  fmt::print("  thread:    {}, {}, {}\n",
             stats.thread.fifo ? "SCHED_FIFO" : "normal scheduling (takt bench rt says why)",
             stats.thread.pinned ? "pinned to its CPU" : "on any CPU",
             stats.thread.memory_locked ? "memory locked" : "memory not locked");
}

void show_cycles(const control::CycleState& state, const control::CycleStats& stats) {
  fmt::print("  law:       {}\n", state.law.view());
  fmt::print("  joints:    {:.4f} rad\n", fmt::join(state.measured.q_rad.begin(), state.measured.q_rad.end(), " "));
  fmt::print("  cycles:    {}, {} states missed, {} waits in vain, {} stale targets\n", stats.cycles,
             stats.missed_states, stats.timeouts, stats.stale_targets);
  fmt::print("  success:   {:.1f} % of the last commands came in time, says the arm\n",
             100.0 * state.measured.command_success_rate);
  show_ledger(stats.ledger, stats.host_watched);
  show_thread(stats);
}

Task<void> show_status(std::string server) {
  const auto arm = co_await RemoteController::connect(std::move(server), {.observe = true});
  const controller::ServerStatus status = co_await arm->status();
  const control::CycleState state = arm->state();
  const auto commander = arm->commander();
  fmt::print("{}: {}, process {}\n", arm->name(), control::to_text(state.mode), status.process);
  if (const control::FaultReport fault = arm->fault(); fault.fault != control::Fault::kNone) {
    fmt::print("  fault:     {}\n", control::describe(fault));
    fmt::print("  to do:     see to its cause, then takt home --recover, or move --recover, clears it\n");
  }
  fmt::print("  commander: {}\n", commander ? commander->name : "nobody");
  fmt::print("  clients:   {}, {} sent away; {} commands of former commanders refused\n", status.clients - 1,
             status.refused_clients, status.refused_commands);
  if (state.cycle > 0) {
    show_cycles(state, arm->stats());
  }
}

Task<void> show_all(std::optional<std::string> robot) {
  if (robot) {
    co_await show_status(*robot);
    co_return;
  }
  const std::vector<std::string> running = controller::running_servers();
  if (running.empty()) {
    throw DeviceError("no controller runs; start one with takt serve");
  }
  for (const std::string& server : running) {
    co_await show_status(server);
  }
}

}  // namespace

Command add_status(CLI::App& app) {
  const auto robot = std::make_shared<std::optional<std::string>>();
  app.add_option("--robot", *robot, "name of the server; default: all that run")->type_name("NAME");
  return [robot] { return async::run(show_all(*robot)); };
}

}  // namespace takt::app
