// takt param list, get, set, dump, load: the parameters of nodes.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/describe.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/json.hpp"

#include "../commands.hpp"
#include "bus_session.hpp"
#include "graph_report.hpp"
#include "parameter_file.hpp"
#include "parameter_value.hpp"
#include "remote_parameters.hpp"

namespace takt::app {
namespace {

using rcl_interfaces::Parameter;

constexpr double kLimitS = 3.0;
constexpr std::string_view kListService = "/list_parameters";

struct ParamOptions {
  BusOptions bus;
  std::string node;
  std::string name;
  std::string value;
  std::string file;
  bool hidden{false};
  bool hide_type{false};
};

struct NamesReport {
  std::string node;
  std::vector<std::string> parameters;
};
BOOST_DESCRIBE_STRUCT(NamesReport, (), (node, parameters))

struct SetReport {
  std::string name;
  bool successful{false};
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(SetReport, (), (name, successful, reason))

RemoteParameters parameters_of(BusSession& session, const ParamOptions& options, const std::string& node) {
  return {session, full_name(node), async::Duration(core::from_seconds(options.bus.timeout_s.value_or(kLimitS)))};
}

/// Nodes that show their parameters.
std::vector<std::string> nodes_of(const node::Graph& graph, bool hidden) {
  std::vector<std::string> nodes;
  for (const auto& endpoint : graph.endpoints()) {
    const std::string node =
        endpoint.name.substr(0, endpoint.name.size() - std::min(endpoint.name.size(), kListService.size()));
    if (endpoint.kind == node::Graph::Kind::kServer && endpoint.name.ends_with(kListService) &&
        (hidden || !is_hidden(node))) {
      nodes.push_back(node);
    }
  }
  std::ranges::sort(nodes);
  nodes.erase(std::ranges::unique(nodes).begin(), nodes.end());
  return nodes;
}

void print(const std::vector<NamesReport>& reports, bool with_nodes) {
  for (const NamesReport& report : reports) {
    if (with_nodes) {
      fmt::print("{}:\n", report.node);
    }
    for (const std::string& name : report.parameters) {
      fmt::print("{}{}\n", with_nodes ? "  " : "", name);
    }
  }
}

async::Task<int> list(BusSession& session, const ParamOptions& options) {
  std::vector<std::string> nodes{options.node};
  if (options.node.empty()) {
    co_await session.look_around(options.bus.timeout_s);
    nodes = nodes_of(session.graph(), options.hidden);
  }
  std::vector<NamesReport> reports;
  int code = 0;
  for (const std::string& node : nodes) {
    RemoteParameters parameters = parameters_of(session, options, node);
    try {
      co_await parameters.wait();
      auto names = co_await parameters.names();
      reports.push_back({.node = parameters.node(), .parameters = std::move(names)});
    } catch (const DeviceError& error) {
      fmt::print(stderr, "takt: {}\n", error.what());
      code = 1;
    }
  }
  if (options.bus.json) {
    fmt::print("{}\n", messages::to_json(reports));
  } else {
    print(reports, options.node.empty());
  }
  co_return code;
}

async::Task<int> get(BusSession& session, const ParamOptions& options) {
  RemoteParameters parameters = parameters_of(session, options, options.node);
  co_await parameters.wait();
  std::vector<std::string> names{options.name};
  const auto found = co_await parameters.get(std::move(names));
  const ParameterValue& value = found.front().value;
  if (value.type == ParameterType::PARAMETER_NOT_SET) {
    fmt::print(stderr, "takt: {}: the parameter {} is not set\n", parameters.node(), options.name);
    co_return 1;
  }
  if (options.bus.json) {
    fmt::print(R"({{"name":{},"type":{},"value":{}}})"
               "\n",
               messages::to_json(options.name), messages::to_json(type_text(value.type)), json_of(value));
  } else if (options.hide_type) {
    fmt::print("{}\n", yaml_of(value));
  } else {
    fmt::print("{} value is: {}\n", type_text(value.type), yaml_of(value));
  }
  co_return 0;
}

void print(const RemoteParameters& parameters, const SetReport& report, bool json) {
  if (json) {
    fmt::print("{}\n", messages::to_json(report));
  } else if (report.successful) {
    fmt::print("Set parameter {} successful{}\n", report.name, report.reason.empty() ? "" : " (" + report.reason + ")");
  }
  if (!report.successful) {
    fmt::print(stderr, "takt: {}: set parameter {} failed: {}\n", parameters.node(), report.name, report.reason);
  }
}

/// The exit code.
async::Task<int> set_all(RemoteParameters parameters, std::vector<Parameter> wanted, bool json) {
  co_await parameters.wait();
  const auto results = co_await parameters.set(wanted);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const SetReport report{.name = wanted[i].name, .successful = results[i].successful, .reason = results[i].reason};
    print(parameters, report, json);
  }
  const bool all = std::ranges::all_of(results, [](const auto& result) { return result.successful; });
  co_return all ? 0 : 1;
}

async::Task<int> set(BusSession& session, const ParamOptions& options) {
  auto value = parse_parameter(options.value);
  if (!value) {
    throw ConfigError("VALUE", 0, "", value.error());
  }
  std::vector<Parameter> wanted;
  wanted.push_back({.name = options.name, .value = std::move(*value)});
  co_return co_await set_all(parameters_of(session, options, options.node), std::move(wanted), options.bus.json);
}

std::string json_object(const std::vector<Parameter>& parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) {
    text += (text.empty() ? "" : ",") + messages::to_json(parameter.name) + ":" + json_of(parameter.value);
  }
  return "{" + text + "}";
}

async::Task<int> dump(BusSession& session, const ParamOptions& options) {
  RemoteParameters parameters = parameters_of(session, options, options.node);
  co_await parameters.wait();
  auto names = co_await parameters.names();
  const auto all = co_await parameters.get(std::move(names));
  if (options.bus.json) {
    fmt::print("{}\n", json_object(all));
  } else {
    fmt::print("{}", parameter_file_text(parameters.node(), all));
  }
  co_return 0;
}

/// What the file has for the node; of several values for one name the last.
std::vector<Parameter> read_file(const std::string& file, const std::string& node) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    throw ConfigError(file, 0, "", "cannot be read");
  }
  std::vector<Parameter> wanted;
  for (FileParameter& one : parse_parameter_file(text, file)) {
    if (is_for_node(one.node, node)) {
      const auto before = std::ranges::find(wanted, one.parameter.name, &Parameter::name);
      Parameter& place = before == wanted.end() ? wanted.emplace_back() : *before;
      place = std::move(one.parameter);
    }
  }
  if (wanted.empty()) {
    throw ConfigError(file, 0, "", "has no parameters for the node " + node);
  }
  return wanted;
}

async::Task<int> load(BusSession& session, const ParamOptions& options) {
  RemoteParameters parameters = parameters_of(session, options, options.node);
  auto wanted = read_file(options.file, parameters.node());
  co_return co_await set_all(std::move(parameters), std::move(wanted), options.bus.json);
}

using Run = async::Task<int> (*)(BusSession&, const ParamOptions&);

Command run_param(const std::shared_ptr<ParamOptions>& options, Run run) {
  return [options, run] {
    return run_on_bus(options->bus, [options, run](BusSession& session) { return run(session, *options); });
  };
}

std::shared_ptr<ParamOptions> add_param_options(CLI::App& app) {
  const auto options = std::make_shared<ParamOptions>();
  app.add_option("NODE", options->node, "/talker")->required();
  add_bus_options(app, options->bus, "for the node, and each of its answers; default: 3");
  return options;
}

}  // namespace

Command add_param_list(CLI::App& app) {
  const auto options = std::make_shared<ParamOptions>();
  app.add_option("NODE", options->node, "/talker; default: all nodes");
  app.add_flag("--include-hidden-nodes", options->hidden, "those, too, of whose names a part begins with '_'");
  add_bus_options(app, options->bus, "look around for at most so long, then for each answer; default: 3");
  return run_param(options, list);
}

Command add_param_get(CLI::App& app) {
  const auto options = add_param_options(app);
  app.add_option("NAME", options->name, "of the parameter")->required();
  app.add_flag("--hide-type", options->hide_type, "only the value");
  return run_param(options, get);
}

Command add_param_set(CLI::App& app) {
  const auto options = add_param_options(app);
  app.add_option("NAME", options->name, "of the parameter")->required();
  app.add_option("VALUE", options->value, R"(in YAML: 2.5, true, text, "17", [1, 2])")->required();
  return run_param(options, set);
}

Command add_param_dump(CLI::App& app) {
  return run_param(add_param_options(app), dump);
}

Command add_param_load(CLI::App& app) {
  const auto options = add_param_options(app);
  app.add_option("FILE", options->file, "a parameter file, as takt param dump writes it")->required();
  return run_param(options, load);
}

}  // namespace takt::app
