#include "takt/transports/dds/internal/node_table.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "takt/messages/cdr.hpp"
#include "takt/transports/dds/internal/qos.hpp"

namespace takt::dds {
namespace {

constexpr std::chrono::milliseconds kRetryPeriod(50);
constexpr std::size_t kMaxName = decltype(NodeEntitiesInfo::node_name)::kCapacity;

NodeEntitiesInfo node_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos || name.front() != '/' || slash + 1 == name.size()) {
    throw LogicError("dds: '" + name + "' is no fully qualified name of a node: /namespace/name");
  }
  if (name.size() > kMaxName) {
    throw LogicError("dds: the name '" + name + "' of a node is longer than " + std::to_string(kMaxName));
  }
  return {.node_namespace = slash == 0 ? std::string_view("/") : std::string_view(name).substr(0, slash),
          .node_name = std::string_view(name).substr(slash + 1),
          .reader_gid_seq = {},
          .writer_gid_seq = {}};
}

void append(std::vector<Gid>& gids, const std::vector<Guid>& guids) {
  for (const Guid& guid : guids) {
    gids.push_back({guid});
  }
}

void erase(std::vector<Gid>& gids, const std::vector<Guid>& guids) {
  std::erase_if(gids, [&](const Gid& gid) { return std::ranges::find(guids, gid.data) != guids.end(); });
}

}  // namespace

std::string full_name(const NodeEntitiesInfo& node) {
  const std::string_view space = node.node_namespace.view();
  return std::string(space) + (space.ends_with('/') ? "" : "/") + std::string(node.node_name.view());
}

NodeTable::NodeTable(const Guid& participant, WorkThread& retries, Write write)
    : participant_(participant), retries_(retries), write_(std::move(write)) {}

std::shared_ptr<NodeTable> NodeTable::make(dds_entity_t participant, WorkThread& retries) {
  auto writer = std::make_shared<RawWriter>(
      participant, std::string(kDiscoveryInfoTopic), std::string(kDiscoveryInfoType),
      writer_qos(bus::Qos::latched(), type_hash_entry(discovery_info_hash())).get(), RawEvents{});
  return std::make_shared<NodeTable>(guid_of(participant), retries,
                                     [writer](bus::Bytes message) { return writer->write(message); });
}

void NodeTable::add(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (implied_.erase(name) == 0) {
    nodes_.push_back(node_of(name));
  }
  tell();
}

void NodeTable::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto node = find(name); node != nodes_.end()) {
    nodes_.erase(node);
    implied_.erase(name);
    tell();
  }
}

void NodeTable::attach(const std::string& node, const Ends& ends) {
  const std::lock_guard lock(mutex_);
  if (!node.empty() && find(node) == nodes_.end()) {
    nodes_.push_back(node_of(node));
    implied_.insert(node);
  }
  if (const auto owner = find(node); owner != nodes_.end()) {
    append(owner->reader_gid_seq, ends.readers);
    append(owner->writer_gid_seq, ends.writers);
  }
  tell();  // without a node too: others wait with judging an endpoint until its participant has spoken
}

void NodeTable::detach(const std::string& node, const Ends& ends) {
  const std::lock_guard lock(mutex_);
  if (const auto owner = find(node); owner != nodes_.end()) {
    erase(owner->reader_gid_seq, ends.readers);
    erase(owner->writer_gid_seq, ends.writers);
    if (owner->reader_gid_seq.empty() && owner->writer_gid_seq.empty() && implied_.erase(node) != 0) {
      nodes_.erase(owner);
    }
    tell();
  }
}

std::vector<NodeEntitiesInfo> NodeTable::nodes() const {
  const std::lock_guard lock(mutex_);
  return nodes_;
}

std::vector<NodeEntitiesInfo>::iterator NodeTable::find(const std::string& name) {
  return std::ranges::find(nodes_, name, full_name);
}

void NodeTable::tell() {
  const ParticipantEntitiesInfo info{.gid = {participant_}, .node_entities_info_seq = nodes_};
  const auto told = write_(messages::to_cdr(info));
  if (told) {
    return;
  }
  if (gate_.pass(core::monotonic_now_ns())) {
    core::log(core::LogLevel::kWarning, "dds: what nodes this process has could not be told to the others");
  }
  if (told.error() == bus::SendError::kWouldBlock && !std::exchange(retrying_, true)) {
    retries_.post_after(kRetryPeriod, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->tell_again();
      }
    });
  }
}

void NodeTable::tell_again() {
  const std::lock_guard lock(mutex_);
  retrying_ = false;
  tell();
}

}  // namespace takt::dds
