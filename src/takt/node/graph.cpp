#include "takt/node/graph.hpp"

#include <algorithm>
#include <iterator>

namespace takt::node {
namespace {

bool is_topic(Graph::Kind kind) noexcept {
  return kind == Graph::Kind::kPublisher || kind == Graph::Kind::kSubscription;
}

/// What follows a name that belongs to an action, and to its type.
constexpr std::string_view kFeedback = "/_action/feedback";
constexpr std::string_view kFeedbackType = "_FeedbackMessage";

}  // namespace

bool Graph::has_node(std::string_view name) const {
  return std::ranges::any_of(graph_.nodes, [&](const bus::NodeInfo& node) { return node.name == name; });
}

Graph::NamesAndTypes Graph::topics() const {
  NamesAndTypes found;
  for (const bus::EndpointInfo& endpoint : graph_.endpoints) {
    if (is_topic(endpoint.kind)) {
      found[endpoint.name].insert(endpoint.type.name);
    }
  }
  return found;
}

Graph::NamesAndTypes Graph::services() const {
  NamesAndTypes found;
  for (const bus::EndpointInfo& endpoint : graph_.endpoints) {
    if (!is_topic(endpoint.kind)) {
      found[endpoint.name].insert(endpoint.type.name);
    }
  }
  return found;
}

// An action shows by its feedback topic, whose type is called after it.
Graph::NamesAndTypes Graph::actions() const {
  NamesAndTypes found;
  for (const bus::EndpointInfo& endpoint : graph_.endpoints) {
    std::string_view name = endpoint.name;
    std::string_view type = endpoint.type.name;
    if (!is_topic(endpoint.kind) || !name.ends_with(kFeedback)) {
      continue;
    }
    name.remove_suffix(kFeedback.size());
    if (type.ends_with(kFeedbackType)) {
      type.remove_suffix(kFeedbackType.size());
    }
    found[std::string(name)].insert(std::string(type));
  }
  return found;
}

std::vector<bus::EndpointInfo> Graph::named(std::string_view name, Kind kind) const {
  std::vector<bus::EndpointInfo> found;
  std::ranges::copy_if(graph_.endpoints, std::back_inserter(found), [&](const bus::EndpointInfo& endpoint) {
    return endpoint.kind == kind && endpoint.name == name;
  });
  return found;
}

std::vector<bus::EndpointInfo> Graph::publishers(std::string_view topic) const {
  return named(topic, Kind::kPublisher);
}
std::vector<bus::EndpointInfo> Graph::subscriptions(std::string_view topic) const {
  return named(topic, Kind::kSubscription);
}
std::vector<bus::EndpointInfo> Graph::clients(std::string_view service) const {
  return named(service, Kind::kClient);
}
std::vector<bus::EndpointInfo> Graph::servers(std::string_view service) const {
  return named(service, Kind::kServer);
}

Graph::NamesAndTypes Graph::of_node(std::string_view node, Kind kind) const {
  NamesAndTypes found;
  for (const bus::EndpointInfo& endpoint : graph_.endpoints) {
    if (endpoint.kind == kind && endpoint.node == node) {
      found[endpoint.name].insert(endpoint.type.name);
    }
  }
  return found;
}

}  // namespace takt::node
