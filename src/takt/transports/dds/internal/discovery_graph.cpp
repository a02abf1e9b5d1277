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

/// "the publisher of /talker". Ends of no node are named by what there is.
std::string described(bool writer, const std::string& node, const std::string& otherwise) {
  return fmt::format("the {} of {}", writer ? "publisher" : "subscription", node.empty() ? otherwise : node);
}

bool is_among(const std::vector<Gid>& gids, const Guid& guid) {
  return std::ranges::find(gids, guid, &Gid::data) != gids.end();
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

std::string Discovery::node_of(const Guid& end, const Guid& participant) const {
  const auto found = participants_.find(participant);
  if (found == participants_.end()) {
    return {};
  }
  for (const NodeEntitiesInfo& node : found->second.nodes) {
    if (is_among(node.reader_gid_seq, end) || is_among(node.writer_gid_seq, end)) {
      return full_name(node);
    }
  }
  return {};
}

bus::Graph Discovery::graph() const {
  const std::vector<NodeEntitiesInfo> own = own_.nodes();
  bus::Graph graph;
  std::map<Guid, std::string> nodes;
  const std::lock_guard lock(mutex_);
  for (const auto& [guid, participant] : participants_) {
    collect(nodes, guid == self_ ? own : participant.nodes);
    for (const NodeEntitiesInfo& node : guid == self_ ? own : participant.nodes) {
      graph.nodes.push_back({.name = full_name(node), .enclave = participant.enclave});
    }
  }
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
  for (const auto& [guid, end] : ends_) {
    if (end.writer == local.writer || !end.settled || end.participant == self_ || end.topic != local.topic) {
      continue;
    }
    std::string why = qos_mismatch(local.writer ? local.qos : end.qos, local.writer ? end.qos : local.qos);
    if (end.type != local.type) {
      why = fmt::format("the types are {} and {}", type_from_dds(local.type), type_from_dds(end.type));
    } else if (!may_be_same(local.hash, end.hash)) {
      why = fmt::format("they have different types of the name {}: {} and {}", type_from_dds(local.type),
                        type_hash_entry(local.hash), type_hash_entry(end.hash));
    }
    if (!why.empty()) {
      result.push_back(
          {.peer = guid,
           .reason = fmt::format(
               "'{}': {} and {} do not match: {}", topic_from_dds(local.topic).name,
               described(local.writer, local.node, "this process"),
               described(end.writer, node_of(guid, end.participant), "the process " + service_id_text(guid)), why)});
    }
  }
  return result;
}

}  // namespace takt::dds
