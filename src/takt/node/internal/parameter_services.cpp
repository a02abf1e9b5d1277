#include "takt/node/internal/parameter_services.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "takt/node/internal/make_entity.hpp"
#include "takt/node/internal/parameter_messages.hpp"
#include "takt/node/internal/service_core.hpp"

namespace takt::node::internal {
namespace {

using namespace rcl_interfaces;

constexpr std::uint32_t kDepth = 1000;  // ROS 2's for parameters and their events

template <class S, class F>
void serve_below(const std::shared_ptr<NodeCore>& node, const char* name, F handler) {
  using Core = ServiceCore<S>;
  ServiceOptions options;
  options.qos.depth = kDepth;
  make_entity<Core>(node, node->name() + "/" + name, typename Core::Function(std::move(handler)), options);
}

SetParametersResult result_of(const Expected<void, std::string>& done) {
  return {.successful = done.has_value(), .reason = done ? std::string() : done.error()};
}

/// What came as messages; the error names a type that there is not.
Expected<std::vector<node::Parameter>, std::string> parameters_of(
    const std::vector<rcl_interfaces::Parameter>& messages) {
  std::vector<node::Parameter> parameters;
  for (const auto& message : messages) {
    auto value = from_message(message.value);
    if (!value) {
      return Unexpected("parameter " + message.name + ": there is no type " + std::to_string(message.value.type));
    }
    parameters.push_back({message.name, std::move(*value)});
  }
  return parameters;
}

/// The part before the last '.' of each name, once.
std::vector<std::string> prefixes_of(const std::vector<std::string>& names) {
  std::vector<std::string> prefixes;
  for (const std::string& name : names) {
    const std::size_t dot = name.rfind('.');
    if (dot != std::string::npos && std::ranges::find(prefixes, name.substr(0, dot)) == prefixes.end()) {
      prefixes.push_back(name.substr(0, dot));
    }
  }
  return prefixes;
}

/// use(name) for each; nothing at all when one is not declared: so ROS 2 answers.
template <class Result, class Use>
std::vector<Result> of_each(const std::vector<std::string>& names, Use use) {
  std::vector<Result> results;
  try {
    for (const std::string& name : names) {
      results.push_back(use(name));
    }
  } catch (const LogicError&) {
    results.clear();
  }
  return results;
}

}  // namespace

ParameterServices::ParameterServices(const std::shared_ptr<NodeCore>& node, Parameters& parameters)
    : node_(node), parameters_(parameters) {
  PublisherOptions options;
  options.qos.depth = kDepth;
  options.weaken = true;
  events_ = make_entity<PublisherCore<ParameterEvent>>(node_, "/parameter_events", options);
  hook_ = parameters_.on_changed([this](const ParameterChange& change) { publish(change); });
}

void ParameterServices::publish(const ParameterChange& change) {
  if (!events_->destroyed()) {
    [[maybe_unused]] const auto sent = events_->publish({.stamp = to_message(node_->clock().now_ns()),
                                                         .node = node_->name(),
                                                         .new_parameters = to_messages(change.added),
                                                         .changed_parameters = to_messages(change.changed),
                                                         .deleted_parameters = to_messages(change.deleted)});
  }
}

void ParameterServices::serve() {
  serve_looks();
  serve_changes();
}

void ParameterServices::serve_looks() {
  Parameters& parameters = parameters_;
  serve_below<GetParameters>(node_, "get_parameters", [&parameters](const GetParameters::Request& request) {
    return GetParameters::Response{
        .values = of_each<rcl_interfaces::ParameterValue>(
            request.names, [&](const auto& name) { return to_message(parameters.get(name)); })};
  });
  serve_below<GetParameterTypes>(
      node_, "get_parameter_types", [&parameters](const GetParameterTypes::Request& request) {
        return GetParameterTypes::Response{.types = of_each<std::uint8_t>(request.names, [&](const auto& name) {
                                             return static_cast<std::uint8_t>(parameters.get(name).index());
                                           })};
      });
  serve_below<DescribeParameters>(
      node_, "describe_parameters", [&parameters](const DescribeParameters::Request& request) {
        return DescribeParameters::Response{
            .descriptors = of_each<rcl_interfaces::ParameterDescriptor>(request.names, [&](const auto& name) {
              return to_message(name, parameters.get(name), parameters.descriptor(name));
            })};
      });
  serve_below<ListParameters>(node_, "list_parameters", [&parameters](const ListParameters::Request& request) {
    ListParameters::Response response;
    response.result.names = parameters.list(request.prefixes, request.depth);
    response.result.prefixes = prefixes_of(response.result.names);
    return response;
  });
}

void ParameterServices::serve_changes() {
  Parameters& parameters = parameters_;
  serve_below<SetParameters>(node_, "set_parameters", [&parameters](const SetParameters::Request& request) {
    SetParameters::Response response;
    for (const auto& message : request.parameters) {
      const auto one = parameters_of({message});
      response.results.push_back(
          result_of(one ? parameters.set_atomically(*one) : Expected<void, std::string>(Unexpected(one.error()))));
    }
    return response;
  });
  serve_below<SetParametersAtomically>(
      node_, "set_parameters_atomically", [&parameters](const SetParametersAtomically::Request& request) {
        const auto all = parameters_of(request.parameters);
        return SetParametersAtomically::Response{
            .result = result_of(all ? parameters.set_atomically(*all)
                                    : Expected<void, std::string>(Unexpected(all.error())))};
      });
}

}  // namespace takt::node::internal
