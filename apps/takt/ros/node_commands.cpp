// takt node list, takt node info: who is on a bus, and what one of them has.

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/messages/json.hpp"

#include "../commands.hpp"
#include "bus_session.hpp"
#include "graph_report.hpp"

namespace takt::app {
namespace {

using Kind = node::Graph::Kind;

struct ListOptions {
  BusOptions bus;
  bool count{false};
  bool hidden{false};
};

struct InfoOptions {
  BusOptions bus;
  std::string node;
  bool hidden{false};
};

struct NodeReport {
  std::string name;
  std::vector<NameReport> subscriptions;
  std::vector<NameReport> publishers;
  std::vector<NameReport> servers;
  std::vector<NameReport> clients;
};
BOOST_DESCRIBE_STRUCT(NodeReport, (), (name, subscriptions, publishers, servers, clients))

async::Task<int> list(BusSession& session, const ListOptions& options) {
  co_await session.look_around(options.bus.timeout_s);
  std::vector<std::string> names;
  const node::Graph graph = session.graph();
  for (const bus::NodeInfo& one : graph.nodes()) {
    if (options.hidden || !is_hidden(one.name)) {
      names.push_back(one.name);
    }
  }
  std::ranges::sort(names);
  if (options.bus.json) {
    fmt::print("{}\n", messages::to_json(names));
  } else if (options.count) {
    fmt::print("{}\n", names.size());
  } else {
    std::ranges::for_each(names, [](const std::string& name) { fmt::print("{}\n", name); });
  }
  co_return 0;
}

void print(const char* title, const std::vector<NameReport>& names) {
  fmt::print("  {}:\n", title);
  for (const NameReport& one : names) {
    fmt::print("    {}: {}\n", one.name, types_text(one));
  }
}

async::Task<int> info(BusSession& session, const InfoOptions& options) {
  const std::string name = full_name(options.node);
  co_await session.look_around(options.bus.timeout_s);
  const node::Graph graph = session.graph();
  if (!graph.has_node(name)) {
    fmt::print(stderr, "takt: there is no node {}; takt node list says who is there\n", name);
    co_return 1;
  }
  const auto have = [&](Kind kind) { return reports_of(graph.of_node(name, kind), options.hidden); };
  const NodeReport report{.name = name,
                          .subscriptions = have(Kind::kSubscription),
                          .publishers = have(Kind::kPublisher),
                          .servers = have(Kind::kServer),
                          .clients = have(Kind::kClient)};
  if (options.bus.json) {
    fmt::print("{}\n", messages::to_json(report));
    co_return 0;
  }
  fmt::print("{}\n", report.name);
  print("Subscribers", report.subscriptions);
  print("Publishers", report.publishers);
  print("Service Servers", report.servers);
  print("Service Clients", report.clients);
  co_return 0;
}

}  // namespace

Command add_node_list(CLI::App& app) {
  const auto options = std::make_shared<ListOptions>();
  app.add_flag("-a,--all", options->hidden, "hidden nodes, too, whose names begin with '_'");
  app.add_flag("-c,--count-nodes", options->count, "only how many there are");
  add_bus_options(app, options->bus, "look around for at most so long; default: 3");
  return [options] {
    return run_on_bus(options->bus, [options](BusSession& session) { return list(session, *options); });
  };
}

Command add_node_info(CLI::App& app) {
  const auto options = std::make_shared<InfoOptions>();
  app.add_option("NODE", options->node, "/talker")->required();
  app.add_flag("--include-hidden", options->hidden, "those, too, of whose names a part begins with '_'");
  add_bus_options(app, options->bus, "look around for at most so long; default: 3");
  return [options] {
    return run_on_bus(options->bus, [options](BusSession& session) { return info(session, *options); });
  };
}

}  // namespace takt::app
