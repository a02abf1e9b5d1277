// takt service list, takt service call.

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/core/error.hpp"

#include "../commands.hpp"
#include "bus_session.hpp"
#include "graph_report.hpp"
#include "message_type.hpp"
#include "raw_endpoints.hpp"
#include "yaml_text.hpp"

namespace takt::app {
namespace {

struct ListOptions {
  BusOptions bus;
  bool types{false};
  bool count{false};
  bool hidden{false};
};

struct CallOptions {
  BusOptions bus;
  std::string service;
  std::string type;
  std::string values{"{}"};
};

async::Task<int> list(BusSession& session, const ListOptions& options) {
  co_await session.look_around(options.bus.timeout_s);
  node::Graph::NamesAndTypes served;
  const node::Graph graph = session.graph();  // not in the loop's head: it has to live as long
  for (const bus::EndpointInfo& one : graph.endpoints()) {
    if (one.kind == node::Graph::Kind::kServer) {
      served[one.name].insert(one.type.name);
    }
  }
  const auto services = reports_of(served, options.hidden);
  if (options.count) {
    fmt::print("{}\n", services.size());
  } else {
    print_names(services, options.types, options.bus.json);
  }
  co_return 0;
}

/// A type that takt does not ship is asked of the servers, once they show.
async::Task<messages::DynamicType> type_of(BusSession& session, const CallOptions& options, std::string service,
                                           std::string part) {
  TypeQuery query;
  query.name = options.type;
  query.part = std::move(part);
  query.endpoints = [&service](const node::Graph& graph) { return graph.servers(service); };
  if (!is_shipped(query.name)) {
    const auto is_served = [&](const node::Graph& graph) { return !query.endpoints(graph).empty(); };
    static_cast<void>(co_await session.wait_for(is_served, std::nullopt));
  }
  co_return co_await find_type(session, query);
}

async::Task<int> call(BusSession& session, const CallOptions& options) {
  const std::string name = full_name(options.service);
  const messages::DynamicType request = co_await type_of(session, options, name, "_Request");
  const messages::DynamicType reply = co_await type_of(session, options, name, "_Response");
  std::vector<std::byte> bytes = bytes_of(request, options.values);
  bus::ServiceEndpoint service;
  service.name = name;
  service.request = id_of(request);
  service.reply = id_of(reply);
  service.node = session.node();
  if (!options.bus.json) {
    fmt::print("request:\n{}", yaml_text(*request.json_from_cdr(bytes)));
    std::fflush(stdout);
  }
  const std::vector<std::byte> answer = co_await call_raw(session, service, std::move(bytes));
  const auto json = reply.json_from_cdr(answer);
  if (!json) {
    throw DeviceError(name + " replied what is no " + reply.name() + ": " + json.error().text());
  }
  if (options.bus.json) {
    fmt::print("{}\n", *json);
  } else {
    fmt::print("\nresponse:\n{}", yaml_text(*json));
  }
  co_return 0;
}

async::Task<int> call_in_time(BusSession& session, const CallOptions& options) {
  if (!options.bus.timeout_s) {
    co_return co_await call(session, options);
  }
  const auto code = co_await async::with_timeout(*duration_of(options.bus.timeout_s), call(session, options));
  if (!code) {
    fmt::print(stderr, "takt: {}: no reply within {} s\n", full_name(options.service), *options.bus.timeout_s);
  }
  co_return code.value_or(1);
}

}  // namespace

Command add_service_list(CLI::App& app) {
  const auto options = std::make_shared<ListOptions>();
  app.add_flag("-t,--show-types", options->types, "with the type of each");
  app.add_flag("-c,--count-services", options->count, "only how many there are");
  app.add_flag("--include-hidden-services", options->hidden, "those, too, of whose names a part begins with '_'");
  add_bus_options(app, options->bus, "look around for at most so long; default: 3");
  return [options] {
    return run_on_bus(options->bus, [options](BusSession& session) { return list(session, *options); });
  };
}

Command add_service_call(CLI::App& app) {
  const auto options = std::make_shared<CallOptions>();
  app.add_option("SERVICE", options->service, "/set_bool")->required();
  app.add_option("TYPE", options->type, "std_srvs/srv/SetBool")->required();
  app.add_option("VALUES", options->values, R"(in JSON: {"data": true}; what is missing has its default)");
  add_bus_options(app, options->bus, "for a server and its reply");
  return [options] {
    return run_on_bus(options->bus, [options](BusSession& session) { return call_in_time(session, *options); });
  };
}

}  // namespace takt::app
