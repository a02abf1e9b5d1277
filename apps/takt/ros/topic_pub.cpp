// takt topic pub: publishes values, once or at a rate.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/time.hpp"

#include "../commands.hpp"
#include "bus_session.hpp"
#include "message_type.hpp"
#include "qos_options.hpp"
#include "raw_endpoints.hpp"

namespace takt::app {
namespace {

struct PubOptions {
  BusOptions bus;
  QosOptions qos;
  std::string topic;
  std::string type;
  std::string values{"{}"};
  double rate_hz{1.0};
  bool once{false};
  std::optional<std::size_t> count;
  std::optional<std::size_t> wait_for;
  double keep_alive_s{0.1};
};

async::Task<void> publish_all(RawPublisher& publisher, const PubOptions& options, std::vector<std::byte> bytes,
                              std::size_t count) {
  auto tick = async::every(async::Duration(core::from_seconds(1.0 / options.rate_hz)));
  for (std::size_t i = 1; count == 0 || i <= count; ++i) {
    co_await publisher.publish(bytes);
    if (!options.bus.json) {
      fmt::print("publishing #{}: {}\n", i, options.values);
      std::fflush(stdout);
    }
    if (i != count) {
      co_await tick;
    }
  }
}

async::Task<int> pub(BusSession& session, const PubOptions& options) {
  const std::string topic = full_name(options.topic);
  TypeQuery query;
  query.name = options.type;
  query.endpoints = [&topic](const node::Graph& graph) { return endpoints_of(graph, topic); };
  const messages::DynamicType type = co_await find_type(session, query);
  std::vector<std::byte> bytes = bytes_of(type, options.values);
  bus::TopicEndpoint endpoint;
  endpoint.name = topic;
  endpoint.type = id_of(type);
  endpoint.qos = qos_of(options.qos, {});
  endpoint.node = session.node();
  RawPublisher publisher(session, endpoint);
  const std::size_t count = options.once ? 1 : options.count.value_or(0);
  const std::size_t wanted = options.wait_for.value_or(count == 0 ? 0 : 1);
  auto matched = publisher.wait_for_subscriptions(wanted);
  bool is_matched = true;
  if (options.bus.timeout_s) {
    is_matched = co_await async::with_timeout(*duration_of(options.bus.timeout_s), std::move(matched));
  } else {
    co_await std::move(matched);
  }
  if (!is_matched) {
    fmt::print(stderr, "takt: {}: fewer than {} subscriptions within {} s\n", topic, wanted, *options.bus.timeout_s);
    co_return 1;
  }
  co_await publish_all(publisher, options, std::move(bytes), count);
  co_await async::sleep_for(async::Duration(core::from_seconds(options.keep_alive_s)));
  co_return 0;
}

}  // namespace

Command add_topic_pub(CLI::App& app) {
  const auto options = std::make_shared<PubOptions>();
  app.add_option("TOPIC", options->topic, "/chatter")->required();
  app.add_option("TYPE", options->type, "std_msgs/msg/String")->required();
  app.add_option("VALUES", options->values, R"(in JSON: {"data": "hello"}; what is missing has its default)");
  app.add_option("-r,--rate", options->rate_hz, "per second; default: 1")
      ->type_name("HZ")
      ->check(CLI::Range(1e-3, 1e5));
  app.add_flag("-1,--once", options->once, "one message, then end");
  app.add_option("-t,--count", options->count, "end after so many")->type_name("N")->check(CLI::PositiveNumber);
  app.add_option("-w,--wait-matching-subscriptions", options->wait_for,
                 "begin when so many subscribe; default: 1 with --once or --count, else 0")
      ->type_name("N");
  app.add_option("--keep-alive", options->keep_alive_s,
                 "stay so long after the last, until it has arrived; default: 0.1")
      ->type_name("S")
      ->check(CLI::NonNegativeNumber);
  add_bus_options(app, options->bus, "wait at most so long for subscriptions");
  add_qos_options(app, options->qos);
  return
      [options] { return run_on_bus(options->bus, [options](BusSession& session) { return pub(session, *options); }); };
}

}  // namespace takt::app
