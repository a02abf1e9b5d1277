#include "takt/node/internal/local_graph.hpp"

#include <algorithm>
#include <utility>

namespace takt::node::internal {

LocalGraph::~LocalGraph() {
  for (const auto& transport : watched_) {
    if (bus::has(transport->capabilities(), bus::Capability::kGraph)) {
      transport->watch_graph({});
    }
  }
}

void LocalGraph::watch(const std::vector<std::shared_ptr<bus::Transport>>& transports) {
  for (const auto& transport : transports) {
    {
      const std::scoped_lock lock(mutex_);
      if (std::ranges::find(watched_, transport) != watched_.end()) {
        continue;
      }
      watched_.push_back(transport);
    }
    if (bus::has(transport->capabilities(), bus::Capability::kGraph)) {
      transport->watch_graph([this] { changed_.ring(); });
    }
  }
}

void LocalGraph::add_node(const bus::NodeInfo& node, const std::shared_ptr<NodeCore>& core) {
  {
    const std::scoped_lock lock(mutex_);
    nodes_.push_back({node, core.get(), core});
  }
  changed_.ring();
}

void LocalGraph::remove_node(const NodeCore& core) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(nodes_, [&](const Node& node) { return node.key == &core; });
  }
  changed_.ring();
}

std::vector<std::shared_ptr<NodeCore>> LocalGraph::nodes() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<NodeCore>> cores;
  for (const Node& node : nodes_) {
    if (auto core = node.core.lock()) {
      cores.push_back(std::move(core));
    }
  }
  return cores;
}

std::uint64_t LocalGraph::add(bus::EndpointInfo endpoint) {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = next_++;
    endpoints_.emplace(number, std::move(endpoint));
  }
  changed_.ring();
  return number;
}

void LocalGraph::remove(std::uint64_t endpoint) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    endpoints_.erase(endpoint);
  }
  changed_.ring();
}

std::vector<bus::EndpointInfo> LocalGraph::local(bus::EndpointInfo::Kind kind, std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  std::vector<bus::EndpointInfo> found;
  for (const auto& [number, endpoint] : endpoints_) {
    if (endpoint.kind == kind && endpoint.name == name) {
      found.push_back(endpoint);
    }
  }
  return found;
}

// A transport shows this bus's own nodes and endpoints as well: what belongs to a node of this bus is left out there. A
// remote node of the same name is hidden by that; ROS 2 forbids two nodes of one name.
bus::Graph LocalGraph::all() const {
  bus::Graph graph;
  std::vector<std::shared_ptr<bus::Transport>> transports;
  {
    const std::scoped_lock lock(mutex_);
    for (const Node& node : nodes_) {
      graph.nodes.push_back(node.info);
    }
    for (const auto& [number, endpoint] : endpoints_) {
      graph.endpoints.push_back(endpoint);
    }
    transports = watched_;
  }
  const auto local_nodes = static_cast<std::ptrdiff_t>(graph.nodes.size());
  const auto is_local = [&](const std::string& name) {
    return std::any_of(graph.nodes.begin(), graph.nodes.begin() + local_nodes,
                       [&](const bus::NodeInfo& node) { return node.name == name; });
  };
  for (const auto& transport : transports) {
    if (!bus::has(transport->capabilities(), bus::Capability::kGraph)) {
      continue;
    }
    const bus::Graph seen = transport->graph();
    std::ranges::copy_if(seen.endpoints, std::back_inserter(graph.endpoints),
                         [&](const bus::EndpointInfo& endpoint) { return !is_local(endpoint.node); });
    for (const bus::NodeInfo& node : seen.nodes) {
      if (std::ranges::none_of(graph.nodes, [&](const bus::NodeInfo& known) { return known.name == node.name; })) {
        graph.nodes.push_back(node);
      }
    }
  }
  return graph;
}

}  // namespace takt::node::internal
