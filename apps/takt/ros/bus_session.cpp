#include "bus_session.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <utility>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/run.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/registry/buses.hpp"

namespace takt::app {
namespace {

using namespace std::chrono_literals;
using bus::Capability;

constexpr async::Duration kQuiet = 500ms;
constexpr double kLookAroundS = 3.0;

bool has_graph(const bus::Transport& transport) {
  return bus::has(transport.capabilities(), Capability::kGraph);
}

async::Task<int> run_in_session(const BusOptions& options,
                                const std::function<async::Task<int>(BusSession&)>& command) {
  std::shared_ptr<bus::Bus> bus;
  if (options.uris.empty()) {
    bus = co_await registry::open_bus();
  } else {
    bus = co_await registry::open_bus(options.uris);
  }
  BusSession session(*bus);
  co_return co_await command(session);
}

/// What is wrong goes out past the loop, to be said the way all commands say it.
async::Task<int> keep_error(async::Task<int> task, std::exception_ptr& error) {
  try {
    co_return co_await std::move(task);
  } catch (const Error&) {
    error = std::current_exception();
  }
  co_return 1;
}

}  // namespace

void add_bus_options(CLI::App& app, BusOptions& options, const std::string& timeout_limits) {
  app.add_option(
         "--bus", options.uris,
         "dds://?domain=3, zmq+tcp://host:5555, udp://239.255.0.7:7400 …; several: say it again. Default: dds on "
         "this host, as ROS's environment has it")
      ->type_name("URI")
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--timeout", options.timeout_s, timeout_limits)->type_name("S")->check(CLI::NonNegativeNumber);
  app.add_flag("--json", options.json, "for programs: one line of JSON each");
}

BusSession::BusSession(const bus::Bus& bus)
    : transports_(bus.transports()), node_("/_takt_" + std::to_string(::getpid())) {
  for (const auto& transport : transports_) {
    transport->add_node({.name = node_});
    if (has_graph(*transport)) {
      transport->watch_graph([this] { changed_.ring(); });
    }
  }
}

BusSession::~BusSession() {
  for (const auto& transport : transports_) {
    if (has_graph(*transport)) {
      transport->watch_graph({});
    }
    transport->remove_node(node_);
  }
}

node::Graph BusSession::graph() const {
  bus::Graph all;
  for (const auto& transport : transports_) {
    if (has_graph(*transport)) {
      bus::Graph seen = transport->graph();
      std::ranges::move(seen.nodes, std::back_inserter(all.nodes));
      std::ranges::move(seen.endpoints, std::back_inserter(all.endpoints));
    }
  }
  std::erase_if(all.nodes, [this](const bus::NodeInfo& one) { return one.name == node_; });
  std::erase_if(all.endpoints, [this](const bus::EndpointInfo& one) { return one.node == node_; });
  return node::Graph(std::move(all));
}

async::Task<void> BusSession::until(const Condition& condition) {
  while (!condition(graph())) {
    co_await changed_;
  }
}

async::Task<bool> BusSession::wait_for(Condition condition, std::optional<async::Duration> limit) {
  if (!limit) {
    co_await until(condition);
    co_return true;
  }
  co_return co_await async::with_timeout(*limit, until(condition));
}

void BusSession::require_graph() const {
  if (std::ranges::none_of(transports_, [](const auto& one) { return has_graph(*one); })) {
    throw ConfigError("--bus", 0, "", "none of these can tell who is there and what they have");
  }
}

async::Task<void> BusSession::look_around(std::optional<double> limit_s) {
  require_graph();
  const core::Nanoseconds end_ns = core::monotonic_now_ns() + core::from_seconds(limit_s.value_or(kLookAroundS));
  for (bool heard = true; heard;) {
    const async::Duration left{end_ns - core::monotonic_now_ns()};
    heard = left > 0ns;
    if (heard) {
      heard = co_await async::with_timeout(std::min(left, kQuiet), changed_.wait());
    }
  }
}

int run_on_bus(const BusOptions& options, const std::function<async::Task<int>(BusSession&)>& command) {
  std::exception_ptr error;
  const int code = async::run(keep_error(run_in_session(options, command), error));
  if (error != nullptr) {
    std::rethrow_exception(error);
  }
  const bool asked_to_end = code == 128 + SIGINT || code == 128 + SIGTERM;
  return asked_to_end ? 0 : code;
}

std::string full_name(const std::string& name) {
  std::string full = name.starts_with('/') ? name : "/" + name;
  if (!bus::is_legal_topic_name(full)) {
    throw ConfigError("'" + name + "'", 0, "", "is no name: want /a or /a/b of letters, digits and '_'");
  }
  return full;
}

std::optional<async::Duration> duration_of(std::optional<double> seconds) {
  return seconds ? std::optional(async::Duration(core::from_seconds(*seconds))) : std::nullopt;
}

}  // namespace takt::app
