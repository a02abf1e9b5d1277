#include "takt/transports/zmq/internal/directory.hpp"

#include <algorithm>

namespace takt::zmq::internal {
namespace {

void show(const Announcement& announcement, bus::Graph& graph) {
  if (announcement.kind == Kind::kNode) {
    graph.nodes.push_back({.name = announcement.name, .enclave = announcement.node});
  } else {
    graph.endpoints.push_back(info_of(announcement));
  }
}

}  // namespace

void Directory::add(const std::shared_ptr<Local>& local, Changes& changes) {
  locals_.emplace(local->is.id, local);
  for (const auto& [id, remote] : remotes_) {
    match(local, remote, changes);
  }
  changes.graph = true;
}

void Directory::remove(const std::shared_ptr<Local>& local, Changes& changes) {
  locals_.erase(local->is.id);
  changes.graph = true;
}

void Directory::add_node(const Announcement& node, Changes& changes) {
  nodes_.push_back(node);
  changes.graph = true;
}

std::optional<Announcement> Directory::remove_node(const std::string& name, Changes& changes) {
  const auto found = std::ranges::find(nodes_, name, &Announcement::name);
  if (found == nodes_.end()) {
    return std::nullopt;
  }
  std::optional<Announcement> removed(std::move(*found));
  nodes_.erase(found);
  changes.graph = true;
  return removed;
}

bool Directory::learn(const Announcement& remote, Changes& changes) {
  if (process_of(remote.id) == process_ || remotes_.contains(remote.id)) {
    return true;
  }
  if (remotes_.size() >= kMaxRemote || count_of(process_of(remote.id)) >= kMaxOfProcess) {
    return false;
  }
  remotes_.emplace(remote.id, remote);
  ++counts_[process_of(remote.id)];
  for (const auto& [id, local] : locals_) {
    match(local, remote, changes);
  }
  changes.graph = true;
  return true;
}

void Directory::forget(const EndpointId& id, Changes& changes) {
  if (remotes_.erase(id) == 0) {
    return;
  }
  if (const auto count = counts_.find(process_of(id)); --count->second == 0) {
    counts_.erase(count);
  }
  changes.graph = true;
  for (const auto& [own, local] : locals_) {
    unmatch(local, id, changes);
  }
}

void Directory::forget_process(std::uint64_t process, Changes& changes) {
  std::vector<EndpointId> gone;
  for (const auto& [id, remote] : remotes_) {
    if (process_of(id) == process) {
      gone.push_back(id);
    }
  }
  for (const EndpointId& id : gone) {
    forget(id, changes);
  }
}

std::shared_ptr<Local> Directory::local(const EndpointId& id) const {
  const auto found = locals_.find(id);
  return found == locals_.end() ? nullptr : found->second;
}

std::size_t Directory::count_of(std::uint64_t process) const {
  const auto found = counts_.find(process);
  return found == counts_.end() ? 0 : found->second;
}

bus::Graph Directory::graph() const {
  bus::Graph graph;
  for (const Announcement& node : nodes_) {
    show(node, graph);
  }
  for (const auto& [id, local] : locals_) {
    show(local->is, graph);
  }
  for (const auto& [id, remote] : remotes_) {
    show(remote, graph);
  }
  return graph;
}

void Directory::match(const std::shared_ptr<Local>& local, const Announcement& remote, Changes& changes) {
  if (!belong_together(local->is, remote) || std::ranges::find(local->matched, remote.id) != local->matched.end()) {
    return;
  }
  if (auto mismatch = find_mismatch(local->is, remote)) {
    if (local->refused.insert(remote.id).second) {
      local->gate.post_incompatible(std::move(*mismatch));
      changes.to_tell.push_back(local);
    }
    return;
  }
  local->matched.push_back(remote.id);
  ++local->total_matched;
  post_matched(local, changes);
  changes.matched.emplace_back(local, remote);
}

void Directory::unmatch(const std::shared_ptr<Local>& local, const EndpointId& remote, Changes& changes) {
  local->refused.erase(remote);
  if (!local->matched.empty() && local->matched.front() == remote) {
    local->asked_from = local->sequence + 1;
  }
  if (std::erase(local->matched, remote) > 0) {
    post_matched(local, changes);
    changes.unmatched.emplace_back(local, remote);
  }
}

void Directory::post_matched(const std::shared_ptr<Local>& local, Changes& changes) {
  local->gate.post_matched({.current = local->matched.size(), .total = local->total_matched});
  changes.to_tell.push_back(local);
}

}  // namespace takt::zmq::internal
