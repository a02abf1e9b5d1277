#include <algorithm>

#include <fmt/format.h>

#include "takt/transports/dds/internal/discovery.hpp"
#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/qos.hpp"

// What is asked of the tables of Discovery.
namespace takt::dds {
namespace {

/// What a topic of DDS is in the graph; nothing when it is not one of ROS, or the other half of a service.
std::optional<bus::EndpointInfo> shown(bool writer, const std::string& topic, const std::string& type) {
  using Kind = bus::EndpointInfo::Kind;
  RosTopic ros = topic_from_dds(topic);
  bus::EndpointInfo info;
  info.name = std::move(ros.name);
  info.type.name = type_from_dds(type);
  if (ros.kind == RosTopic::Kind::kTopic) {
    info.kind = writer ? Kind::kPublisher : Kind::kSubscription;
    return info;
  }
  if (!writer || ros.kind == RosTopic::Kind::kOther) {
    return std::nullopt;
  }
  info.kind = ros.kind == RosTopic::Kind::kRequest ? Kind::kClient : Kind::kServer;
  info.type.name = service_of_type(info.type.name);
  return info;
}

/// "publisher of /talker", "subscription of no node (01.10.…)".
std::string described(bool writer, const std::string& node, const Guid& id) {
  return fmt::format("the {} of {}", writer ? "publisher" : "subscription",
                     node.empty() ? fmt::format("no node ({})", service_id_text(id)) : node);
}

void collect(std::map<Guid, std::string>& result, const std::vector<NodeEntitiesInfo>& nodes) {
  for (const NodeEntitiesInfo& node : nodes) {
    for (const auto* gids : {&node.reader_gid_seq, &node.writer_gid_seq}) {
      for (const Gid& gid : *gids) {
        result.emplace(gid.data, full_name(node));
      }
    }
  }
}

}  // namespace

Discovery::NodeOfEnd Discovery::nodes_of_ends(const std::vector<NodeEntitiesInfo>& own) const {
  NodeOfEnd result;
  collect(result, own);
  for (const auto& [guid, participant] : participants_) {
    collect(result, participant.nodes);
  }
  return result;
}

bus::Graph Discovery::graph() const {
  const std::vector<NodeEntitiesInfo> own = own_.nodes();
  bus::Graph graph;
  const std::lock_guard lock(mutex_);
  for (const auto& [guid, participant] : participants_) {
    for (const NodeEntitiesInfo& node : guid == self_ ? own : participant.nodes) {
      graph.nodes.push_back({.name = full_name(node), .enclave = participant.enclave});
    }
  }
  const NodeOfEnd nodes = nodes_of_ends(own);
  for (const auto& [guid, end] : ends_) {
    if (std::optional<bus::EndpointInfo> info = shown(end.writer, end.topic, end.type)) {
      const auto node = nodes.find(guid);
      info->node = node == nodes.end() ? "" : node->second;
      info->type.hash =
          info->kind == bus::EndpointInfo::Kind::kPublisher || info->kind == bus::EndpointInfo::Kind::kSubscription
              ? end.hash
              : TypeHash{};
      info->qos = end.qos;
      info->id = guid;
      graph.endpoints.push_back(std::move(*info));
    }
  }
  return graph;
}

std::vector<Mismatch> Discovery::mismatches(const LocalEnd& local) const {
  std::vector<Mismatch> result;
  const std::lock_guard lock(mutex_);
  const NodeOfEnd nodes = nodes_of_ends({});
  for (const auto& [guid, end] : ends_) {
    if (end.writer == local.writer || !end.settled || end.participant == self_ || end.topic != local.topic) {
      continue;
    }
    std::string why = end.type == local.type
                          ? qos_mismatch(local.writer ? local.qos : end.qos, local.writer ? end.qos : local.qos)
                          : fmt::format("the types are {} and {}", type_from_dds(local.type), type_from_dds(end.type));
    if (!why.empty()) {
      const auto node = nodes.find(guid);
      result.push_back(
          {.peer = guid,
           .reason = fmt::format("'{}': {} and {} do not match: {}", topic_from_dds(local.topic).name,
                                 described(local.writer, local.node, Guid{}),
                                 described(end.writer, node == nodes.end() ? "" : node->second, guid), why)});
    }
  }
  return result;
}

}  // namespace takt::dds
