#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/bus/transport.hpp"

namespace takt::node {

/// What can be seen from a node: all nodes and endpoints of its bus, and those of others that the transports have
/// discovered, as they were when it was asked for. A value.
class Graph {
 public:
  using Kind = bus::EndpointInfo::Kind;
  /// Types by name of topic, service or action; several types where programs disagree.
  using NamesAndTypes = std::map<std::string, std::set<std::string>>;

  explicit Graph(bus::Graph graph) : graph_(std::move(graph)) {}

  /// Names are fully qualified everywhere.
  [[nodiscard]] const std::vector<bus::NodeInfo>& nodes() const noexcept { return graph_.nodes; }
  [[nodiscard]] bool has_node(std::string_view name) const;
  [[nodiscard]] const std::vector<bus::EndpointInfo>& endpoints() const noexcept { return graph_.endpoints; }

  [[nodiscard]] NamesAndTypes topics() const;
  [[nodiscard]] NamesAndTypes services() const;
  [[nodiscard]] NamesAndTypes actions() const;

  [[nodiscard]] std::vector<bus::EndpointInfo> publishers(std::string_view topic) const;
  [[nodiscard]] std::vector<bus::EndpointInfo> subscriptions(std::string_view topic) const;
  [[nodiscard]] std::vector<bus::EndpointInfo> clients(std::string_view service) const;
  [[nodiscard]] std::vector<bus::EndpointInfo> servers(std::string_view service) const;

  /// What one node has of a kind.
  [[nodiscard]] NamesAndTypes of_node(std::string_view node, Kind kind) const;

 private:
  [[nodiscard]] std::vector<bus::EndpointInfo> named(std::string_view name, Kind kind) const;

  bus::Graph graph_;
};

}  // namespace takt::node
