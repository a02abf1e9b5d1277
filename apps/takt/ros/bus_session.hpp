#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/bus/bus.hpp"
#include "takt/node/graph.hpp"

namespace CLI {
class App;
}

namespace takt::app {

/// What every command has that asks a bus.
struct BusOptions {
  std::vector<std::string> uris;    ///< none: dds on this host
  std::optional<double> timeout_s;  ///< what it limits, each command says
  bool json{false};
};

/// Adds --bus, --timeout and --json.
void add_bus_options(CLI::App& app, BusOptions& options, const std::string& timeout_limits);

/// This program on its buses: a node that others do not list, and what it sees of them. A resource; for one task.
class BusSession {
 public:
  /// In a task. @param bus  outlives it
  explicit BusSession(const bus::Bus& bus);
  BusSession(const BusSession&) = delete;
  BusSession& operator=(const BusSession&) = delete;
  ~BusSession();

  [[nodiscard]] const std::vector<std::shared_ptr<bus::Transport>>& transports() const noexcept { return transports_; }
  [[nodiscard]] const std::string& node() const noexcept { return node_; }
  /// Everything of all buses now, without this program's own.
  [[nodiscard]] node::Graph graph() const;

  using Condition = std::function<bool(const node::Graph&)>;
  /// Waits until the graph is so. False: it was not within `limit`; without one it waits on. Cancellation: Cancelled.
  [[nodiscard]] async::Task<bool> wait_for(Condition condition, std::optional<async::Duration> limit);
  /// @throws ConfigError when no bus has a graph
  void require_graph() const;
  /// Waits until others have said who they are: nothing new was heard for half a second, at most `limit` long.
  /// @throws ConfigError as require_graph
  [[nodiscard]] async::Task<void> look_around(std::optional<double> limit_s);

 private:
  [[nodiscard]] async::Task<void> until(const Condition& condition);

  async::Doorbell changed_{"graph"};
  std::vector<std::shared_ptr<bus::Transport>> transports_;
  std::string node_;
};

/// Runs `command` on the buses. Cancelling it (Ctrl-C) is an end like any other. @return its exit code
/// @throws what it throws of takt::Error, and what open_bus does
[[nodiscard]] int run_on_bus(const BusOptions& options, const std::function<async::Task<int>(BusSession&)>& command);

/// "/a" of "a", too. @throws ConfigError when it is no name of ROS
[[nodiscard]] std::string full_name(const std::string& name);

[[nodiscard]] std::optional<async::Duration> duration_of(std::optional<double> seconds);

}  // namespace takt::app
