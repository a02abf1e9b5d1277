#include "takt/transports/zmq/internal/directory.hpp"

#include <algorithm>

namespace takt::zmq::internal {
namespace {

void show(const Announcement& announcement, bus::Graph& graph) {
  if (announcement.kind == Kind::kNode) {
    graph.nodes.push_back({.name = announcement.name, .enclave = announcement.node});
  } else if (announcement.kind != Kind::kProcess) {
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
  if (remotes_.size() >= kMaxRemote) {
    return false;
  }
  remotes_.emplace(remote.id, remote);
  ++processes_[process_of(remote.id)].announcements;
  for (const auto& [id, local] : locals_) {
    match(local, remote, changes);
  }
  changes.graph = changes.graph || remote.kind != Kind::kProcess;
  return true;
}

void Directory::forget(const EndpointId& id, Changes& changes) {
  const auto known = remotes_.find(id);
  if (known == remotes_.end()) {
    return;
  }
  changes.graph = changes.graph || known->second.kind != Kind::kProcess;
  remotes_.erase(known);
  const auto process = processes_.find(process_of(id));
  if (--process->second.announcements == 0) {
    processes_.erase(process);
  }
  for (const auto& [own, local] : locals_) {
    unmatch(local, id, changes);
  }
}

void Directory::set_reachable(std::uint64_t process, Changes& changes) {
  const auto known = processes_.find(process);
  if (known == processes_.end() || known->second.reachable) {
    return;
  }
  known->second.reachable = true;
  for (const auto& [id, remote] : remotes_) {
    if (process_of(id) == process) {
      for (const auto& [own, local] : locals_) {
        match(local, remote, changes);
      }
    }
  }
}

std::vector<std::uint64_t> Directory::unreachable() const {
  std::vector<std::uint64_t> found;
  for (const auto& [number, process] : processes_) {
    if (!process.reachable) {
      found.push_back(number);
    }
  }
  return found;
}

std::size_t Directory::reachable_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(processes_, [](const auto& entry) { return entry.second.reachable; }));
}

const Announcement* Directory::remote(const EndpointId& id) const {
  const auto found = remotes_.find(id);
  return found == remotes_.end() ? nullptr : &found->second;
}

std::shared_ptr<Local> Directory::local(const EndpointId& id) const {
  const auto found = locals_.find(id);
  return found == locals_.end() ? nullptr : found->second;
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

bool Directory::is_within_reach(const Announcement& remote) const {
  if (remote.kind == Kind::kPublisher || remote.kind == Kind::kSubscription) {
    return true;
  }
  return processes_.at(process_of(remote.id)).reachable;
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
  if (!is_within_reach(remote)) {
    return;
  }
  local->matched.push_back(remote.id);
  ++local->total_matched;
  post_matched(local, changes);
  changes.matched.emplace_back(local, remote);
}

void Directory::unmatch(const std::shared_ptr<Local>& local, const EndpointId& remote, Changes& changes) {
  local->refused.erase(remote);
  if (std::erase(local->matched, remote) > 0) {
    post_matched(local, changes);
  }
}

void Directory::post_matched(const std::shared_ptr<Local>& local, Changes& changes) {
  local->gate.post_matched({.current = local->matched.size(), .total = local->total_matched});
  changes.to_tell.push_back(local);
}

}  // namespace takt::zmq::internal
