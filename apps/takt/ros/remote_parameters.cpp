#include "remote_parameters.hpp"

#include <algorithm>

#include "takt/messages/packages/rcl_interfaces/parameter_services.hpp"

#include "parameter_value.hpp"

namespace takt::app {

using rcl_interfaces::GetParameters;
using rcl_interfaces::ListParameters;
using rcl_interfaces::SetParameters;

async::Task<void> RemoteParameters::wait() {
  session_.require_graph();
  const auto has_services = [this](const node::Graph& graph) {
    const auto has = [&](const char* service) { return !graph.servers(node_ + service).empty(); };
    return has("/list_parameters") && has("/get_parameters") && has("/set_parameters");
  };
  const bool is_there = co_await session_.wait_for(has_services, limit_);
  if (!is_there) {
    throw DeviceError("there is no node " + node_ + " that shows its parameters; takt node list says who is there");
  }
}

async::Task<std::vector<std::string>> RemoteParameters::names() {
  ListParameters::Request all;
  auto response = co_await call<ListParameters>("list_parameters", std::move(all));
  std::ranges::sort(response.result.names);
  co_return std::move(response.result.names);
}

// Nodes answer nothing at all when they lack one of those that they are asked for: then each is asked for alone.
async::Task<std::vector<RemoteParameters::Parameter>> RemoteParameters::get(std::vector<std::string> names) {
  GetParameters::Request request;
  request.names = names;
  auto response = co_await call<GetParameters>("get_parameters", std::move(request));
  std::vector<Parameter> parameters;
  if (response.values.size() == names.size()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      parameters.push_back({.name = std::move(names[i]), .value = std::move(response.values[i])});
    }
  } else if (names.size() == 1) {
    parameters.push_back({.name = std::move(names[0]), .value = {}});
  } else {
    for (const std::string& name : names) {
      std::vector<std::string> one;
      one.push_back(name);
      auto found = co_await get(std::move(one));
      parameters.push_back(std::move(found.front()));
    }
  }
  co_return parameters;
}

async::Task<std::vector<RemoteParameters::SetResult>> RemoteParameters::set(std::vector<Parameter> parameters) {
  std::vector<std::string> names;
  std::ranges::transform(parameters, std::back_inserter(names), &Parameter::name);
  const auto now = co_await get(std::move(names));
  SetParameters::Request request;
  std::vector<SetResult> results(parameters.size(), SetResult{.successful = true, .reason = "unchanged"});
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].value = converted(std::move(parameters[i].value), now[i].value.type);
    if (parameters[i].value != now[i].value) {
      request.parameters.push_back(parameters[i]);
      asked.push_back(i);
    }
  }
  if (asked.empty()) {
    co_return results;
  }
  auto response = co_await call<SetParameters>("set_parameters", std::move(request));
  if (response.results.size() != asked.size()) {
    throw DeviceError(node_ + "/set_parameters answered for " + std::to_string(response.results.size()) + " of " +
                      std::to_string(asked.size()) + " parameters");
  }
  for (std::size_t i = 0; i < asked.size(); ++i) {
    results[asked[i]] = std::move(response.results[i]);
  }
  co_return results;
}

}  // namespace takt::app
