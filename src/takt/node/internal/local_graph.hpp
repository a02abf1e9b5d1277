#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/node/internal/bells.hpp"

/// Internal to node.
namespace takt::node::internal {

class NodeCore;

/// The nodes and endpoints of one bus, and what its transports show of others. One per bus, shared by its nodes
/// (Bus::shared). Thread safe.
class LocalGraph {
 public:
  LocalGraph() = default;
  ~LocalGraph();
  LocalGraph(const LocalGraph&) = delete;
  LocalGraph& operator=(const LocalGraph&) = delete;

  /// Rings changed() from now on when these transports see a change. Those that are watched already are left out.
  void watch(const std::vector<std::shared_ptr<bus::Transport>>& transports);

  void add_node(const bus::NodeInfo& node, const std::shared_ptr<NodeCore>& core);
  void remove_node(const NodeCore& core) noexcept;
  [[nodiscard]] std::vector<std::shared_ptr<NodeCore>> nodes() const;

  /// @return what removes it again
  [[nodiscard]] std::uint64_t add(bus::EndpointInfo endpoint);
  void remove(std::uint64_t endpoint) noexcept;

  /// How many endpoints of this bus have that name. Whoever waits for some asks after every change: nothing is copied.
  [[nodiscard]] std::size_t count(bus::EndpointInfo::Kind kind, const std::string& name) const;
  /// Whether all() would show a node of that name.
  [[nodiscard]] bool has_node(std::string_view name) const;
  /// Everything: of this bus, and what the transports show of others.
  [[nodiscard]] bus::Graph all() const;

  /// Rung whenever all(), or how many match an endpoint of this bus, may be different.
  [[nodiscard]] Bells& changed() noexcept { return changed_; }

 private:
  /// The transports that have a graph.
  [[nodiscard]] std::vector<std::shared_ptr<bus::Transport>> shown_by() const;

  using Counts = std::map<std::pair<bus::EndpointInfo::Kind, std::string>, std::size_t>;  // of that kind and name
  struct Endpoint {
    bus::EndpointInfo info;
    Counts::iterator count;
  };
  struct Node {
    bus::NodeInfo info;
    const NodeCore* key{nullptr};  // two nodes may have one name
    std::weak_ptr<NodeCore> core;
  };

  mutable std::mutex mutex_;
  std::vector<Node> nodes_;
  std::map<std::uint64_t, Endpoint> endpoints_;
  Counts counts_;
  std::uint64_t next_{1};
  std::vector<std::shared_ptr<bus::Transport>> watched_;  // with the bus
  Bells changed_;
};

}  // namespace takt::node::internal
