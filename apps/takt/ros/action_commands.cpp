// takt action list, takt action send-goal.

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/async/tasks/cancel_scope.hpp"

#include "../commands.hpp"
#include "bus_session.hpp"
#include "goal_sending.hpp"
#include "graph_report.hpp"

namespace takt::app {
namespace {

using namespace std::chrono_literals;

/// For a goal to be cancelled, and what it was doing to end.
constexpr async::Duration kCancelLimit = 5s;

struct ListOptions {
  BusOptions bus;
  bool types{false};
  bool count{false};
};

struct SendOptions {
  BusOptions bus;
  GoalOptions goal;
};

async::Task<int> list(BusSession& session, const ListOptions& options) {
  co_await session.look_around(options.bus.timeout_s);
  const auto actions = reports_of(session.graph().actions(), true);
  if (options.count) {
    fmt::print("{}\n", actions.size());
  } else {
    print_names(actions, options.types, options.bus.json);
  }
  co_return 0;
}

/// A goal that somebody calls off here is cancelled there.
async::Task<int> send_or_cancel(BusSession& session, const GoalOptions& options) {
  GoalSending sending(session, options);
  co_return co_await async::with_cleanup(sending.run(), kCancelLimit, [&sending] { return sending.cancel(); });
}

async::Task<int> send_goal(BusSession& session, const SendOptions& options) {
  if (!options.bus.timeout_s) {
    co_return co_await send_or_cancel(session, options.goal);
  }
  const auto limit = *duration_of(options.bus.timeout_s);
  const auto code = co_await async::with_timeout(limit, send_or_cancel(session, options.goal));
  if (!code) {
    fmt::print(stderr, "takt: {}: no result within {} s\n", full_name(options.goal.action), *options.bus.timeout_s);
  }
  co_return code.value_or(1);
}

}  // namespace

Command add_action_list(CLI::App& app) {
  const auto options = std::make_shared<ListOptions>();
  app.add_flag("-t,--show-types", options->types, "with the type of each");
  app.add_flag("-c,--count-actions", options->count, "only how many there are");
  add_bus_options(app, options->bus, "look around for at most so long; default: 3");
  return [options] {
    return run_on_bus(options->bus, [options](BusSession& session) { return list(session, *options); });
  };
}

Command add_action_send_goal(CLI::App& app) {
  const auto options = std::make_shared<SendOptions>();
  app.add_option("ACTION", options->goal.action, "/fibonacci")->required();
  app.add_option("TYPE", options->goal.type, "example_interfaces/action/Fibonacci")->required();
  app.add_option("VALUES", options->goal.values, R"(in JSON: {"order": 5}; what is missing has its default)");
  app.add_flag("-f,--feedback", options->goal.feedback, "show how far it is");
  add_bus_options(app, options->bus, "for a server and the result; then, as with Ctrl-C, the goal is cancelled");
  return [options] {
    options->goal.json = options->bus.json;
    return run_on_bus(options->bus, [options](BusSession& session) { return send_goal(session, *options); });
  };
}

}  // namespace takt::app
