#include <cstdio>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/core/error.hpp"

#include "message_type.hpp"
#include "topic_commands.hpp"

namespace takt::app {
namespace {

using namespace std::chrono_literals;
using Visit = std::function<bool(const messages::DynamicType&, const RawMessage&)>;

/// For publishers of a topic, of which the type is known, to show what they offer.
constexpr async::Duration kPublishersShow = 500ms;

async::Task<std::string> type_of_topic(BusSession& session, std::string topic) {
  session.require_graph();
  const auto is_there = [&](const node::Graph& graph) { return !endpoints_of(graph, topic).empty(); };
  const bool soon = co_await session.wait_for(is_there, 1s);
  if (!soon) {
    fmt::print(stderr, "takt: nobody has {} yet; waiting, or say its TYPE\n", topic);
    static_cast<void>(co_await session.wait_for(is_there, std::nullopt));
  }
  co_return common_type(topic, endpoints_of(session.graph(), topic));
}

async::Task<void> visit_all(BusSession& session, const ListenOptions& options, const Visit& visit,
                            std::size_t& visited) {
  const Listening listening = co_await listen(session, options);
  while (!options.count || visited < *options.count) {
    const RawMessage message = co_await listening.subscription->next();
    ++visited;
    if (!visit(listening.type, message)) {
      co_return;
    }
  }
}

async::Task<int> listen_until(BusSession& session, const ListenOptions& options, const Visit& visit) {
  std::size_t visited = 0;
  if (!options.bus.timeout_s) {
    co_await visit_all(session, options, visit, visited);
    co_return 0;
  }
  const bool done =
      co_await async::with_timeout(*duration_of(options.bus.timeout_s), visit_all(session, options, visit, visited));
  if (done || (visited > 0 && !options.count)) {
    co_return 0;
  }
  fmt::print(stderr, "takt: {}: {} messages within {} s\n", full_name(options.topic), visited, *options.bus.timeout_s);
  co_return 1;
}

}  // namespace

void add_listen_options(CLI::App& app, ListenOptions& options) {
  app.add_option("TOPIC", options.topic, "/chatter")->required();
  app.add_option("TYPE", options.type, "std_msgs/msg/String; default: what the topic has");
  app.add_option("--count", options.count, "end after so many messages")->type_name("N")->check(CLI::PositiveNumber);
  add_bus_options(app, options.bus, "end after so long; without a message, or with fewer than --count, it has failed");
  add_qos_options(app, options.qos);
}

async::Task<Listening> listen(BusSession& session, const ListenOptions& options) {
  std::string topic = full_name(options.topic);
  TypeQuery query;
  if (options.type) {
    query.name = *options.type;
    const auto is_published = [&](const node::Graph& graph) { return !graph.publishers(topic).empty(); };
    static_cast<void>(co_await session.wait_for(is_published, kPublishersShow));
  } else {
    query.name = co_await type_of_topic(session, topic);
  }
  query.endpoints = [&topic](const node::Graph& graph) { return endpoints_of(graph, topic); };
  messages::DynamicType type = co_await find_type(session, query);
  bus::TopicEndpoint endpoint;
  endpoint.name = topic;
  endpoint.type = id_of(type);
  endpoint.qos = qos_of(options.qos, qos_for(session.graph().publishers(topic)));
  endpoint.node = session.node();
  auto subscription = std::make_unique<RawSubscription>(session, endpoint);
  co_return Listening{.topic = std::move(topic), .type = std::move(type), .subscription = std::move(subscription)};
}

int run_listening(const ListenOptions& options, Visit visit) {
  return run_on_bus(options.bus, [&](BusSession& session) { return listen_until(session, options, visit); });
}

}  // namespace takt::app
