#include "takt/node/internal/local_graph.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
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
    const auto count = counts_.try_emplace({endpoint.kind, endpoint.name}, 0).first;
    endpoints_.emplace(number, Endpoint{std::move(endpoint), count});
    ++count->second;
  }
  changed_.ring();
  return number;
}

void LocalGraph::remove(std::uint64_t endpoint) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = endpoints_.find(endpoint);
    const auto count = found->second.count;
    if (--count->second == 0) {
      counts_.erase(count);
    }
    endpoints_.erase(found);
  }
  changed_.ring();
}

std::size_t LocalGraph::count(bus::EndpointInfo::Kind kind, const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = counts_.find({kind, name});
  return found == counts_.end() ? 0 : found->second;
}

std::vector<std::shared_ptr<bus::Transport>> LocalGraph::shown_by() const {
  std::vector<std::shared_ptr<bus::Transport>> shown;
  const std::scoped_lock lock(mutex_);
  std::ranges::copy_if(watched_, std::back_inserter(shown), [](const auto& transport) {
    return bus::has(transport->capabilities(), bus::Capability::kGraph);
  });
  return shown;
}

bool LocalGraph::has_node(std::string_view name) const {
  const auto is_it = [&](const bus::NodeInfo& node) { return node.name == name; };
  {
    const std::scoped_lock lock(mutex_);
    if (std::ranges::any_of(nodes_, is_it, &Node::info)) {
      return true;
    }
  }
  return std::ranges::any_of(
      shown_by(), [&](const auto& transport) { return std::ranges::any_of(transport->graph().nodes, is_it); });
}

// A transport shows this bus's own nodes and endpoints as well: what belongs to a node of this bus is left out there. A
// remote node of the same name is hidden by that; ROS 2 forbids two nodes of one name.
bus::Graph LocalGraph::all() const {
  bus::Graph graph;
  std::set<std::string, std::less<>> local;
  {
    const std::scoped_lock lock(mutex_);
    for (const Node& node : nodes_) {
      graph.nodes.push_back(node.info);
      local.insert(node.info.name);
    }
    for (const auto& [number, endpoint] : endpoints_) {
      graph.endpoints.push_back(endpoint.info);
    }
  }
  std::set<std::string, std::less<>> known = local;
  for (const auto& transport : shown_by()) {
    const bus::Graph seen = transport->graph();
    std::ranges::copy_if(seen.endpoints, std::back_inserter(graph.endpoints),
                         [&](const bus::EndpointInfo& endpoint) { return !local.contains(endpoint.node); });
    for (const bus::NodeInfo& node : seen.nodes) {
      if (known.insert(node.name).second) {
        graph.nodes.push_back(node);
      }
    }
  }
  return graph;
}

}  // namespace takt::node::internal
