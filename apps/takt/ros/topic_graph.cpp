// takt topic list, takt topic info: what topics there are, and who has one.

#include <cstdio>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/messages/json.hpp"

#include "../commands.hpp"
#include "bus_session.hpp"
#include "graph_report.hpp"

namespace takt::app {
namespace {

struct ListOptions {
  BusOptions bus;
  bool types{false};
  bool count{false};
  bool hidden{false};
};

struct InfoOptions {
  BusOptions bus;
  std::string topic;
  bool verbose{false};
};

struct TopicReport {
  std::string name;
  std::vector<std::string> types;
  std::vector<EndpointReport> publishers;
  std::vector<EndpointReport> subscriptions;
};
BOOST_DESCRIBE_STRUCT(TopicReport, (), (name, types, publishers, subscriptions))

async::Task<int> list(BusSession& session, const ListOptions& options) {
  co_await session.look_around(options.bus.timeout_s);
  const auto topics = reports_of(session.graph().topics(), options.hidden);
  if (options.count) {
    fmt::print("{}\n", topics.size());
  } else {
    print_names(topics, options.types, options.bus.json);
  }
  co_return 0;
}

void print_endpoints(const char* kind, const std::vector<EndpointReport>& endpoints) {
  for (const EndpointReport& one : endpoints) {
    fmt::print("\nNode: {}\nEndpoint: {}\nType: {}\nHash: {}\nID: {}\nQoS: {}, {}, depth {}\n",
               one.node.empty() ? "unknown" : one.node, kind, one.type, one.hash.empty() ? "unknown" : one.hash, one.id,
               one.reliability, one.durability, one.depth);
  }
}

void print(const TopicReport& report, bool verbose) {
  fmt::print("Type: {}\nPublishers: {}\nSubscriptions: {}\n", types_text({.name = report.name, .types = report.types}),
             report.publishers.size(), report.subscriptions.size());
  if (verbose) {
    print_endpoints("publisher", report.publishers);
    print_endpoints("subscription", report.subscriptions);
  }
}

async::Task<int> info(BusSession& session, const InfoOptions& options) {
  const std::string topic = full_name(options.topic);
  co_await session.look_around(options.bus.timeout_s);
  const node::Graph graph = session.graph();
  TopicReport report{.name = topic,
                     .types = {},
                     .publishers = reports_of(graph.publishers(topic)),
                     .subscriptions = reports_of(graph.subscriptions(topic))};
  const auto topics = graph.topics();
  const auto types = topics.find(topic);
  if (types == topics.end()) {
    fmt::print(stderr, "takt: nobody has the topic {}\n", topic);
    co_return 1;
  }
  report.types.assign(types->second.begin(), types->second.end());
  if (options.bus.json) {
    fmt::print("{}\n", messages::to_json(report));
  } else {
    print(report, options.verbose);
  }
  co_return 0;
}

}  // namespace

Command add_topic_list(CLI::App& app) {
  const auto options = std::make_shared<ListOptions>();
  app.add_flag("-t,--show-types", options->types, "with the type of each");
  app.add_flag("-c,--count-topics", options->count, "only how many there are");
  app.add_flag("--include-hidden-topics", options->hidden, "those, too, of whose names a part begins with '_'");
  add_bus_options(app, options->bus, "look around for at most so long; default: 3");
  return [options] {
    return run_on_bus(options->bus, [options](BusSession& session) { return list(session, *options); });
  };
}

Command add_topic_info(CLI::App& app) {
  const auto options = std::make_shared<InfoOptions>();
  app.add_option("TOPIC", options->topic, "/chatter")->required();
  app.add_flag("-v,--verbose", options->verbose, "with every publisher and subscription");
  add_bus_options(app, options->bus, "look around for at most so long; default: 3");
  return [options] {
    return run_on_bus(options->bus, [options](BusSession& session) { return info(session, *options); });
  };
}

}  // namespace takt::app
